// Fields of IPv6 and fragment headers under RIOT's names (RIOT sys/include/net/ipv6/hdr.h, net/ipv6/ext/frag.h). A
// header is the bytes that begin with it, as the data of a snip do.
import { get16, get32, put16 } from './bytes.ts';
import { inet_csum } from './inet_csum.ts';
import { IPV6_OFFSET_SRC } from './ipv6.ts';

/** A header of 40 bytes. */
export type ipv6_hdr_t = Uint8Array;
/** A fragment header of 8 bytes. */
export type ipv6_ext_frag_t = Uint8Array;

const FRAG_OFFSET = 2;
const FRAG_ID = 4;

export function ipv6_hdr_set_version(hdr: ipv6_hdr_t): void {
  hdr[0] = (hdr[0]! & 0x0f) | 0x60;
}

export function ipv6_hdr_get_version(hdr: ipv6_hdr_t): number {
  return hdr[0]! >> 4;
}

/** Whether the version is 6. */
export function ipv6_hdr_is(hdr: ipv6_hdr_t): boolean {
  return hdr[0]! >> 4 === 6;
}

export function ipv6_hdr_set_tc(hdr: ipv6_hdr_t, tc: number): void {
  hdr[0] = (hdr[0]! & 0xf0) | ((tc >> 4) & 0x0f);
  hdr[1] = (hdr[1]! & 0x0f) | ((tc << 4) & 0xf0);
}

/** RIOT has ECN in the two high bits of the traffic class; RFC 3168 §5 has it in the two low ones. */
export function ipv6_hdr_set_tc_ecn(hdr: ipv6_hdr_t, ecn: number): void {
  hdr[0] = (hdr[0]! & 0xf3) | ((ecn << 2) & 0x0c);
}

/** See ipv6_hdr_set_tc_ecn(): the six low bits. */
export function ipv6_hdr_set_tc_dscp(hdr: ipv6_hdr_t, dscp: number): void {
  hdr[0] = (hdr[0]! & 0xfc) | ((dscp >> 4) & 0x03);
  hdr[1] = (hdr[1]! & 0x0f) | ((dscp << 4) & 0xf0);
}

export function ipv6_hdr_get_tc(hdr: ipv6_hdr_t): number {
  return ((hdr[0]! & 0x0f) << 4) | (hdr[1]! >> 4);
}

/** See ipv6_hdr_set_tc_ecn(). */
export function ipv6_hdr_get_tc_ecn(hdr: ipv6_hdr_t): number {
  return (hdr[0]! >> 2) & 0x03;
}

/** See ipv6_hdr_set_tc_ecn(). */
export function ipv6_hdr_get_tc_dscp(hdr: ipv6_hdr_t): number {
  return ((hdr[0]! & 0x03) << 4) | (hdr[1]! >> 4);
}

/** @param fl the flow label, of which 20 bits count */
export function ipv6_hdr_set_fl(hdr: ipv6_hdr_t, fl: number): void {
  hdr[1] = (hdr[1]! & 0xf0) | ((fl >> 16) & 0x0f);
  put16(hdr, 2, fl & 0xffff);
}

export function ipv6_hdr_get_fl(hdr: ipv6_hdr_t): number {
  return get32(hdr, 0) & 0x000fffff;
}

/**
 * Adds the pseudo header to a sum (RFC 8200 §8.1).
 *
 * @param sum       16 bits, folded and not complemented
 * @param prot_num  of the upper layer
 * @param len       of its header and payload, 16 bits
 */
export function ipv6_hdr_inet_csum(sum: number, hdr: ipv6_hdr_t, prot_num: number, len: number): number {
  const start = sum + len + prot_num;
  const folded = (start > 0xffff ? start + 1 : start) & 0xffff;
  return inet_csum(folded, hdr.subarray(IPV6_OFFSET_SRC), 32);
}

/** The offset of a fragment, in bytes. */
export function ipv6_ext_frag_get_offset(frag: ipv6_ext_frag_t): number {
  return get16(frag, FRAG_OFFSET) & 0xfff8;
}

/** Whether more fragments follow. */
export function ipv6_ext_frag_more(frag: ipv6_ext_frag_t): boolean {
  return (frag[FRAG_OFFSET + 1]! & 1) !== 0;
}

/** Sets the offset, in bytes, a multiple of 8; no fragment follows then. */
export function ipv6_ext_frag_set_offset(frag: ipv6_ext_frag_t, offset: number): void {
  put16(frag, FRAG_OFFSET, offset & 0xfff8);
}

/** Says that more fragments follow. */
export function ipv6_ext_frag_set_more(frag: ipv6_ext_frag_t): void {
  frag[FRAG_OFFSET + 1]! |= 1;
}

/** The identification, 32 bits. */
export function ipv6_ext_frag_get_id(frag: ipv6_ext_frag_t): number {
  return get32(frag, FRAG_ID);
}
