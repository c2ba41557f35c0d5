// The header that the interface puts on each packet, and expects on each (RIOT sys/include/net/gnrc/netif/hdr.h): link
// layer addresses, interface, RSSI and LQI. It lies in the data of a snip of type GNRC_NETTYPE_NETIF:
//
//    0         1         2        4       5     6      8               8 + src len
//   +---------+---------+--------+-------+-----+------+---------------+---------------+
//   | src len | dst len | if_pid | flags | lqi | rssi | src_l2addr    | dst_l2addr    |
//   +---------+---------+--------+-------+-----+------+---------------+---------------+
//
// With module gnrc_netif_timestamp 8 bytes more, at the end here, before the addresses in RIOT: nanoseconds.
import { current, perBoard } from '../../kernel/current.ts';
import { ENOENT } from '../../kernel/errno.ts';
import { puts } from '../../kernel/stdio.ts';
import { type kernel_pid_t, KERNEL_PID_UNDEF } from '../../kernel/thread_t.ts';
import { l2util_addr_to_str } from '../wire/addr.ts';
import { type gnrc_netif_t, gnrc_netif_get_by_pid } from './netif_t.ts';
import { GNRC_NETTYPE_NETIF } from './nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t, gnrc_pktsnip_search_type } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';

export const GNRC_NETIF_HDR_L2ADDR_MAX_LEN = 8;
/** INT16_MIN. */
export const GNRC_NETIF_HDR_NO_RSSI = -32768;
export const GNRC_NETIF_HDR_NO_LQI = 0;

/** Sending: to ffff. Received: it came to ffff. */
export const GNRC_NETIF_HDR_FLAGS_BROADCAST = 0x80;
/** Sending: to a group, which 802.15.4 does as broadcast. */
export const GNRC_NETIF_HDR_FLAGS_MULTICAST = 0x40;
/** The frame pending bit: more fragments of the datagram follow. */
export const GNRC_NETIF_HDR_FLAGS_MORE_DATA = 0x10;

/** The time of reception is known. */
export const GNRC_NETIF_HDR_FLAGS_TIMESTAMP = 0x08;

/** sizeof(gnrc_netif_hdr_t), without addresses and timestamp. */
export const GNRC_NETIF_HDR_SIZE = 8;

const TIMESTAMP_SIZE = 8;
const NS_PER_S = 1_000_000_000;

/** Bytes that the running board's headers have for a timestamp. */
const timestampSize = perBoard(
  () => (current().modules.has('gnrc_netif_timestamp') ? TIMESTAMP_SIZE : 0), { bytes: 0 });

const PID = 2;
const FLAGS = 4;
const LQI = 5;
const RSSI = 6;

/** A view of the header in `bytes`, which are the data of a snip: `new gnrc_netif_hdr_t(snip.data)`. */
export class gnrc_netif_hdr_t {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get src_l2addr_len(): number {
    return this.bytes[0]!;
  }

  set src_l2addr_len(len: number) {
    this.bytes[0] = len;
  }

  get dst_l2addr_len(): number {
    return this.bytes[1]!;
  }

  set dst_l2addr_len(len: number) {
    this.bytes[1] = len;
  }

  get if_pid(): kernel_pid_t {
    return this.bytes[PID]! | (this.bytes[PID + 1]! << 8);
  }

  set if_pid(pid: kernel_pid_t) {
    this.bytes[PID] = pid;
    this.bytes[PID + 1] = pid >> 8;
  }

  /** GNRC_NETIF_HDR_FLAGS_*. */
  get flags(): number {
    return this.bytes[FLAGS]!;
  }

  set flags(flags: number) {
    this.bytes[FLAGS] = flags;
  }

  /** 0 to 255, GNRC_NETIF_HDR_NO_LQI. */
  get lqi(): number {
    return this.bytes[LQI]!;
  }

  set lqi(lqi: number) {
    this.bytes[LQI] = lqi;
  }

  /** dBm, or GNRC_NETIF_HDR_NO_RSSI. */
  get rssi(): number {
    return ((this.bytes[RSSI]! | (this.bytes[RSSI + 1]! << 8)) << 16) >> 16;
  }

