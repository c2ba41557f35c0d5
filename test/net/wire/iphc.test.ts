import test from 'ava';
import fc from 'fast-check';

import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitIphc, formatIphc, iphcLength, IPHC_MAX_LEN, NEXT_HEADER_COMPRESSED, parseIphc, type IphcContexts, type IphcRepr,
  type ParsedIphc,
} from '../../../net/wire/iphc.ts';
import { bytesOf, emitted, multicast, neverThrows, refusesEveryPrefix, RUNS, u8, unicast } from './common.ts';
import { contextTable } from './contexts.ts';

const NODE_A = fromHex('020000000000000a');
const NODE_B = fromHex('020000000000000b');
const NONE = new Uint8Array(0);

function address(text: string): Uint8Array {
  return ipv6_addr_from_str(text)!;
}

/** A header with these addresses, everything else elided. */
function header(src: string, dst: string, rest: Partial<IphcRepr> = {}): IphcRepr {
  return {
    trafficClass: 0, flowLabel: 0, nextHeader: NEXT_HEADER_COMPRESSED, hopLimit: 64, src: address(src),
    dst: address(dst), ...rest,
  };
}

/** Emits, checks the announced length, and checks that it parses back; returns the hex. */
function compressed(
  t: import('ava').ExecutionContext, repr: IphcRepr, linkSrc = NODE_B, linkDst = NODE_A,
  contexts: IphcContexts | null = null,
): string {
  const length = iphcLength(repr, linkSrc, linkDst, contexts);
  const bytes = emitted(t, length, (out, offset) => emitIphc(repr, linkSrc, linkDst, contexts, out, offset));
  t.deepEqual(parseIphc(bytes, 0, linkSrc, linkDst, contexts), { ...repr, headerLength: length });
  refusesEveryPrefix(t, bytes, (cut) => parseIphc(cut, 0, linkSrc, linkDst, contexts));
  return hex(bytes);
}

test('the headers of real nodes: 7e33 for UDP, 7a33 for ping, 7b3b for router solicitations', (t) => {
  // the forms that every frame of the captures begins with
  t.is(compressed(t, header('fe80::b', 'fe80::a')), '7e33');
  t.is(compressed(t, header('fe80::b', 'fe80::a', { nextHeader: 58 })), '7a333a');
  t.is(compressed(t, header('fe80::b', 'ff02::2', { nextHeader: 58, hopLimit: 255 }), NODE_B, NONE), '7b3b3a02');
  const parsed = parseIphc(fromHex('7e33'), 0, NODE_B, NODE_A, null) as ParsedIphc;
  t.is(formatIphc(parsed, fromHex('7e33')), 'IPHC 7e33 fe80::b > fe80::a nh=nhc hl=64');
});

test('hop limits 1, 64 and 255 are elided, others are inline', (t) => {
  // RFC 6282 §3.1.1 HLIM
  t.is(compressed(t, header('fe80::b', 'fe80::a', { hopLimit: 1 })), '7d33');
  t.is(compressed(t, header('fe80::b', 'fe80::a', { hopLimit: 255 })), '7f33');
  t.is(compressed(t, header('fe80::b', 'fe80::a', { hopLimit: 63 })), '7c333f');
  t.is(compressed(t, header('fe80::b', 'fe80::a', { hopLimit: 0 })), '7c3300');
});

test('traffic class and flow label take the smallest form, ECN before DSCP', (t) => {
  // RFC 6282 §3.1.1 TF. Traffic class b9 is DSCP 101110 ECN 01, which inline is 01 101110
  const of = (trafficClass: number, flowLabel: number): string =>
    compressed(t, header('fe80::b', 'fe80::a', { trafficClass, flowLabel }));
  t.is(of(0xb9, 0), '76336e');
  t.is(of(0x01, 0x12345), '6e33412345');
  t.is(of(0x00, 0xfffff), '6e330fffff');
  t.is(of(0xb9, 0x12345), '66336e012345');
});

