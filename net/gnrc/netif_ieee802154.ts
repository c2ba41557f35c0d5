// Interfaces over IEEE 802.15.4: MAC headers to and from netif headers (RIOT sys/net/gnrc/netif/ieee802154).
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { EBADMSG, EINVAL } from '../../kernel/errno.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import type { stack_t } from '../../kernel/thread_t.ts';
import type { netdev_rx_info_t, netdev_t } from '../netdev.ts';
import { quirk } from '../quirks.ts';
import { IEEE802154_FCF_FRAME_PEND, IEEE802154_FCF_SECURITY_EN, IEEE802154_FCF_TYPE_DATA, IEEE802154_FCF_TYPE_MASK,
  IEEE802154_LONG_ADDRESS_LEN, IEEE802154_MAX_HDR_LEN, IEEE802154_MIN_FRAME_LEN, IEEE802154_SHORT_ADDRESS_LEN,
  type Ieee802154Repr, NO_ADDRESS, emitIeee802154, ieee802154_addr_bcast } from '../wire/ieee802154.ts';
import { drop } from './drop.ts';
import { ieee802154_get_dst_len, ieee802154_get_frame_hdr_len, ieee802154_get_seq, ieee802154_get_src_len,
  ieee802154_src_offset } from './ieee802154.ts';
import { l2filter_pass } from './l2filter.ts';
import type { gnrc_netapi_opt_t } from './netapi.ts';
import { NETDEV_IEEE802154_ACK_REQ, type netdev_ieee802154_t } from './netdev_ieee802154.ts';
import { gnrc_netif_create, gnrc_netif_default_init } from './netif.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MORE_DATA, GNRC_NETIF_HDR_FLAGS_MULTICAST,
  GNRC_NETIF_HDR_SIZE, gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr,
  gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif, type gnrc_netif_hdr_t } from './netif_hdr.ts';
import { gnrc_netif_get_from_netdev, gnrc_netif_set_from_netdev } from './netif_opt.ts';
import { GNRC_NETIF_FLAGS_RAWMODE, type gnrc_netif_ops_t, type gnrc_netif_t } from './netif_t.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF } from './nettype.ts';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release,
  gnrc_pktbuf_remove_snip } from './pktbuf.ts';

/** Frame type and security bit: of a usual frame this is IEEE802154_FCF_TYPE_DATA. */
const UNUSUAL_MASK = IEEE802154_FCF_TYPE_MASK | IEEE802154_FCF_SECURITY_EN;
/** Frame version in the second byte of the frame control field. */
const VERSION_MASK = 0x30;
const VERSION_2006 = 0x10;
/** Where the destination address stands. */
const DST_AT = IEEE802154_MIN_FRAME_LEN + 2;

/** Where the header of a frame to be sent is made, and where a device tells of a received one. */
const statics = perBoard(() => ({
  mhr: new Uint8Array(IEEE802154_MAX_HDR_LEN),
  repr: {
    frameType: IEEE802154_FCF_TYPE_DATA, version: 1, framePending: false, ackRequest: false, seq: 0,
    dstPan: 0, dst: NO_ADDRESS, srcPan: 0, src: NO_ADDRESS, headerLength: 0,
  } satisfies Ieee802154Repr as Ieee802154Repr,
  info: { rssi: 0, lqi: 0 } satisfies netdev_rx_info_t as netdev_rx_info_t,
}), { bytes: 0 });

/** A network device with the part that all IEEE 802.15.4 devices have. */
export interface Ieee802154Netdev extends netdev_t {
  readonly dev: netdev_ieee802154_t;
}

/**
 * Makes an interface over an IEEE 802.15.4 device; see gnrc_netif_create().
 * @returns 0, or a negative errno from the device
 */
export function gnrc_netif_ieee802154_create(
  netif: gnrc_netif_t, stack: stack_t, stacksize: number, priority: number, name: string,
  dev: Ieee802154Netdev,
): Blocking<number> {
  return gnrc_netif_create(netif, stack, stacksize, priority, name, dev, new Ieee802154Ops(dev));
}

class Ieee802154Ops implements gnrc_netif_ops_t {
  private readonly dev: Ieee802154Netdev;
  /** Module gnrc_netif_dedup. */
  private readonly dedup = current().modules.has('gnrc_netif_dedup');
  private own = NO_ADDRESS;

  constructor(dev: Ieee802154Netdev) {
    this.dev = dev;
  }

  init(netif: gnrc_netif_t): Blocking<number> {
    return gnrc_netif_default_init(netif);
  }

