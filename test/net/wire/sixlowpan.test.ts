import { readFileSync } from 'node:fs';

import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitIpv6, PROTNUM_ICMPV6, PROTNUM_IPV6, PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT,
  PROTNUM_IPV6_EXT_MOB, PROTNUM_IPV6_EXT_RH, PROTNUM_UDP,
} from '../../../net/wire/ipv6.ts';
import {
  compress, compressHeaders, decompress, decompressHeaders, dispatchOf, type HeaderLengths,
} from '../../../net/wire/sixlowpan.ts';
import { bytesOf, multicast, neverThrows, RUNS, u16, u8, unicast } from './common.ts';
import { contextTable } from './contexts.ts';

const NODE_A = fromHex('020000000000000a');
const NODE_B = fromHex('020000000000000b');
const A = 'fe80000000000000000000000000000a';
const B = 'fe80000000000000000000000000000b';
const CONTEXTS = contextTable([['2001:db8:1:2::', 64], ['2001:db8:aaaa::', 48], ['2001:db8:5:6:7:8:9:0', 112]]);

test('dispatch bytes are sorted as the RFCs assign them', (t) => {
  // RFC 4944 §5.1 with RFC 6282 §2 and RFC 8931 §5; the 256 values are counted so that none is sorted twice by mistake
  const counts: Record<string, number> = {};
  for (let byte = 0; byte < 256; byte++) counts[dispatchOf(byte)] = (counts[dispatchOf(byte)] ?? 0) + 1;
  t.deepEqual(counts, {
    nalp: 64, esc: 1, ipv6: 1, hc1: 1, bc0: 1, iphc: 32, mesh: 64, frag1: 8, fragn: 8, rfrag: 2, 'rfrag-ack': 2,
    unknown: 256 - 64 - 4 - 32 - 64 - 16 - 4,
  });
  const samples: [number, string][] = [
    [0x00, 'nalp'], [0x3f, 'nalp'], [0x40, 'esc'], [0x41, 'ipv6'], [0x42, 'hc1'], [0x50, 'bc0'], [0x60, 'iphc'],
    [0x7f, 'iphc'], [0x80, 'mesh'], [0xbf, 'mesh'], [0xc0, 'frag1'], [0xc7, 'frag1'], [0xe0, 'fragn'],
    [0xe7, 'fragn'], [0xe8, 'rfrag'], [0xea, 'rfrag-ack'], [0xc8, 'unknown'], [0xff, 'unknown'], [0x43, 'unknown'],
  ];
  for (const [byte, kind] of samples) t.is(dispatchOf(byte), kind as never, byte.toString(16));
});

interface TsharkVectors {
  linkSrc: string;
  linkDst: string;
  contexts: [string, number][];
  packets: [string, string][];
}

