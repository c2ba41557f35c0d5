// IPv6 addresses, EUI-64 and interface identifiers. Names are RIOT's (net/ipv6/addr.h, net/eui64.h, net/l2util.h,
// net/ieee802154.h). An address is a Uint8Array of 16 bytes in network order, an EUI-64 or IID one of 8 bytes.

import { hexDigit } from './bytes.ts';

export const IPV6_ADDR_LEN = 16;
export const EUI64_LEN = 8;
/** Longest text of an address with its final NUL: what RIOT's buffers hold (without the ipv4_addr module). */
export const IPV6_ADDR_MAX_STR_LEN = 40;

/** Scope values of a multicast address (RFC 4291 §2.7). */
export const IPV6_ADDR_MCAST_SCP_IF_LOCAL = 0x1;
export const IPV6_ADDR_MCAST_SCP_LINK_LOCAL = 0x2;
export const IPV6_ADDR_MCAST_SCP_REALM_LOCAL = 0x3;
export const IPV6_ADDR_MCAST_SCP_ADMIN_LOCAL = 0x4;
export const IPV6_ADDR_MCAST_SCP_SITE_LOCAL = 0x5;
export const IPV6_ADDR_MCAST_SCP_ORG_LOCAL = 0x8;
export const IPV6_ADDR_MCAST_SCP_GLOBAL = 0xe;

function address(first: number, second: number, last: number): Uint8Array {
  const addr = new Uint8Array(IPV6_ADDR_LEN);
  addr[0] = first;
  addr[1] = second;
  addr[15] = last;
  return addr;
}

/** Well-known addresses. Read only: copy one before you change it. */
export const ipv6_addr_unspecified: Uint8Array = address(0, 0, 0);
export const ipv6_addr_loopback: Uint8Array = address(0, 0, 1);
export const ipv6_addr_link_local_prefix: Uint8Array = address(0xfe, 0x80, 0);
export const ipv6_addr_all_nodes_if_local: Uint8Array = address(0xff, 0x01, 1);
export const ipv6_addr_all_nodes_link_local: Uint8Array = address(0xff, 0x02, 1);
export const ipv6_addr_all_routers_if_local: Uint8Array = address(0xff, 0x01, 2);
export const ipv6_addr_all_routers_link_local: Uint8Array = address(0xff, 0x02, 2);
export const ipv6_addr_all_routers_site_local: Uint8Array = address(0xff, 0x05, 2);
/** ff02::1a, where RPL sends its control messages (RFC 6550 §6). */
export const ipv6_addr_all_rpl_nodes: Uint8Array = address(0xff, 0x02, 0x1a);

/** Whether two addresses are the same. */
export function ipv6_addr_equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 15; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

export function ipv6_addr_is_unspecified(addr: Uint8Array): boolean {
  return ipv6_addr_equal(addr, ipv6_addr_unspecified);
}

export function ipv6_addr_is_loopback(addr: Uint8Array): boolean {
  return ipv6_addr_equal(addr, ipv6_addr_loopback);
}

export function ipv6_addr_is_multicast(addr: Uint8Array): boolean {
  return addr[0] === 0xff;
}

/** Whether the first 64 bits are fe80::/64: unlike ipv6_addr_is_link_local, never for a multicast address. */
export function hasLinkLocalPrefix(addr: Uint8Array): boolean {
  return addr[0] === 0xfe && addr[1] === 0x80 && addr[2] === 0 && addr[3] === 0 &&
    addr[4] === 0 && addr[5] === 0 && addr[6] === 0 && addr[7] === 0;
}

/** Link-local scope: fe80::/64, or multicast of link-local scope, as RIOT counts it. */
export function ipv6_addr_is_link_local(addr: Uint8Array): boolean {
  return hasLinkLocalPrefix(addr) || (addr[0] === 0xff && (addr[1]! & 0x0f) === IPV6_ADDR_MCAST_SCP_LINK_LOCAL);
}

/** Site-local scope: fec0::/10 (deprecated by RFC 3879), or multicast of site-local scope. */
export function ipv6_addr_is_site_local(addr: Uint8Array): boolean {
  return (addr[0] === 0xfe && (addr[1]! & 0xc0) === 0xc0) ||
    (addr[0] === 0xff && (addr[1]! & 0x0f) === IPV6_ADDR_MCAST_SCP_SITE_LOCAL);
}

/** fc00::/7 (RFC 4193). */
export function ipv6_addr_is_unique_local_unicast(addr: Uint8Array): boolean {
  return addr[0] === 0xfc || addr[0] === 0xfd;
}

/** Multicast of global scope, or a unicast address that is not link-local, unspecified or loopback. */
export function ipv6_addr_is_global(addr: Uint8Array): boolean {
  if (addr[0] === 0xff) return (addr[1]! & 0x0f) === IPV6_ADDR_MCAST_SCP_GLOBAL;
  return !hasLinkLocalPrefix(addr) && !ipv6_addr_is_unspecified(addr) && !ipv6_addr_is_loopback(addr);
}

