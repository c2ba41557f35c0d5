// Sending IPv6 packets in fragments (RIOT sys/include/net/gnrc/ipv6/ext/frag.h, module gnrc_ipv6_ext_frag; RFC 8200
// §4.5). The ipv6 thread sends itself a message for each fragment that is made, and one to go on.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { ENOMEM, ENOSPC } from '../../kernel/errno.ts';
import { msg_try_send } from '../../kernel/msg.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_uint32, random_uint32_range } from '../../kernel/random.ts';
import { net_config } from '../config.ts';
import { quirk } from '../quirks.ts';
import { put16 } from '../wire/bytes.ts';
import {
  emitIpv6Frag, IPV6_FRAG_HEADER_LEN, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
} from '../wire/ipv6.ts';
import { drop_pkt } from './drop.ts';
import { gnrc_ipv6_ext_build } from './ipv6_ext_build.ts';
import { gnrc_ipv6_ext_frag_stats } from './ipv6_ext_frag_stats.ts';
import { gnrc_ipv6_pid } from './netif_nib.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_UNDEF, PROTNUM_IPV6_EXT_FRAG,
  PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_RH, PROTNUM_RESERVED,
} from './nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_release, gnrc_pktbuf_start_write } from './pktbuf.ts';

/** Messages of the ipv6 thread to itself; content.ptr is a gnrc_ipv6_ext_frag_send_t, or the fragment. */
export const GNRC_IPV6_EXT_FRAG_CONTINUE = 0xfe01;
export const GNRC_IPV6_EXT_FRAG_SEND = 0xfe02;

/** Identifications of datagrams are 1 to this, exclusively, apart. */
const ID_STEP = 64;

/** A datagram that is being cut. */
export interface gnrc_ipv6_ext_frag_send_t {
  /** What is still to be sent; null in a free entry. */
  pkt: gnrc_pktsnip_t | null;
  /** The headers that every fragment has, a netif header first; null once they are used up. */
  per_frag: gnrc_pktsnip_t | null;
  id: number;
  path_mtu: number;
  /** Of what is sent next, in bytes. */
  offset: number;
}

const statics = perBoard(() => ({
  snd_bufs: Array.from({ length: net_config().CONFIG_GNRC_IPV6_EXT_FRAG_SEND_SIZE },
    (): gnrc_ipv6_ext_frag_send_t => ({ pkt: null, per_frag: null, id: 0, path_mtu: 0, offset: 0 })),
  last_id: 0,
  msg: new msg_t(),
}), { bytes: 28 });

/** Draws the first identification; when the ipv6 thread starts. */
export function gnrc_ipv6_ext_frag_init(): void {
  statics().last_id = random_uint32();
}

/**
 * Sends a packet in fragments; one that fits is sent as its only fragment.
 *
 * @param pkt       a netif header first, then the IPv6 header; consumed
 * @param path_mtu  bytes of the largest packet that may be sent
 */
export function* gnrc_ipv6_ext_frag_send_pkt(pkt: gnrc_pktsnip_t, path_mtu: number): Blocking<void> {
  const state = statics();
  const snd_buf = state.snd_bufs.find((entry) => entry.pkt === null);
  if (snd_buf === undefined) {
    gnrc_ipv6_ext_frag_stats().frag_full++;
    return drop_pkt('ipv6', 'fragment-send-buffer-full', pkt, ENOMEM);
  }
  const last = lastPerFragmentHeader(pkt);
  snd_buf.per_frag = pkt;
  snd_buf.pkt = last.next;
  last.next = null;
  snd_buf.id = state.last_id;
  state.last_id = (state.last_id + random_uint32_range(1, ID_STEP)) >>> 0;
  snd_buf.path_mtu = path_mtu;
  snd_buf.offset = 0;
  yield* gnrc_ipv6_ext_frag_send(snd_buf);
}

/** The last header up to the routing header, else the hop-by-hop options, else the IPv6 header. */
function lastPerFragmentHeader(pkt: gnrc_pktsnip_t): gnrc_pktsnip_t {
  let last = pkt;
  let nh = PROTNUM_RESERVED;
  for (let snip = pkt.next; snip !== null; snip = snip.next) {
    if (snip.type === GNRC_NETTYPE_IPV6) {
      last = snip;
      nh = gnrc_pkt_bytes(snip)[IPV6_OFFSET_NEXT_HEADER]!;
    } else if (snip.type === GNRC_NETTYPE_IPV6_EXT) {
      if (nh === PROTNUM_IPV6_EXT_HOPOPT || nh === PROTNUM_IPV6_EXT_RH) last = snip;
      nh = gnrc_pkt_bytes(snip)[0]!;
    } else {
      break;
    }
  }
  return last;
}

