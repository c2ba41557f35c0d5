// Header compression on packets (RIOT sys/include/net/gnrc/sixlowpan/iphc.h, RFC 6282). The encodings
// themselves are net/wire's; here it is what is allocated in the packet buffer, and in which order.
import { perBoard } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import {
  IPV6_HEADER_LEN, IPV6_MIN_MTU, IPV6_OFFSET_NEXT_HEADER, isExtensionHeader, PROTNUM_IPV6, PROTNUM_UDP,
} from '../wire/ipv6.ts';
import { compressHeaders, decompressHeaders, type HeaderLengths } from '../wire/sixlowpan.ts';
import { UDP_HEADER_LEN } from '../wire/udp.ts';
import { drop, drop_pkt } from './drop.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { gnrc_netif_hdr_of, gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_src_addr } from './netif_hdr.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_IPV6_EXT, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UDP,
  GNRC_NETTYPE_UNDEF, type gnrc_nettype_t,
} from './nettype.ts';
import {
  gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pkt_delete, gnrc_pktsnip_search_type, type gnrc_pktsnip_t,
} from './pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_start_write,
} from './pktbuf.ts';
import { gnrc_sixlowpan_ctx_contexts } from './sixlowpan_ctx.ts';

/** The most bytes of uncompressed headers that are looked at; what is behind stays as it is. */
const HEADERS_MAX = IPV6_MIN_MTU;
/** A compressed chain of headers may grow by one byte in each, see compressHeaders(); one has 8 bytes at least. */
const COMPRESSED_MAX = HEADERS_MAX + (HEADERS_MAX >> 3) + 2;

/** Room for headers while they are (de)compressed; C does that in place, in the packet buffer. */
const statics = perBoard(() => ({
  headers: new Uint8Array(HEADERS_MAX),
  compressed: new Uint8Array(COMPRESSED_MAX),
}), { bytes: 0 });

/** decompressHeaders() with what the running board knows; the headers are in `statics().headers` then. */
function decompress(
  bytes: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array,
): HeaderLengths | string {
  const lengths = decompressHeaders(
    bytes, datagramSize, linkSrc, linkDst, gnrc_sixlowpan_ctx_contexts(), statics().headers, 0, quirk,
  );
  if (lengths === 'nhc-reserved' && quirk('nhc-reserved-hangs')) {
    undefined_on_riot('6lo: a reserved NHC makes the thread run for ever');
  }
  return lengths;
}

/**
 * Decompresses a packet that is not fragmented.
 *
 * @param sixlo  the payload of a frame, with its netif header; consumed
 * @returns an IPv6 packet, for the ipv6 thread; null when it was dropped
 */
export function gnrc_sixlowpan_iphc_recv(sixlo: gnrc_pktsnip_t): gnrc_pktsnip_t | null {
  const netif = gnrc_pktsnip_search_type(sixlo, GNRC_NETTYPE_NETIF);
  if (netif === null) {
    drop_pkt('6lo', 'no-netif-header', sixlo);
    return null;
  }
  const hdr = gnrc_netif_hdr_of(netif);
  const bytes = gnrc_pkt_bytes(sixlo);
  const lengths = decompress(bytes, 0, gnrc_netif_hdr_get_src_addr(hdr), gnrc_netif_hdr_get_dst_addr(hdr));
  if (typeof lengths === 'string') {
    drop_pkt('6lo', lengths, sixlo);
    return null;
  }
  const { headerLength, uncompressedLength } = lengths;
  // RIOT takes room for the headers behind the IPv6 header twice; the ipv6 thread cuts what is too much.
  const size = 2 * uncompressedLength - IPV6_HEADER_LEN + bytes.length - headerLength;
  // As RIOT: room for the IPv6 header, then for those behind it, then for the whole; each time both at once.
  const ipv6 = gnrc_pktbuf_add(null, null, IPV6_HEADER_LEN, GNRC_NETTYPE_IPV6);
  if (ipv6 === null || gnrc_pktbuf_realloc_data(ipv6, uncompressedLength) !== 0 ||
      gnrc_pktbuf_realloc_data(ipv6, size) !== 0) {
    drop('6lo', 'pktbuf-full', bytes.length);
    gnrc_pktbuf_release(ipv6);
    gnrc_pktbuf_release(sixlo);
    return null;
  }
  writeDatagram(ipv6.data!, uncompressedLength, bytes, headerLength);
  gnrc_pkt_delete(sixlo, netif);
  netif.next = null;
  gnrc_pkt_append(ipv6, netif);
  gnrc_pktbuf_release(sixlo);
  return ipv6;
}

/**
 * Decompresses the headers in the first fragment of a datagram. iphc_write_frag1() puts them where they belong; nothing
 * else may be decompressed in between.
 *
 * @param sixlo         what follows the fragment header in the frame
 * @param datagramSize  size of the whole uncompressed datagram
 * @returns the lengths, or the reason why the datagram has to be dropped
 */
export function iphc_decode_frag1(
  sixlo: Uint8Array, datagramSize: number, linkSrc: Uint8Array, linkDst: Uint8Array,
): HeaderLengths | string {
  return decompress(sixlo, datagramSize, linkSrc, linkDst);
}

/** Writes the headers that were decompressed last, and the payload behind them, to the start of `out`. */
export function iphc_write_frag1(sixlo: Uint8Array, lengths: HeaderLengths, out: Uint8Array): void {
  writeDatagram(out, lengths.uncompressedLength, sixlo, lengths.headerLength);
}