test('datagrams decompress to what TShark makes of them, and compress back to something that does too', (t) => {
  // an independent decoder: every IPHC encoding of the addresses, every one of TF, NH and HLIM, and NHC chains
  const url = new URL('../../vectors/6lowpan-tshark.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(url, 'utf8')) as TsharkVectors;
  const src = fromHex(vectors.linkSrc);
  const dst = fromHex(vectors.linkDst);
  const contexts = contextTable(vectors.contexts);
  t.is(vectors.packets.length, 235);
  for (const [compressed, expected] of vectors.packets) {
    const packet = decompress(fromHex(compressed), src, dst, contexts);
    t.is(typeof packet === 'string' ? packet : hex(packet), expected, compressed);
    const again = compress(fromHex(expected), src, dst, contexts);
    if (typeof again === 'string') return t.fail(again);
    const back = decompress(again, src, dst, contexts);
    t.is(typeof back === 'string' ? back : hex(back), expected, hex(again));
  }
});

/** A ping from B to A as nodes send it: IPHC 7a33, next header 58. */
const PING = `7a333a8000abcd0053000101020304`;
const PING_PACKET = `60000000000c3a40${B}${A}8000abcd0053000101020304`;

test('lengths that compression leaves out are filled in from the datagram', (t) => {
  // whole datagram, and a FRAG1 whose header tells a larger size: IPv6 and UDP lengths come from there
  const out = new Uint8Array(60);
  const udp = fromHex('7e33 f0 3039 4efc abcd 0102030405');
  t.deepEqual(decompressHeaders(udp, 0, NODE_B, NODE_A, null, out, 4), { headerLength: 9, uncompressedLength: 48 });
  t.is(hex(out.subarray(4, 52)), `60000000000d1140${B}${A}30394efc000dabcd`);
  t.deepEqual(decompressHeaders(udp, 159, NODE_B, NODE_A, null, out, 4), { headerLength: 9, uncompressedLength: 48 });
  t.is(hex(out.subarray(4, 52)), `6000000000771140${B}${A}30394efc0077abcd`);
  t.is(hex(decompress(fromHex(PING), NODE_B, NODE_A, null) as Uint8Array), PING_PACKET);
});

test('headers are compressed without their payload at hand', (t) => {
  // a sender has the payload elsewhere: 48 bytes of headers and the size of the datagram are enough
  const headers = fromHex(`6000000000771140${B}${A}30394efc0077abcd`);
  const out = new Uint8Array(60);
  t.deepEqual(compressHeaders(headers, 159, NODE_B, NODE_A, null, out, 2), { headerLength: 9, uncompressedLength: 48 });
  t.is(hex(out.subarray(2, 11)), '7e33f030394efcabcd');
});

test('a FRAG1 that carries more than its datagram size is refused', (t) => {
  // CVE-2023-24819: what is copied must never be longer than the reassembly buffer
  const bytes = fromHex(PING);
  const out = new Uint8Array(60);
  t.not(typeof decompressHeaders(bytes, 52, NODE_B, NODE_A, null, out, 0), 'string');
  for (const size of [51, 48, 40, 39, 8, 1]) {
    t.is(decompressHeaders(bytes, size, NODE_B, NODE_A, null, out, 0), 'datagram-size-too-small', `${size}`);
  }
});

test('compressed headers that do not end within the frame are refused', (t) => {
  // RFC 6282 §2: all of them belong in the first fragment; each prefix of the headers is tried
  const headers = fromHex(`7e33 e1 06 010400000000 ee
    7e00 00112233445566778899aabbccddeeff 20010db8000000000000000000000001 f0 1234 5678 abcd`);
  t.not(typeof decompress(headers, NODE_B, NODE_A, null), 'string');
  for (let length = 0; length < headers.length; length++) {
    t.is(decompress(headers.slice(0, length), NODE_B, NODE_A, null), 'truncated', `${length}`);
  }
});

test('headers that grow beyond the room there is are refused', (t) => {
  // a chain of headers within headers: each step of 3 bytes would become 40
  const chain = fromHex(`7e33${'ee7e33'.repeat(30)}f012345678abcd`);
  t.not(typeof decompress(chain, NODE_B, NODE_A, null), 'string', '31 headers fit into the MTU');
  t.is(decompress(fromHex(`7e33${'ee7e33'.repeat(31)}f012345678abcd`), NODE_B, NODE_A, null), 'no-space');
  for (let room = 0; room < 48; room++) {
    const out = new Uint8Array(room);
    t.is(decompressHeaders(fromHex('7e33f012345678abcd'), 0, NODE_B, NODE_A, null, out, 0), 'no-space', `${room}`);
  }
});

test('unknown NHC, reserved IPHC and unknown contexts are refused with their reason', (t) => {
  // one for each reason that comes from the codecs below
  const cases: [string, string][] = [
    ['7e33d0ffff', 'unknown-nhc'], ['7e33ea3a00', 'nhc-reserved'], ['7e33f4123456789abc', 'nhc-checksum-elided'],
    ['7e34f012345678abcd', 'iphc-reserved'], ['7e73f012345678abcd', 'iphc-unknown-context'],
    ['7e33e3050000000000', 'nhc-bad-extension-length'], ['4133', 'not-iphc'],
  ];
  for (const [bytes, reason] of cases) t.is(decompress(fromHex(bytes), NODE_B, NODE_A, null), reason as never, bytes);
});

test('what NHC could not bring back is left as it is', (t) => {
  // a UDP length that differs from IPv6's (which NHC elides), a cut UDP header, extension headers too long for NHC
  const udpLength = fromHex(`60000000000c1140${B}${A}30394efc000babcd01020304`);
  t.is(hex(compress(udpLength, NODE_B, NODE_A, null) as Uint8Array), '7a331130394efc000babcd01020304');
  const cutUdp = fromHex(`6000000000061140${B}${A}30394efc000b`);
  t.is(hex(compress(cutUdp, NODE_B, NODE_A, null) as Uint8Array), '7a331130394efc000b');
  const longOptions = fromHex(`6000000001080040${B}${A}3a20010400000000${'0106000000000000'.repeat(32)}`);
  t.is(longOptions.length, 40 + 264);
  t.is(hex((compress(longOptions, NODE_B, NODE_A, null) as Uint8Array).subarray(0, 4)), '7a33003a');
});

test('a packet whose payload length is not that of the datagram is refused', (t) => {
  // the length is elided, so it could not come back
  t.is(compress(fromHex(`${PING_PACKET}00`), NODE_B, NODE_A, null), 'payload-length-mismatch');
  t.is(compress(fromHex(PING_PACKET.slice(0, -2)), NODE_B, NODE_A, null), 'payload-length-mismatch');
  t.is(compress(fromHex(PING_PACKET.slice(0, 78)), NODE_B, NODE_A, null), 'truncated');
  t.is(compress(fromHex(PING_PACKET.replace('6', '5')), NODE_B, NODE_A, null), 'bad-version');
});

test('compressed headers never take more room than told', (t) => {
  // with too little room the result is 'no-space', and nothing behind the room is missing silently
  const headers = fromHex(`6ab12345000a1103${'20'.repeat(16)}${'21'.repeat(16)}12345678000aabcd0102`);
  const full = compress(headers, NODE_B, NODE_A, null) as Uint8Array;
  for (let room = 0; room < 60; room++) {
    const out = new Uint8Array(room);
    const lengths = compressHeaders(headers, headers.length, NODE_B, NODE_A, null, out, 0);
    if (typeof lengths === 'string') t.is(lengths, 'no-space');
    else t.is(hex(out.subarray(0, lengths.headerLength)), hex(full.subarray(0, lengths.headerLength)));
  }
  t.not(typeof compressHeaders(headers, headers.length, NODE_B, NODE_A, null, new Uint8Array(48), 0), 'string');
});

/** Packets of all kinds: IPv6 headers of every shape, extension headers, IPv6 in IPv6, and UDP, ICMPv6 or anything. */
const anyPacket: fc.Arbitrary<Uint8Array> = fc.letrec<{ packet: Uint8Array; body: [number, Uint8Array] }>((tie) => ({
  body: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.constantFrom(PROTNUM_ICMPV6, 6, 59, 255), fc.uint8Array({ maxLength: 20 })),
    fc.tuple(u16, fc.oneof(u16, u8.map((low) => 0xf000 | low), fc.nat(15).map((low) => 0xf0b0 | low)), u16, bytesOf(5))
      .map(([from, to, checksum, data]) =>
        [PROTNUM_UDP, Uint8Array.of(from >> 8, from, to >> 8, to, 0, 13, checksum >> 8, checksum, ...data)] as
          [number, Uint8Array]),
    fc.tuple(fc.constant(PROTNUM_UDP), fc.uint8Array({ maxLength: 12 })),
    tie('packet').map((packet) => [PROTNUM_IPV6, packet] as [number, Uint8Array]),
    fc.tuple(
      fc.constantFrom(PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_RH, PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_MOB),
      fc.nat(2).chain((units) => bytesOf(units * 8 + 6)), tie('body'),
    ).map(([kind, data, [next, rest]]) =>
      [kind, Uint8Array.of(next, (data.length + 2) / 8 - 1, ...data, ...rest)] as [number, Uint8Array]),
    fc.tuple(fc.constantFrom(0, 1), bytesOf(6), tie('body')).map(([reserved, data, [next, rest]]) =>
      [PROTNUM_IPV6_EXT_FRAG, Uint8Array.of(next, reserved, ...data, ...rest)] as [number, Uint8Array]),
  ),
  packet: fc.record({
    trafficClass: fc.oneof(fc.constant(0), u8), flowLabel: fc.oneof(fc.constant(0), fc.nat(0xfffff)),
    hopLimit: fc.oneof(fc.constantFrom(1, 64, 255), u8), src: unicast, dst: fc.oneof(unicast, multicast),
    body: tie('body'),
  }).map(({ body: [nextHeader, payload], ...fields }) => {
    const packet = new Uint8Array(40 + payload.length);
    packet.set(payload, emitIpv6({ ...fields, nextHeader, payloadLength: payload.length }, packet, 0));
    return packet;
  }),
})).packet;