test('a link-local address is elided if it is that of the frame, else it takes 16 or 64 bits', (t) => {
  // RFC 6282 §3.1.1 SAM, DAM; short link addresses derive 0000:00ff:fe00:XXXX
  t.is(compressed(t, header('fe80::ff:fe00:1234', 'fe80::ff:fe00:5678')), '7e2212345678');
  t.is(compressed(t, header('fe80::c', 'fe80::d')), '7e11000000000000000c000000000000000d');
  t.is(compressed(t, header('fe80::ff:fe00:1234', 'fe80::ff:fe00:5678'), fromHex('1234'), fromHex('5678')), '7e33');
  t.is(compressed(t, header('fe80::ff:fe00:5678', 'fe80::a'), fromHex('1234')), '7e235678');
});

test('without a link address nothing is computed from it', (t) => {
  // RIOT sends a unicast destination whole if the frame has no destination address, and drops an elided one
  const dst = 'fe80000000000000000000000000000a';
  t.is(compressed(t, header('fe80::b', 'fe80::a'), NODE_B, NONE), `7e30${dst}`);
  t.is(parseIphc(fromHex('7e33'), 0, NONE, NODE_A, null), 'iphc-no-link-address');
  t.is(parseIphc(fromHex('7e33'), 0, NODE_B, NONE, null), 'iphc-no-link-address');
  t.is(parseIphc(fromHex('7e33'), 0, new Uint8Array(5), NODE_A, null), 'iphc-no-link-address');
});

test('global and unspecified addresses without a context', (t) => {
  // 128 bits inline; the unspecified address has its own form
  t.is(compressed(t, header('2001:db8::1', '2001:db8::2')),
    '7e0020010db800000000000000000000000120010db8000000000000000000000002');
  t.is(compressed(t, header('::', 'ff02::1:ff00:a'), NODE_B, NONE), '7e490201ff00000a');
  t.is(compressed(t, header('fe80:0:0:1::b', 'fe80::a')), '7e03fe80000000000001000000000000000b');
});

test('multicast addresses take 8, 32, 48 or 128 bits', (t) => {
  // RFC 6282 §3.1.1 with M = 1; each pair is the largest address of a form and the smallest that needs the next
  const of = (dst: string): string => compressed(t, header('fe80::b', dst), NODE_B, NONE).slice(4);
  t.is(of('ff02::ff'), 'ff');
  t.is(of('ff02::100'), '02000100');
  t.is(of('ff05::1'), '05000001');
  t.is(of('ff0e::ff:ffff'), '0effffff');
  t.is(of('ff02::100:0'), '020001000000');
  t.is(of('ff02::ff:ffff:ffff'), '02ffffffffff');
  t.is(of('ff02::100:0:0'), 'ff020000000000000000010000000000');
  t.is(of('ff02:0:0:0:1::1'), 'ff020000000000000001000000000001');
});

const CONTEXTS = contextTable([['2001:db8:1:2::', 64], ['2001:db8:aaaa::', 48], ['2001:db8:5:6:7:8:9:0', 112]]);

test('addresses are compressed by context', (t) => {
  // RFC 6282 §3.1.2: context 0 needs no identifiers; RIOT adds them if one of the two is not 0
  const of = (src: string, dst: string): string => compressed(t, header(src, dst), NODE_B, NODE_A, CONTEXTS);
  t.is(of('2001:db8:1:2::b', '2001:db8:1:2::a'), '7e77');
  t.is(of('2001:db8:1:2::b', '2001:db8:1:2::ff:fe00:5678'), '7e765678');
  t.is(of('2001:db8:1:2::1:2', '2001:db8:1:2::a'), '7e570000000000010002');
  t.is(of('2001:db8:aaaa::b', '2001:db8:1:2::a'), '7ef710');
  t.is(of('fe80::b', '2001:db8:aaaa::a'), '7eb701');
  t.is(of('2001:db8:5:6:7:8:9:b', '2001:db8:aaaa::a'), '7ed721000700080009000b');
  t.is(of('fe80::b', 'fe80::a'), '7e33');
});