/** ff02::1:ff00:0/104 (RFC 4291 §2.7.1). */
export function ipv6_addr_is_solicited_node(addr: Uint8Array): boolean {
  if (addr[0] !== 0xff || addr[1] !== 0x02 || addr[11] !== 1 || addr[12] !== 0xff) return false;
  for (let i = 2; i < 11; i++) if (addr[i] !== 0) return false;
  return true;
}

/** How many leading bits `a` and `b` share, 0..128. */
export function ipv6_addr_match_prefix(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < IPV6_ADDR_LEN; i++) {
    const diff = a[i]! ^ b[i]!;
    if (diff !== 0) return i * 8 + Math.clz32(diff) - 24;
  }
  return 128;
}

/** Overwrites the first `bits` bits of `out` with those of `prefix`; the others stay. At most 128. */
export function ipv6_addr_init_prefix(out: Uint8Array, prefix: Uint8Array, bits: number): void {
  const count = bits > 128 ? 128 : bits;
  const whole = count >> 3;
  for (let i = 0; i < whole; i++) out[i] = prefix[i]!;
  if ((count & 7) !== 0) {
    const mask = (0xff << (8 - (count & 7))) & 0xff;
    out[whole] = (out[whole]! & ~mask) | (prefix[whole]! & mask);
  }
}

/** Makes `out` the solicited-node address ff02::1:ffXX:XXXX of `addr` (RFC 4291 §2.7.1). */
export function ipv6_addr_set_solicited_nodes(out: Uint8Array, addr: Uint8Array): void {
  out.fill(0);
  out[0] = 0xff;
  out[1] = 0x02;
  out[11] = 1;
  out[12] = 0xff;
  out[13] = addr[13]!;
  out[14] = addr[14]!;
  out[15] = addr[15]!;
}

/** The link-local address fe80::/64 with this interface identifier. */
export function linkLocalFromIid(iid: Uint8Array): Uint8Array {
  const addr = address(0xfe, 0x80, 0);
  addr.set(iid, 8);
  return addr;
}

/**
 * Writes the interface identifier that belongs to a link-layer address: an EUI-64 with its U/L bit flipped, a short
 * address as 0000:00ff:fe00:XXXX, PAN ID and short address as PPPP:00ff:fe00:XXXX with the U/L bit of the PAN ID
 * flipped (RFC 4944 §6, RFC 6282 §3.2.2; RIOT ieee802154_get_iid).
 *
 * @returns whether the length is one of 8, 2 and 4; otherwise nothing is written.
 */
export function writeIid(out: Uint8Array, offset: number, l2addr: Uint8Array): boolean {
  const length = l2addr.length;
  if (length === EUI64_LEN) {
    out[offset] = l2addr[0]! ^ 0x02;
    for (let i = 1; i < 8; i++) out[offset + i] = l2addr[i]!;
    return true;
  }
  if (length !== 2 && length !== 4) return false;
  out[offset] = length === 4 ? l2addr[0]! ^ 0x02 : 0;
  out[offset + 1] = length === 4 ? l2addr[1]! : 0;
  out[offset + 2] = 0;
  out[offset + 3] = 0xff;
  out[offset + 4] = 0xfe;
  out[offset + 5] = 0;
  out[offset + 6] = l2addr[length - 2]!;
  out[offset + 7] = l2addr[length - 1]!;
  return true;
}

/** The interface identifier of a link-layer address of 8, 2 or 4 bytes (see writeIid); null for any other length. */
export function ieee802154_get_iid(l2addr: Uint8Array): Uint8Array | null {
  const iid = new Uint8Array(EUI64_LEN);
  return writeIid(iid, 0, l2addr) ? iid : null;
}

/**
 * Reads an IPv6 address. As RIOT does: hex digits of either case, any number of leading zeros as long as the group
 * fits 16 bits, no dotted quad (module ipv4_addr is off by default), no zone. RIOT's leniency is kept: one colon too
 * many at the end is overlooked (`::1:`), and a `::` beside eight whole groups is accepted and clears what follows it.
 *
 * @returns 16 bytes, or null if the text is empty, longer than 40 characters or malformed.
 */