test('any packet comes back from compression as it was', (t) => {
  // the identity on the IPv6 side, with and without contexts, for any link addresses
  const link = fc.oneof(bytesOf(8), bytesOf(2));
  fc.assert(fc.property(anyPacket, link, link, fc.constantFrom(null, CONTEXTS), (packet, src, dst, contexts) => {
    const compressed = compress(packet, src, dst, contexts);
    if (typeof compressed === 'string') return false;
    const back = decompress(compressed, src, dst, contexts);
    t.is(typeof back === 'string' ? back : hex(back), hex(packet), hex(compressed));
    return true;
  }), { ...RUNS, numRuns: 3000 });
});

test('a decompressed first fragment agrees with the whole datagram', (t) => {
  // headers and lengths must be the same whether the datagram comes whole or cut behind its compressed headers
  fc.assert(fc.property(anyPacket, fc.nat(30), (packet, more) => {
    const compressed = compress(packet, NODE_B, NODE_A, CONTEXTS) as Uint8Array;
    const whole = new Uint8Array(2000);
    const lengths = decompressHeaders(compressed, 0, NODE_B, NODE_A, CONTEXTS, whole, 0) as HeaderLengths;
    const first = compressed.subarray(0, lengths.headerLength + more);
    const cut = new Uint8Array(2000);
    t.deepEqual(decompressHeaders(first, packet.length, NODE_B, NODE_A, CONTEXTS, cut, 0), lengths);
    return hex(cut) === hex(whole);
  }), RUNS);
});

test('arbitrary bytes give a packet or a reason', (t) => {
  // with the IPHC dispatch, elided addresses and NHC in the second run, so that chains are reached
  neverThrows(t, (bytes) => decompress(bytes, NODE_B, NODE_A, CONTEXTS));
  neverThrows(t, (bytes) => {
    bytes.set([0x7e, 0x33, (bytes[2] ?? 0) | 0xe0].slice(0, bytes.length));
    return decompress(bytes, NODE_B, NODE_A, CONTEXTS);
  });
  neverThrows(t, (bytes) => compress(bytes, NODE_B, NODE_A, CONTEXTS));
});