  set rssi(rssi: number) {
    this.bytes[RSSI] = rssi;
    this.bytes[RSSI + 1] = rssi >> 8;
  }
}

/** The header of a snip of type GNRC_NETTYPE_NETIF. */
export function gnrc_netif_hdr_of(snip: gnrc_pktsnip_t): gnrc_netif_hdr_t {
  return new gnrc_netif_hdr_t(gnrc_pkt_bytes(snip));
}

/** Sets lengths, and everything else to "not known". */
export function gnrc_netif_hdr_init(hdr: gnrc_netif_hdr_t, src_l2addr_len: number, dst_l2addr_len: number): void {
  hdr.src_l2addr_len = src_l2addr_len;
  hdr.dst_l2addr_len = dst_l2addr_len;
  hdr.if_pid = KERNEL_PID_UNDEF;
  hdr.rssi = GNRC_NETIF_HDR_NO_RSSI;
  hdr.lqi = GNRC_NETIF_HDR_NO_LQI;
  hdr.flags = 0;
}

/** Bytes of the header with its addresses. */
export function gnrc_netif_hdr_sizeof(hdr: gnrc_netif_hdr_t): number {
  return GNRC_NETIF_HDR_SIZE + hdr.src_l2addr_len + hdr.dst_l2addr_len + timestampSize();
}

/** The source address: a view of the header's bytes, empty when there is none. */
export function gnrc_netif_hdr_get_src_addr(hdr: gnrc_netif_hdr_t): Uint8Array {
  return hdr.bytes.subarray(GNRC_NETIF_HDR_SIZE, GNRC_NETIF_HDR_SIZE + hdr.src_l2addr_len);
}

/** The destination address: a view of the header's bytes, empty when there is none. */
export function gnrc_netif_hdr_get_dst_addr(hdr: gnrc_netif_hdr_t): Uint8Array {
  const start = GNRC_NETIF_HDR_SIZE + hdr.src_l2addr_len;
  return hdr.bytes.subarray(start, start + hdr.dst_l2addr_len);
}

/** Copies the source address in; nothing happens when `addr_len` is not the length that the header has room for. */
export function gnrc_netif_hdr_set_src_addr(hdr: gnrc_netif_hdr_t, addr: Uint8Array, addr_len: number): void {
  if (addr_len !== hdr.src_l2addr_len) return;
  for (let i = 0; i < addr_len; i++) hdr.bytes[GNRC_NETIF_HDR_SIZE + i] = addr[i]!;
}

/** Copies the destination address in; nothing happens when `addr_len` is not the length that there is room for. */
export function gnrc_netif_hdr_set_dst_addr(hdr: gnrc_netif_hdr_t, addr: Uint8Array, addr_len: number): void {
  if (addr_len !== hdr.dst_l2addr_len) return;
  const start = GNRC_NETIF_HDR_SIZE + hdr.src_l2addr_len;
  for (let i = 0; i < addr_len; i++) hdr.bytes[start + i] = addr[i]!;
}

/**
 * Sets the time of reception, with module gnrc_netif_timestamp.
 * @param timestamp ns, 0 to 2^53 - 1
 */
export function gnrc_netif_hdr_set_timestamp(hdr: gnrc_netif_hdr_t, timestamp: number): void {
  if (timestampSize() === 0) return;
  const { bytes } = hdr;
  let rest = timestamp;
  for (let i = bytes.length - TIMESTAMP_SIZE; i < bytes.length; i++) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  hdr.flags |= GNRC_NETIF_HDR_FLAGS_TIMESTAMP;
}

/** The time of reception in ns; -1 if it is not known, or without module gnrc_netif_timestamp. */
export function gnrc_netif_hdr_get_timestamp(hdr: gnrc_netif_hdr_t): number {
  return (hdr.flags & GNRC_NETIF_HDR_FLAGS_TIMESTAMP) === 0 || timestampSize() === 0 ? -1 : timestampOf(hdr);
}

function timestampOf({ bytes }: gnrc_netif_hdr_t): number {
  let timestamp = 0;
  for (let i = bytes.length - 1; i >= bytes.length - TIMESTAMP_SIZE; i--) timestamp = timestamp * 256 + bytes[i]!;
  return timestamp;
}