function writeDatagram(out: Uint8Array, uncompressedLength: number, bytes: Uint8Array, headerLength: number): void {
  const { headers } = statics();
  for (let i = 0; i < uncompressedLength; i++) out[i] = headers[i]!;
  if (bytes.length > headerLength) out.set(bytes.subarray(headerLength), uncompressedLength);
}

/**
 * Compresses the headers of a packet: its IPv6 header, and what NHC can carry, give way to one snip behind the
 * netif header.
 *
 * @param pkt            netif header (writable), IPv6 header ...
 * @param linkDst        link-layer destination; empty for multicast and broadcast
 * @param datagramSize   bytes of the uncompressed datagram; of a first fragment more than there are
 * @returns null, or why it could not be done; the packet is still the caller's then
 */
export function gnrc_sixlowpan_iphc_encode(
  pkt: gnrc_pktsnip_t, netif: gnrc_netif_t, linkDst: Uint8Array, datagramSize: number,
): string | null {
  const room = writeProtect(pkt);
  if (room < 0) return 'pktbuf-full';
  const dispatch = gnrc_pktbuf_add(null, null, room + 1, GNRC_NETTYPE_SIXLOWPAN);
  if (dispatch === null) return 'pktbuf-full';
  const { headers, compressed } = statics();
  const there = gather(pkt.next!, headers);
  const lengths = compressHeaders(
    headers.subarray(0, there), datagramSize, netif.l2addr.subarray(0, netif.l2addr_len), linkDst,
    gnrc_sixlowpan_ctx_contexts(), compressed, 0, quirk,
  );
  if (typeof lengths === 'string') {
    if (lengths === 'nhc-short-header' && pkt.next!.next !== null) {
      undefined_on_riot('6lo: a next header that is cut short fails an assertion');
    }
    gnrc_pktbuf_release(dispatch);
    return lengths;
  }
  const { headerLength, uncompressedLength } = lengths;
  if (!replaceHeaders(pkt, dispatch, headerLength, uncompressedLength)) {
    gnrc_pktbuf_release(dispatch);
    return 'pktbuf-full';
  }
  const data = dispatch.data!;
  for (let i = 0; i < headerLength; i++) data[i] = compressed[i]!;
  dispatch.next = pkt.next;
  pkt.next = dispatch;
  return null;
}

/** Types of snips that RIOT takes for headers to compress. A payload is UNDEF and counts too. */
function isCompressible(type: gnrc_nettype_t): boolean {
  return type === GNRC_NETTYPE_UNDEF || type === GNRC_NETTYPE_IPV6 || type === GNRC_NETTYPE_IPV6_EXT ||
    type === GNRC_NETTYPE_UDP;
}

/** Takes write access to all that may be compressed; its size in bytes, or -1 when the packet buffer is full. */
function writeProtect(pkt: gnrc_pktsnip_t): number {
  let size = 0;
  let prev = pkt;
  for (let snip = pkt.next; snip !== null && isCompressible(snip.type); snip = prev.next) {
    const own = gnrc_pktbuf_start_write(snip);
    if (own === null) return -1;
    prev.next = own;
    size += own.size;
    prev = own;
  }
  return size;
}

/** Copies the headers, and what follows as far as it may hold headers, into one array. */
function gather(ipv6: gnrc_pktsnip_t, out: Uint8Array): number {
  const limit = headersLimit(gnrc_pkt_bytes(ipv6)[IPV6_OFFSET_NEXT_HEADER]!);
  let length = 0;
  for (let snip: gnrc_pktsnip_t | null = ipv6; snip !== null && length < limit; snip = snip.next) {
    const bytes = gnrc_pkt_bytes(snip);
    const count = Math.min(bytes.length, limit - length);
    for (let i = 0; i < count; i++) out[length++] = bytes[i]!;
  }
  return length;
}

/** How many bytes may be headers that can be compressed, by what follows the IPv6 header. */
function headersLimit(nextHeader: number): number {
  if (nextHeader === PROTNUM_UDP) return IPV6_HEADER_LEN + UDP_HEADER_LEN;
  return isExtensionHeader(nextHeader) || nextHeader === PROTNUM_IPV6 ? HEADERS_MAX : IPV6_HEADER_LEN;
}

/** Frees the headers, those behind the IPv6 header first as RIOT does, and cuts `dispatch` to its size. */
function replaceHeaders(
  pkt: gnrc_pktsnip_t, dispatch: gnrc_pktsnip_t, headerLength: number, uncompressedLength: number,
): boolean {
  const ipv6 = pkt.next!;
  const behind = Math.max(0, uncompressedLength - ipv6.size);
  return removeHeaders(ipv6, behind) && gnrc_pktbuf_realloc_data(dispatch, headerLength) === 0 &&
    removeHeaders(pkt, uncompressedLength - behind);
}

/** Frees the first `length` bytes behind `prev`; false when that would need room that is not there. */
function removeHeaders(prev: gnrc_pktsnip_t, length: number): boolean {
  while (length > 0) {
    let snip = prev.next!;
    if (snip.size > length) {
      const marked = gnrc_pktbuf_mark(snip, length, GNRC_NETTYPE_UNDEF);
      if (marked === null) return false;
      snip = marked;
    }
    length -= snip.size;
    gnrc_pktbuf_remove_snip(prev, snip);
  }
  return true;
}
