// Headers as text, as module gnrc_pktdump shows them (RIOT sys/include/net/sixlowpan.h, net/ipv6/hdr.h, net/icmpv6.h,
// net/udp.h: their *_print() functions).
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../kernel/od.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { puts } from '../../kernel/stdio.ts';
import { ipv6_addr_to_str } from '../wire/addr.ts';
import { get16 } from '../wire/bytes.ts';
import {
  IPV6_HEADER_LEN, IPV6_OFFSET_DST, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_NEXT_HEADER, IPV6_OFFSET_PAYLOAD_LENGTH,
  IPV6_OFFSET_SRC,
} from '../wire/ipv6.ts';

export const ICMPV6_HDR_LEN = 4;
export const UDP_HDR_LEN = 8;

const SIXLOWPAN_UNCOMP = 0x41;
const FRAG_1_LEN = 4;
const FRAG_N_LEN = 5;
const IPHC_LEN = 2;
const IPHC2_CID_EXT = 0x80;
const IPHC2_SAC = 0x40;
const IPHC2_M = 0x08;
const IPHC2_DAC = 0x04;

/** What the two bits of each field of an IPHC header say. */
const TF = [
  'ECN + DSCP + Flow Label (4 bytes)', 'ECN + Flow Label (3 bytes)', 'ECN + DSCP (1 bytes)',
  'traffic class and flow label elided',
] as const;
const HLIM = ['inline', '1', '64', '255'] as const;
const STATELESS = ['128 bits inline', '64 bits inline', '16 bits inline', 'elided (use L2 address)'] as const;
const STATEFUL_SRC = ['unspecified address (::)', ...STATELESS.slice(1)] as const;
const STATEFUL_DST = ['reserved', ...STATELESS.slice(1)] as const;
const GROUP = ['128', '48', '32', '8'].map((bits) => `${bits} bits carried inline`);
const STATEFUL_GROUP = [
  '48 bits carried inline (Unicast-Prefix-based)', 'reserved', 'reserved', 'reserved',
] as const;

/** The first `length` bytes of `data`. RIOT reads on behind shorter ones; here zeros follow. */
function atLeast(data: Uint8Array, length: number, what: string): Uint8Array {
  if (data.length >= length) return data;
  undefined_on_riot(`${what} of ${data.length} bytes is printed: what is behind it is read too`);
  const padded = new Uint8Array(length);
  padded.set(data);
  return padded;
}

/** Prints an IPv6 header. */
export function ipv6_hdr_print(data: Uint8Array): void {
  const hdr = atLeast(data, IPV6_HEADER_LEN, 'an IPv6 header');
  if (hdr[0]! >> 4 !== 6) puts(`illegal version field: ${hdr[0]! >> 4}`);
  const tc = ((hdr[0]! & 0xf) << 4) | (hdr[1]! >> 4);
  puts(`traffic class: 0x${digits(tc, 2)} (ECN: 0x${(tc >> 6).toString(16)}, DSCP: 0x${digits(tc & 0x3f, 2)})`);
  puts(`flow label: 0x${digits(((hdr[1]! & 0xf) << 16) | get16(hdr, 2), 5)}`);
  puts(`length: ${get16(hdr, IPV6_OFFSET_PAYLOAD_LENGTH)}  next header: ${hdr[IPV6_OFFSET_NEXT_HEADER]}  ` +
    `hop limit: ${hdr[IPV6_OFFSET_HOP_LIMIT]}`);
  puts(`source address: ${ipv6_addr_to_str(hdr.subarray(IPV6_OFFSET_SRC, IPV6_OFFSET_DST))}`);
  puts(`destination address: ${ipv6_addr_to_str(hdr.subarray(IPV6_OFFSET_DST, IPV6_HEADER_LEN))}`);
}

/** Prints type, code and checksum of an ICMPv6 message. */
export function icmpv6_hdr_print(data: Uint8Array): void {
  const hdr = atLeast(data, ICMPV6_HDR_LEN, 'an ICMPv6 header');
  puts(`   type: ${column(hdr[0]!, 3)}  code: ${column(hdr[1]!, 3)}`);
  puts(`   cksum: 0x${digits(get16(hdr, 2), 4)}`);
}