  send(netif: gnrc_netif_t, pkt: gnrc_pktsnip_t): number {
    if (pkt.type !== GNRC_NETTYPE_NETIF) return -EBADMSG;
    const { dev } = this.dev;
    const { mhr, repr } = statics();
    const hdr = gnrc_netif_hdr_of(pkt);
    const { flags } = hdr;
    const toAll = (flags & (GNRC_NETIF_HDR_FLAGS_BROADCAST | GNRC_NETIF_HDR_FLAGS_MULTICAST)) !== 0;
    repr.framePending = (flags & GNRC_NETIF_HDR_FLAGS_MORE_DATA) !== 0;
    repr.ackRequest = (dev.flags & NETDEV_IEEE802154_ACK_REQ) !== 0;
    repr.dstPan = dev.pan;
    repr.srcPan = dev.pan;
    repr.dst = toAll ? ieee802154_addr_bcast : gnrc_netif_hdr_get_dst_addr(hdr);
    repr.src = hdr.src_l2addr_len > 0 ? gnrc_netif_hdr_get_src_addr(hdr) : this.ownAddress(netif);
    // The number is used up even if the device then turns out to be busy.
    repr.seq = dev.seq;
    dev.seq = (dev.seq + 1) & 0xff;
    if (!isAddress(repr.dst) || !isAddress(repr.src) || repr.dst.length + repr.src.length === 0) {
      const lengths = `${repr.dst.length} or ${repr.src.length}`;
      undefined_on_riot(`${this.dev.name}: an address of ${lengths} bytes; packet dropped`);
      return -EINVAL;
    }
    const length = emitIeee802154(repr, mhr, 0);
    if (toAll) netif.stats.tx_mcast_count++;
    else netif.stats.tx_unicast_count++;
    return this.dev.send(mhr, length, pkt.next);
  }

  *recv(netif: gnrc_netif_t): Blocking<gnrc_pktsnip_t | null> {
    const { info } = statics();
    const expected = this.dev.recv_len();
    const pkt = expected < IEEE802154_MIN_FRAME_LEN ? null : gnrc_pktbuf_add(null, null, expected, GNRC_NETTYPE_UNDEF);
    if (pkt === null) {
      if (expected > 0) {
        drop('netif', expected < IEEE802154_MIN_FRAME_LEN ? 'truncated' : 'pktbuf-full', expected);
        this.dev.recv(null, expected, info);
      }
      return null;
    }
    const nread = this.dev.recv(gnrc_pkt_bytes(pkt), expected, info);
    const { rssi, lqi } = info;
    const acknowledge = this.dev.recv_done();
    if (acknowledge !== undefined) yield* acknowledge;
    if (nread <= 0) return discard(pkt, 'not-read');
    netif.stats.rx_count++;
    netif.stats.rx_bytes += nread;
    if ((netif.flags & GNRC_NETIF_FLAGS_RAWMODE) !== 0) return raw(netif, pkt, nread, rssi, lqi);
    return this.toPacket(netif, pkt, nread, rssi, lqi);
  }

  /** A view of the interface's address, made anew when its length has changed. */
  private ownAddress(netif: gnrc_netif_t): Uint8Array {
    if (this.own.length !== netif.l2addr_len) this.own = netif.l2addr.subarray(0, netif.l2addr_len);
    return this.own;
  }

  get(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
    return gnrc_netif_get_from_netdev(netif, opt);
  }

  set(netif: gnrc_netif_t, opt: gnrc_netapi_opt_t): Blocking<number> {
    return gnrc_netif_set_from_netdev(netif, opt);
  }

  /** Takes the MAC header off, and puts the netif header that tells the same behind the payload. */
  private toPacket(
    netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, nread: number, rssi: number, lqi: number,
  ): gnrc_pktsnip_t | null {
    const frame = gnrc_pkt_bytes(pkt);
    if ((frame[0]! & UNUSUAL_MASK) !== IEEE802154_FCF_TYPE_DATA || (frame[1]! & VERSION_MASK) > VERSION_2006) {
      const reason = misfit(frame[0]!, frame[1]!);
      if (reason !== null) return discard(pkt, reason);
    }
    const length = ieee802154_get_frame_hdr_len(frame);
    if (length === 0) return discard(pkt, 'bad-mac-header');
    if (nread < length) return discard(pkt, 'truncated');
    const header = netifHeader(frame, nread);
    if (typeof header === 'string') return discard(pkt, header);
    const hdr = gnrc_netif_hdr_of(header);
    const refused = this.refuses(netif, hdr, frame);
    if (refused !== null) {
      gnrc_pktbuf_release(header);
      return discard(pkt, refused);
    }
    hdr.lqi = lqi;
    hdr.rssi = rssi;
    gnrc_netif_hdr_set_netif(hdr, netif);
    pkt.type = this.dev.dev.proto;
    const mhr = gnrc_pktbuf_mark(pkt, length, GNRC_NETTYPE_UNDEF);
    if (mhr === null) {
      gnrc_pktbuf_release(header);
      return discard(pkt, 'pktbuf-full');
    }
    gnrc_pktbuf_remove_snip(pkt, mhr);
    gnrc_pkt_append(pkt, header);
    gnrc_pktbuf_realloc_data(pkt, nread - length);
    return pkt;
  }