/** Makes the next fragment of a datagram, and has it sent. */
export function* gnrc_ipv6_ext_frag_send(snd_buf: gnrc_ipv6_ext_frag_send_t): Blocking<void> {
  if (snd_buf.per_frag === null) {
    // Its last full fragment had left it looking free, another datagram took it, and that one is sent.
    return undefined_on_riot('a datagram that is sent already is cut into fragments');
  }
  const isLast = isLastFragment(snd_buf);
  const fragment = buildFragment(snd_buf, isLast);
  if (fragment === null) return freeSendBuffer(snd_buf, 'pktbuf-full', ENOSPC);
  if (!(yield* tell(GNRC_IPV6_EXT_FRAG_SEND, fragment))) {
    drop_pkt('ipv6', 'queue-full', fragment);
    return freeSendBuffer(snd_buf, 'queue-full', ENOMEM);
  }
  if (isLast) snd_buf.pkt = null;
  else if (!(yield* tell(GNRC_IPV6_EXT_FRAG_CONTINUE, snd_buf))) freeSendBuffer(snd_buf, 'queue-full', ENOMEM);
}

function* tell(type: number, ptr: unknown): Blocking<boolean> {
  const { msg } = statics();
  msg.type = type;
  msg.content.ptr = ptr;
  return (yield* msg_try_send(msg, gnrc_ipv6_pid())) > 0;
}

function isLastFragment({ per_frag, pkt, path_mtu }: gnrc_ipv6_ext_frag_send_t): boolean {
  const length = gnrc_pkt_len(per_frag!.next) + IPV6_FRAG_HEADER_LEN + gnrc_pkt_len(pkt);
  // RIOT goes on to cut what fits exactly: where the MTU is a multiple of 8 nothing is left for the last fragment.
  return path_mtu > length || (path_mtu === length && !((path_mtu & 7) === 0 && quirk('ipv6-frag-empty-last')));
}

/** The next fragment, a netif header first; null without room for it. */
function buildFragment(snd_buf: gnrc_ipv6_ext_frag_send_t, isLast: boolean): gnrc_pktsnip_t | null {
  const headers = perFragmentHeaders(snd_buf, isLast);
  if (headers === null) return null;
  let last = headers;
  let ipv6 = headers;
  let remaining = snd_buf.path_mtu & 0xfff8;
  for (let snip = headers.next; snip !== null; snip = snip.next) {
    remaining -= snip.size;
    if (snip.type === GNRC_NETTYPE_IPV6) ipv6 = snip;
    last = snip;
  }
  const at = last.type === GNRC_NETTYPE_IPV6 ? IPV6_OFFSET_NEXT_HEADER : 0;
  const nextHeader = gnrc_pkt_bytes(last)[at]!;
  const header = gnrc_ipv6_ext_build(last, null, nextHeader, IPV6_FRAG_HEADER_LEN);
  if (header === null) {
    gnrc_pktbuf_release(headers);
    return null;
  }
  gnrc_pkt_bytes(last)[at] = PROTNUM_IPV6_EXT_FRAG;
  emitIpv6Frag({ nextHeader, offset: snd_buf.offset, more: !isLast, identification: snd_buf.id },
    gnrc_pkt_bytes(header), 0);
  if (!takePayload(snd_buf, header, remaining - IPV6_FRAG_HEADER_LEN, isLast)) {
    gnrc_pktbuf_release(headers);
    return null;
  }
  put16(gnrc_pkt_bytes(ipv6), IPV6_OFFSET_PAYLOAD_LENGTH, gnrc_pkt_len(ipv6.next));
  return headers;
}

/** The headers for one fragment: copies, and for the last fragment the headers themselves. */
function perFragmentHeaders(snd_buf: gnrc_ipv6_ext_frag_send_t, isLast: boolean): gnrc_pktsnip_t | null {
  const originals = snd_buf.per_frag!;
  if (isLast) {
    snd_buf.per_frag = null;
    return originals;
  }
  gnrc_pktbuf_hold(originals, 1);
  let head: gnrc_pktsnip_t | null = null;
  let last: gnrc_pktsnip_t | null = null;
  for (let snip: gnrc_pktsnip_t | null = originals; snip !== null; snip = last.next) {
    const own: gnrc_pktsnip_t | null = gnrc_pktbuf_start_write(snip);
    if (own === null) {
      gnrc_pktbuf_release(head ?? snip);
      return null;
    }
    head ??= own;
    if (last !== null) last.next = own;
    last = own;
  }
  return head;
}

/** Moves payload behind the fragment header: what is left, or as much as there is room for; false without memory. */
function takePayload(
  snd_buf: gnrc_ipv6_ext_frag_send_t, header: gnrc_pktsnip_t, room: number, isLast: boolean,
): boolean {
  let last = header;
  while ((room > 0 || isLast) && snd_buf.pkt !== null) {
    let part = snd_buf.pkt;
    if (isLast || part.size <= room) {
      snd_buf.pkt = part.next;
    } else {
      const marked = gnrc_pktbuf_mark(part, room, GNRC_NETTYPE_UNDEF);
      if (marked === null) return false;
      part.next = marked.next;
      part = marked;
    }
    part.next = null;
    last.next = part;
    last = part;
    room -= part.size;
    snd_buf.offset += part.size;
  }
  return true;
}

function freeSendBuffer(snd_buf: gnrc_ipv6_ext_frag_send_t, reason: string, err: number): void {
  if (snd_buf.per_frag !== null) gnrc_pktbuf_release(snd_buf.per_frag);
  if (snd_buf.pkt !== null) drop_pkt('ipv6', reason, snd_buf.pkt, err);
  snd_buf.per_frag = null;
  snd_buf.pkt = null;
}