/** Prints a UDP header. */
export function udp_hdr_print(data: Uint8Array): void {
  const hdr = atLeast(data, UDP_HDR_LEN, 'a UDP header');
  puts(`   src-port: ${column(get16(hdr, 0), 5)}  dst-port: ${column(get16(hdr, 2), 5)}`);
  puts(`   length: ${get16(hdr, 4)}  cksum: 0x${digits(get16(hdr, 6), 4)}`);
}

/** Prints the headers of a frame of 6LoWPAN, and what is behind them in hexadecimal. */
export function sixlowpan_print(data: Uint8Array): void {
  const dispatch = atLeast(data, 1, 'a 6LoWPAN frame')[0]!;
  if (dispatch === SIXLOWPAN_UNCOMP) {
    puts('Uncompressed IPv6 packet');
    if (data.length <= IPV6_HEADER_LEN) return;
    ipv6_hdr_print(data.subarray(1));
    dump(data, IPV6_HEADER_LEN + 1);
  } else if ((dispatch & 0xc0) === 0) {
    puts('Not a LoWPAN (NALP) frame');
    dump(data, 0);
  } else if ((dispatch & 0xf8) === 0xc0) {
    puts('Fragmentation Header (first)');
    fragment(data, FRAG_1_LEN);
    sixlowpan_print(data.subarray(FRAG_1_LEN));
  } else if ((dispatch & 0xf8) === 0xe0) {
    puts('Fragmentation Header (subsequent)');
    puts(`offset: ${fragment(data, FRAG_N_LEN)[FRAG_N_LEN - 1]}`);
    dump(data, FRAG_N_LEN);
  } else if ((dispatch & 0xe0) === 0x60) {
    iphc(data);
  }
}

/** Prints size and tag of a fragment; its header. */
function fragment(data: Uint8Array, length: number): Uint8Array {
  const hdr = atLeast(data, length, 'a fragment');
  puts(`datagram size: ${get16(hdr, 0) & 0x7ff}`);
  puts(`tag: 0x${digits(get16(hdr, 2), 4)}`);
  return hdr;
}

function iphc(data: Uint8Array): void {
  const contexts = (data[1]! & IPHC2_CID_EXT) === 0 ? 0 : 1;
  const hdr = atLeast(data, IPHC_LEN + contexts, 'an IPHC header');
  const first = hdr[0]!;
  const second = hdr[1]!;
  puts('IPHC dispatch');
  puts(`TF: ${TF[(first >> 3) & 3]}`);
  puts(`NH: ${(first & 4) === 0 ? 'inline' : 'LOWPAN_NHC'}`);
  puts(`HLIM: ${HLIM[first & 3]}`);
  const sam = (second >> 4) & 3;
  if ((second & IPHC2_SAC) !== 0) puts(`Stateful source address compression: ${STATEFUL_SRC[sam]}`);
  else puts(`Stateless source address compression: ${STATELESS[sam]}`);
  const dam = second & 3;
  const state = (second & IPHC2_DAC) !== 0 ? 'Stateful' : 'Stateless';
  if ((second & IPHC2_M) !== 0) {
    puts(`${state} destination multicast address compression:`);
    puts(`    ${(state === 'Stateful' ? STATEFUL_GROUP : GROUP)[dam]}`);
  } else {
    puts(`${state} destination address compression: ${(state === 'Stateful' ? STATEFUL_DST : STATELESS)[dam]}`);
  }
  if (contexts > 0) puts(`SCI: 0x${(hdr[2]! >> 4).toString(16)}, DCI: 0x${(hdr[2]! & 0xf).toString(16)}`);
  dump(data, IPHC_LEN + contexts);
}

/** Dumps what is behind `offset`: without any bytes RIOT prints the first offset and no line end. */
function dump(data: Uint8Array, offset: number): void {
  if (offset <= data.length) od_hex_dump(data.subarray(offset), data.length - offset, OD_WIDTH_DEFAULT);
}

function digits(value: number, count: number): string {
  return value.toString(16).padStart(count, '0');
}

function column(value: number, width: number): string {
  return String(value).padStart(width);
}