  /** What modules l2filter and gnrc_netif_dedup have against a frame; null: nothing. */
  private refuses(netif: gnrc_netif_t, hdr: gnrc_netif_hdr_t, frame: Uint8Array): string | null {
    const { filter } = this.dev.dev;
    if (filter !== null && !l2filter_pass(filter, gnrc_netif_hdr_get_src_addr(hdr), hdr.src_l2addr_len)) {
      return 'l2filter';
    }
    return this.dedup && alreadyReceived(netif, hdr, ieee802154_get_seq(frame)) ? 'duplicate' : null;
  }
}

function isAddress(addr: Uint8Array): boolean {
  const { length } = addr;
  return length === IEEE802154_LONG_ADDRESS_LEN || length === IEEE802154_SHORT_ADDRESS_LEN || length === 0;
}

function discard(pkt: gnrc_pktsnip_t, reason: string): null {
  drop('netif', reason, pkt.size);
  gnrc_pktbuf_release(pkt);
  return null;
}

/** Raw mode: the frame goes up with its MAC header, and a netif header without addresses. */
function raw(
  netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, nread: number, rssi: number, lqi: number,
): gnrc_pktsnip_t | null {
  const header = gnrc_netif_hdr_build(null, 0, null, 0);
  if (header === null) return discard(pkt, 'pktbuf-full');
  const hdr = gnrc_netif_hdr_of(header);
  hdr.lqi = lqi;
  hdr.rssi = rssi;
  gnrc_netif_hdr_set_netif(hdr, netif);
  gnrc_pkt_append(pkt, header);
  gnrc_pktbuf_realloc_data(pkt, nread);
  return pkt;
}

/**
 * Why profile `rfc` drops a frame that RIOT takes, whatever its header says of its sort; null to take it.
 * @param fcf0 @param fcf1 the frame control field's bytes
 */
function misfit(fcf0: number, fcf1: number): string | null {
  if ((fcf0 & IEEE802154_FCF_TYPE_MASK) !== IEEE802154_FCF_TYPE_DATA && !quirk('mac-any-frame-type')) {
    return 'no-data-frame';
  }
  if ((fcf0 & IEEE802154_FCF_SECURITY_EN) !== 0 && !quirk('mac-security-bit-ignored')) return 'security-unsupported';
  if ((fcf1 & VERSION_MASK) > VERSION_2006 && !quirk('mac-frame-version-ignored')) return 'unsupported-frame-version';
  return null;
}

/** The netif header of a frame with its addresses, or why there is none. */
function netifHeader(frame: Uint8Array, length: number): gnrc_pktsnip_t | string {
  const srcLen = ieee802154_get_src_len(frame);
  if (srcLen === 0) return 'no-source-address';
  const srcAt = ieee802154_src_offset(frame);
  if (srcAt < 0) return 'bad-mac-header';
  // Beacons and ACKs may claim addresses that are not in their header.
  if (srcAt + srcLen > length) return 'truncated';
  const dstLen = ieee802154_get_dst_len(frame);
  const snip = gnrc_netif_hdr_build(null, srcLen, null, dstLen);
  if (snip === null) return 'pktbuf-full';
  const bytes = gnrc_pkt_bytes(snip);
  copyReversed(bytes, GNRC_NETIF_HDR_SIZE, frame, srcAt, srcLen);
  copyReversed(bytes, GNRC_NETIF_HDR_SIZE + srcLen, frame, DST_AT, dstLen);
  let flags = 0;
  if (dstLen === 2 && frame[DST_AT] === 0xff && frame[DST_AT + 1] === 0xff) flags |= GNRC_NETIF_HDR_FLAGS_BROADCAST;
  if ((frame[0]! & IEEE802154_FCF_FRAME_PEND) !== 0) flags |= GNRC_NETIF_HDR_FLAGS_MORE_DATA;
  gnrc_netif_hdr_of(snip).flags = flags;
  return snip;
}

/** Module gnrc_netif_dedup: whether the frame has the source and number of the one before; it is the last one then. */
function alreadyReceived(netif: gnrc_netif_t, hdr: gnrc_netif_hdr_t, seq: number): boolean {
  const { last_pkt } = netif;
  const src = gnrc_netif_hdr_get_src_addr(hdr);
  if (last_pkt.seq === seq && last_pkt.src.length === src.length && last_pkt.src.every((byte, i) => byte === src[i])) {
    return true;
  }
  last_pkt.seq = seq;
  last_pkt.src = src.slice();
  return false;
}

/** Addresses are little-endian on the air, and in the order they are printed everywhere else. */
function copyReversed(out: Uint8Array, offset: number, from: Uint8Array, fromOffset: number, length: number): void {
  for (let i = 0; i < length; i++) out[offset + i] = from[fromOffset + length - 1 - i]!;
}