export function ipv6_addr_from_str(text: string): Uint8Array | null {
  const length = text.length;
  if (length === 0 || length > IPV6_ADDR_MAX_STR_LEN) return null;
  let at = 0;
  if (text.charCodeAt(0) === 0x3a) {
    if (text.charCodeAt(1) !== 0x3a) return null;
    at = 1;
  }
  const addr = new Uint8Array(IPV6_ADDR_LEN);
  let filled = 0;
  let gap = -1;
  let group = 0;
  let digits = false;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    const digit = hexDigit(code);
    if (digit >= 0) {
      group = (group << 4) | digit;
      if (group > 0xffff) return null;
      digits = true;
      continue;
    }
    if (code !== 0x3a) return null;
    if (!digits) {
      if (gap >= 0) return null;
      gap = filled;
      continue;
    }
    if (filled >= IPV6_ADDR_LEN) return null;
    addr[filled++] = group >> 8;
    addr[filled++] = group;
    digits = false;
    group = 0;
  }
  if (digits) {
    if (filled >= IPV6_ADDR_LEN) return null;
    addr[filled++] = group >> 8;
    addr[filled++] = group;
  }
  if (gap < 0) return filled === IPV6_ADDR_LEN ? addr : null;
  const tail = filled - gap;
  for (let i = 1; i <= tail; i++) {
    addr[IPV6_ADDR_LEN - i] = addr[gap + tail - i]!;
    addr[gap + tail - i] = 0;
  }
  return addr;
}

/**
 * Reads `<address>/<prefix length>`, as in `2001:db8::/64` (RIOT's ipv6_prefix_from_str()).
 * @returns null if the address is malformed, or the length no number from 1 to 128
 */
export function ipv6_prefix_from_str(text: string): { readonly addr: Uint8Array; readonly len: number } | null {
  const slash = text.lastIndexOf('/');
  const length = text.slice(slash + 1);
  const addr = slash < 0 || !/^\d{1,3}$/.test(length) ? null : ipv6_addr_from_str(text.slice(0, slash));
  const len = Number(length);
  return addr === null || len < 1 || len > 128 ? null : { addr, len };
}

/** The text of an address as RIOT prints it: lower case, the first longest run of two or more zero groups as `::`. */
export function ipv6_addr_to_str(addr: Uint8Array): string {
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let i = 0; i <= 8; i++) {
    const zero = i < 8 && addr[2 * i] === 0 && addr[2 * i + 1] === 0;
    if (zero && runStart < 0) runStart = i;
    if (!zero && runStart >= 0) {
      if (i - runStart > bestLength) {
        bestStart = runStart;
        bestLength = i - runStart;
      }
      runStart = -1;
    }
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      i += bestLength - 1;
      text += i === 7 ? '::' : ':';
      continue;
    }
    if (i > 0) text += ':';
    text += ((addr[2 * i]! << 8) | addr[2 * i + 1]!).toString(16);
  }
  return text;
}

/**
 * Reads an EUI-64 of the form `02:00:00:00:00:00:00:0a`: eight pairs of hex digits of either case with colons.
 *
 * @returns 8 bytes, or null if the text has any other form.
 */
export function eui64_from_str(text: string): Uint8Array | null {
  if (text.length !== 23) return null;
  const eui64 = new Uint8Array(EUI64_LEN);
  for (let i = 0; i < EUI64_LEN; i++) {
    const high = hexDigit(text.charCodeAt(3 * i));
    const low = hexDigit(text.charCodeAt(3 * i + 1));
    if (high < 0 || low < 0 || (i < 7 && text.charCodeAt(3 * i + 2) !== 0x3a)) return null;
    eui64[i] = (high << 4) | low;
  }
  return eui64;
}

/** The text of a link-layer address as RIOT prints it: upper-case pairs with colons, `00:0A`; empty for no bytes. */
export function l2util_addr_to_str(addr: Uint8Array): string {
  let text = '';
  for (let i = 0; i < addr.length; i++) {
    if (i > 0) text += ':';
    text += (addr[i]! + 0x100).toString(16).slice(1).toUpperCase();
  }
  return text;
}

/**
 * Reads a link-layer address as RIOT's shell commands do: pairs of hex digits taken from the end, any other character
 * is a delimiter, the leading zero of a pair may be missing, and there is no delimiter at the end or beside another.
 *
 * @returns 1..maxLength bytes, or null if the text is malformed, empty or longer than `maxLength` bytes (RIOT: 8).
 */
export function l2util_addr_from_str(text: string, maxLength = EUI64_LEN): Uint8Array | null {
  const reversed = new Uint8Array(maxLength);
  let count = 0;
  let digitDue = true;
  let at = text.length - 1;
  while (at >= 0) {
    const low = hexDigit(text.charCodeAt(at--));
    if (low < 0) {
      if (digitDue) return null;
      digitDue = true;
      continue;
    }
    digitDue = false;
    // as RIOT: what stands before the low digit belongs to this byte, and counts as 0 if it is no digit
    const high = at >= 0 ? hexDigit(text.charCodeAt(at--)) : 0;
    if (count === maxLength) return null;
    reversed[count++] = ((high < 0 ? 0 : high) << 4) | low;
  }
  return digitDue ? null : reversed.slice(0, count).reverse();
}
