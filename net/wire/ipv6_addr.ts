// Making IPv6 addresses, and parts of their text (RIOT sys/include/net/ipv6/addr.h). addr.ts has what the stack needs.
import {
  IPV6_ADDR_LEN, IPV6_ADDR_MAX_STR_LEN, ipv6_addr_all_nodes_if_local, ipv6_addr_all_routers_if_local,
  ipv6_addr_from_str, ipv6_addr_link_local_prefix,
} from './addr.ts';

export const IPV6_ADDR_BIT_LEN = 128;

function startsWithZeros(addr: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (addr[i] !== 0) return false;
  return true;
}

/** ::a.b.c.d (RFC 4291 §2.5.5.1). */
export function ipv6_addr_is_ipv4_compat(addr: Uint8Array): boolean {
  return startsWithZeros(addr, 12);
}

/** ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). */
export function ipv6_addr_is_ipv4_mapped(addr: Uint8Array): boolean {
  return startsWithZeros(addr, 10) && addr[10] === 0xff && addr[11] === 0xff;
}

/** Makes `out` of two halves of 64 bits. */
export function ipv6_addr_init(out: Uint8Array, prefix: bigint, iid: bigint): void {
  put64(out, 0, prefix);
  put64(out, 8, iid);
}

function put64(out: Uint8Array, offset: number, value: bigint): void {
  for (let i = 0; i < 8; i++) out[offset + i] = Number((value >> BigInt(56 - 8 * i)) & 0xffn);
}

/** Overwrites the last `bits` bits of `out` (at most 128) with `iid`, whose first byte has the odd bits. */
export function ipv6_addr_init_iid(out: Uint8Array, iid: Uint8Array, bits: number): void {
  const count = Math.min(bits, IPV6_ADDR_BIT_LEN);
  const whole = count >> 3;
  const odd = count & 7;
  const start = IPV6_ADDR_LEN - whole;
  if (odd !== 0) {
    const mask = (0xff << odd) & 0xff;
    out[start - 1] = (out[start - 1]! & mask) | (iid[0]! & ~mask);
  }
  const from = odd === 0 ? 0 : 1;
  for (let i = 0; i < whole; i++) out[start + i] = iid[from + i]!;
}

export function ipv6_addr_set_unspecified(addr: Uint8Array): void {
  addr.fill(0, 0, IPV6_ADDR_LEN);
}

export function ipv6_addr_set_loopback(addr: Uint8Array): void {
  addr.fill(0, 0, IPV6_ADDR_LEN);
  addr[15] = 1;
}

/** Makes the first 64 bits fe80::/64. */
export function ipv6_addr_set_link_local_prefix(addr: Uint8Array): void {
  addr.set(ipv6_addr_link_local_prefix.subarray(0, 8));
}

/** Sets the last 64 bits. */
export function ipv6_addr_set_iid(addr: Uint8Array, iid: bigint): void {
  put64(addr, 8, iid);
}

/** Sets the last 64 bits to the 8 bytes of `iid`. */
export function ipv6_addr_set_aiid(addr: Uint8Array, iid: Uint8Array): void {
  addr.set(iid.subarray(0, 8), 8);
}

/** Makes the first 16 bits those of a group: 4 bits of flags, 4 bits of scope (RFC 4291 §2.7). */
export function ipv6_addr_set_multicast(addr: Uint8Array, flags: number, scope: number): void {
  addr[0] = 0xff;
  addr[1] = ((flags << 4) & 0xf0) | (scope & 0x0f);
}

/** ff0<scope>::1. */
export function ipv6_addr_set_all_nodes_multicast(addr: Uint8Array, scope: number): void {
  addr.set(ipv6_addr_all_nodes_if_local);
  addr[1] = scope;
}

/** ff0<scope>::2. */
export function ipv6_addr_set_all_routers_multicast(addr: Uint8Array, scope: number): void {
  addr.set(ipv6_addr_all_routers_if_local);
  addr[1] = scope;
}

/** The address that the first `len` characters of a text are; null if they are none, or are more than there may be. */
export function ipv6_addr_from_buf(text: string, len: number): Uint8Array | null {
  return len > IPV6_ADDR_MAX_STR_LEN ? null : ipv6_addr_from_str(text.slice(0, len));
}

/**
 * Parts a text at a separator, which is looked for from the second character on.
 * @returns the text before it, and the text behind it: null without separator, or with nothing behind it
 */
export function ipv6_addr_split_str(text: string, separator: string): [addr: string, rest: string | null] {
  const at = text.indexOf(separator, 1);
  if (at < 0) return [text, null];
  const rest = text.slice(at + 1);
  return [text.slice(0, at), rest === '' ? null : rest];
}

/** `fe80::1%6`: the address, and the interface or null. */
export function ipv6_addr_split_iface(text: string): [addr: string, iface: string | null] {
  return ipv6_addr_split_str(text, '%');
}

/** `fd00::/64`: the address, and the length of the prefix: 128 without one, 0 if it is no number. */
export function ipv6_addr_split_prefix(text: string): [addr: string, bits: number] {
  const [addr, rest] = ipv6_addr_split_str(text, '/');
  return [addr, rest === null ? IPV6_ADDR_BIT_LEN : decimal(rest)];
}

/** As C's atoi(): what follows the digits is overlooked. */
function decimal(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}