/**
 * Builds a header in the packet buffer.
 * @param src source address or null; @param src_len its length, 0 to 8; also reserved when `src` is null
 * @returns the snip, or null when the packet buffer is full
 */
export function gnrc_netif_hdr_build(
  src: Uint8Array | null, src_len: number, dst: Uint8Array | null, dst_len: number,
): gnrc_pktsnip_t | null {
  const size = GNRC_NETIF_HDR_SIZE + src_len + dst_len + timestampSize();
  const snip = gnrc_pktbuf_add(null, null, size, GNRC_NETTYPE_NETIF);
  if (snip === null) return null;
  const hdr = gnrc_netif_hdr_of(snip);
  gnrc_netif_hdr_init(hdr, src_len, dst_len);
  if (src !== null && src_len > 0) gnrc_netif_hdr_set_src_addr(hdr, src, src_len);
  if (dst !== null && dst_len > 0) gnrc_netif_hdr_set_dst_addr(hdr, dst, dst_len);
  return snip;
}

/** The interface of a header, or null. */
export function gnrc_netif_hdr_get_netif(hdr: gnrc_netif_hdr_t): gnrc_netif_t | null {
  return gnrc_netif_get_by_pid(hdr.if_pid);
}

/** Sets the interface of a header. */
export function gnrc_netif_hdr_set_netif(hdr: gnrc_netif_hdr_t, netif: gnrc_netif_t | null): void {
  hdr.if_pid = netif === null ? KERNEL_PID_UNDEF : netif.pid;
}

/** The flags of a packet's header; 0 without one. */
export function gnrc_netif_hdr_get_flag(pkt: gnrc_pktsnip_t): number {
  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  return snip === null ? 0 : gnrc_netif_hdr_of(snip).flags;
}

/** The destination address in a packet's header; -ENOENT without header or address. */
export function gnrc_netif_hdr_get_dstaddr(pkt: gnrc_pktsnip_t): Uint8Array | number {
  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  const addr = snip === null ? null : gnrc_netif_hdr_get_dst_addr(gnrc_netif_hdr_of(snip));
  return addr === null || addr.length === 0 ? -ENOENT : addr;
}

/** The source address in a packet's header; -ENOENT without header or address. */
export function gnrc_netif_hdr_get_srcaddr(pkt: gnrc_pktsnip_t): Uint8Array | number {
  const snip = gnrc_pktsnip_search_type(pkt, GNRC_NETTYPE_NETIF);
  const addr = snip === null ? null : gnrc_netif_hdr_get_src_addr(gnrc_netif_hdr_of(snip));
  return addr === null || addr.length === 0 ? -ENOENT : addr;
}

/** Prints a header as module gnrc_pktdump does. */
export function gnrc_netif_hdr_print(hdr: gnrc_netif_hdr_t): void {
  const time = timestampSize() > 0 ? ` timestamp: ${seconds(timestampOf(hdr))} ` : '';
  puts(`if_pid: ${hdr.if_pid}  rssi: ${hdr.rssi}  ${time}lqi: ${hdr.lqi}`);
  let flags = '';
  if ((hdr.flags & GNRC_NETIF_HDR_FLAGS_BROADCAST) !== 0) flags += 'BROADCAST ';
  if ((hdr.flags & GNRC_NETIF_HDR_FLAGS_MULTICAST) !== 0) flags += 'MULTICAST ';
  if ((hdr.flags & GNRC_NETIF_HDR_FLAGS_TIMESTAMP) !== 0 && time !== '') flags += 'TIMESTAMP ';
  puts(`flags: ${hdr.flags === 0 ? '0x0' : flags}`);
  puts(`src_l2addr: ${l2util_addr_to_str(gnrc_netif_hdr_get_src_addr(hdr)) || '(nil)'}`);
  puts(`dst_l2addr: ${l2util_addr_to_str(gnrc_netif_hdr_get_dst_addr(hdr)) || '(nil)'}`);
}

/** Seconds and, with nine digits, nanoseconds. */
function seconds(ns: number): string {
  return `${Math.floor(ns / NS_PER_S) >>> 0}.${String(ns % NS_PER_S).padStart(9, '0')}`;
}
