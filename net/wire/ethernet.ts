// Ethernet II frames (RFC 894, RFC 2464), without preamble and FCS, as a TAP device has them.

import { get16, hex, put16 } from './bytes.ts';

/** Bytes of an address, of the header, of the largest payload and the largest frame. */
export const ETHERNET_ADDR_LEN = 6;
export const ETHERNET_HDR_LEN = 14;
export const ETHERNET_DATA_LEN = 1500;
export const ETHERNET_FRAME_LEN = ETHERNET_DATA_LEN + ETHERNET_HDR_LEN;

/** What follows the header (IANA ieee-802-numbers). */
export const ETHERTYPE_RESERVED = 0x0000;
export const ETHERTYPE_UNKNOWN = 0xffff;
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;

export type DropReason = 'truncated';

/** An Ethernet header. The addresses of a parsed one are views of the frame. */
export interface EthernetRepr {
  dst: Uint8Array;
  src: Uint8Array;
  /** ETHERTYPE_*; 1500 and less is a length (IEEE 802.3). */
  type: number;
}

/** Parses the 14 bytes at `offset`; what follows them is the payload. */
export function parseEthernet(bytes: Uint8Array, offset = 0): EthernetRepr | DropReason {
  if (bytes.length - offset < ETHERNET_HDR_LEN) return 'truncated';
  const src = offset + ETHERNET_ADDR_LEN;
  return {
    dst: bytes.subarray(offset, src),
    src: bytes.subarray(src, src + ETHERNET_ADDR_LEN),
    type: get16(bytes, src + ETHERNET_ADDR_LEN),
  };
}

/** Writes the header, 14 bytes; returns the offset behind it. */
export function emitEthernet(repr: EthernetRepr, out: Uint8Array, offset: number): number {
  for (let i = 0; i < ETHERNET_ADDR_LEN; i++) {
    out[offset + i] = repr.dst[i]!;
    out[offset + ETHERNET_ADDR_LEN + i] = repr.src[i]!;
  }
  return put16(out, offset + 2 * ETHERNET_ADDR_LEN, repr.type);
}

/** Whether the address at `offset` is of a group, the broadcast address included: the lowest bit of its first byte. */
export function ethernet_addr_is_group(addr: Uint8Array, offset = 0): boolean {
  return (addr[offset]! & 1) !== 0;
}

/** One line for a ladder: `ethernet 02:00:00:00:00:01 > 33:33:00:00:00:01 ipv6`. */
export function formatEthernet(repr: EthernetRepr): string {
  const names: Readonly<Record<number, string>> = {
    [ETHERTYPE_IPV4]: 'ipv4', [ETHERTYPE_ARP]: 'arp', [ETHERTYPE_IPV6]: 'ipv6',
  };
  const type = names[repr.type] ?? `type 0x${repr.type.toString(16).padStart(4, '0')}`;
  return `ethernet ${hex(repr.src, ':')} > ${hex(repr.dst, ':')} ${type}`;
}