test('a context whose prefix does not cover the first 64 bits leaves the address whole', (t) => {
  // RIOT 7e9308dd8c, RFC 6282 §3.1.1: bits between prefix and IID would come back as 0
  const bytes = compressed(t, header('fe80::b', '2001:db8:aaaa:1::a'), NODE_B, NODE_A, CONTEXTS);
  t.is(bytes, '7e3020010db8aaaa0001000000000000000a');
});

test('a context without the C flag decompresses but does not compress', (t) => {
  // RFC 6775 §4.2
  const contexts = contextTable([['2001:db8:1:2::', 64]], false);
  t.is(compressed(t, header('fe80::b', '2001:db8:1:2::a'), NODE_B, NODE_A, contexts).slice(0, 4), '7e30');
  t.like(parseIphc(fromHex('7e37'), 0, NODE_B, NODE_A, contexts), { dst: address('2001:db8:1:2::a') });
});

test('a unicast-prefix-based multicast address is compressed by its context', (t) => {
  // RFC 3306: prefix length 64, prefix, 32-bit group; with bits behind a shorter prefix it stays whole
  t.is(compressed(t, header('fe80::b', 'ff32:40:2001:db8:1:2:1234:5678'), NODE_B, NONE, CONTEXTS), '7e3c320012345678');
  t.is(compressed(t, header('fe80::b', 'ff32:30:2001:db8:aaaa:0:1234:5678'), NODE_B, NONE, CONTEXTS),
    '7ebc01320012345678');
  t.is(compressed(t, header('fe80::b', 'ff32:30:2001:db8:aaaa:1:1234:5678'), NODE_B, NONE, CONTEXTS).length, 36);
  t.is(compressed(t, header('fe80::b', 'ff32:20:2001:db8:1:2:1234:5678'), NODE_B, NONE, CONTEXTS).length, 36);
});

test('a context that is not there drops the packet', (t) => {
  // RFC 6282 §3.1.2; source by 64, 16 and 0 bits, destination likewise, and multicast
  const tail = '00'.repeat(24);
  for (const base of ['7e50', '7e60', '7e70', '7e35', '7e36', '7e37', '7e3c']) {
    t.is(parseIphc(fromHex(`${base}${tail}`), 0, NODE_B, NODE_A, null), 'iphc-unknown-context', base);
  }
  t.is(parseIphc(fromHex(`7ef730${tail}`), 0, NODE_B, NODE_A, CONTEXTS), 'iphc-unknown-context', 'source 3');
  t.is(parseIphc(fromHex(`7ef703${tail}`), 0, NODE_B, NODE_A, CONTEXTS), 'iphc-unknown-context', 'destination 3');
  t.like(parseIphc(fromHex('7e43'), 0, NODE_B, NODE_A, null), { src: new Uint8Array(16) }, 'unspecified needs none');
});

test('of all 8192 encodings the reserved ones are refused, and each other one has the length of its fields', (t) => {
  // RFC 6282 §3.1.1. Lengths are counted here from the bit string, field by field; one byte less must be refused
  const lengths = (base: number): number => {
    const bits = base.toString(2).padStart(16, '0');
    const [tf, nh, hlim, cid] = [bits.slice(3, 5), bits[5], bits.slice(6, 8), bits[8]];
    const [sac, sam, m, dac, dam] = [bits[9], bits.slice(10, 12), bits[12], bits[13], bits.slice(14, 16)];
    const plain: Record<string, number> = { '00': 16, '01': 8, 10: 2, 11: 0 };
    const group: Record<string, number> = { '00': 16, '01': 6, 10: 4, 11: 1 };
    const tfs: Record<string, number> = { '00': 4, '01': 3, 10: 1, 11: 0 };
    const src = sac === '1' && sam === '00' ? 0 : plain[sam]!;
    const dst = m === '0' ? plain[dam]! : dac === '0' ? group[dam]! : 6;
    return 2 + (cid === '1' ? 1 : 0) + tfs[tf]! + (nh === '0' ? 1 : 0) + (hlim === '00' ? 1 : 0) + src + dst;
  };
  let reserved = 0;
  for (let base = 0x6000; base < 0x8000; base++) {
    const bytes = new Uint8Array(50);
    bytes[0] = base >> 8;
    bytes[1] = base;
    const dac = (base & 4) !== 0;
    const dam = base & 3;
    const result = parseIphc(bytes, 0, NODE_B, NODE_A, CONTEXTS);
    if (dac && ((base & 8) !== 0 ? dam !== 0 : dam === 0)) {
      reserved++;
      if (result !== 'iphc-reserved') t.fail(`${base.toString(16)} is reserved`);
      continue;
    }
    const length = lengths(base);
    if (typeof result === 'string' || result.headerLength !== length) t.fail(`${base.toString(16)} is ${length} long`);
    const cut = parseIphc(bytes.slice(0, length - 1), 0, NODE_B, NODE_A, CONTEXTS);
    if (cut !== 'truncated') t.fail(`${base.toString(16)} cut short`);
  }
  t.is(reserved, 2048);
});

test('a dispatch byte alone, and what is not IPHC, is refused', (t) => {
  // CVE-2023-24825: one byte of IPHC must not be read as two
  t.is(parseIphc(fromHex('7e'), 0, NODE_B, NODE_A, null), 'truncated');
  t.is(parseIphc(NONE, 0, NODE_B, NODE_A, null), 'truncated');
  for (const dispatch of ['4133', 'c033', '0033', '8033']) {
    t.is(parseIphc(fromHex(dispatch), 0, NODE_B, NODE_A, null), 'not-iphc');
  }
});

const anyHeader = fc.record({
  trafficClass: fc.oneof(fc.constant(0), u8), flowLabel: fc.oneof(fc.constant(0), fc.nat(0xfffff)),
  nextHeader: fc.oneof(fc.constant(NEXT_HEADER_COMPRESSED), u8), hopLimit: fc.oneof(u8, fc.constantFrom(1, 64, 255)),
  src: unicast, dst: fc.oneof(unicast, multicast),
});
const anyLink = fc.oneof(bytesOf(8), bytesOf(2), fc.constant(NONE));

test('a header that was written parses to the same values, whatever the addresses', (t) => {
  // links of 8 and 2 bytes that fit the address in half of the cases; with and without contexts
  const contexts = fc.constantFrom(null, CONTEXTS, contextTable([['2001:db8:1:2::', 64]], false));
  fc.assert(fc.property(anyHeader, anyLink, anyLink, contexts, fc.boolean(), (repr, src, dst, table, fits) => {
    let linkSrc = src;
    if (fits) {
      linkSrc = repr.src.slice(8);
      linkSrc[0]! ^= 2;
    }
    const out = new Uint8Array(50);
    const end = emitIphc(repr, linkSrc, dst, table, out, 5);
    t.deepEqual(parseIphc(out.slice(0, end), 5, linkSrc, dst, table), { ...repr, headerLength: end - 5 });
    return end - 5 === iphcLength(repr, linkSrc, dst, table) && end - 5 <= IPHC_MAX_LEN;
  }), { ...RUNS, numRuns: 5000 });
});

test('arbitrary bytes give a header or a reason', (t) => {
  // with the IPHC dispatch in the second run
  neverThrows(t, (bytes) => parseIphc(bytes, 0, NODE_B, NODE_A, CONTEXTS), 50);
  neverThrows(t, (bytes) => {
    if (bytes.length > 0) bytes[0] = (bytes[0]! & 0x1f) | 0x60;
    return parseIphc(bytes, 0, NODE_B, NODE_A, CONTEXTS);
  }, 50);
});
