// net/wire/inet_csum.ts; RIOT's unit tests tests-inet_csum, written anew: all cases, with the packets that they use.
import test from 'ava';
import { fromHex } from '../../../net/wire/bytes.ts';
import { inet_csum, inet_csum_slice } from '../../../net/wire/inet_csum.ts';

/** A router advertisement of a capture, without its pseudo header's length and next header. */
const ADDRESSES = 'fe800000000000005a6d8ffffe563009 ff020000000000000000000000000001';
const ADVERTISEMENT = `8600ab32405807080000000000000000 030440c00000001e0000001400000000
  2002183ddba400000000000000000000 0101586d8f563009`;
/** A CoAP header of odd length. */
const COAP = fromHex('50020001b474657374 10ff');

function sum(initial: number, text: string): number {
  const bytes = fromHex(text);
  return inet_csum(initial, bytes, bytes.length);
}

test('the example of RFC 1071 has the sum ddf2', (t) => {
  // RFC 1071 §3 gives bytes and result.
  t.is(sum(0, '0001f203f4f5f6f7'), 0xddf2);
});

test('a message with its checksum and pseudo header sums up to ffff, its lengths as bytes or as initial sum', (t) => {
  // Captured packets whose checksums are right: an ICMPv6 message, and a DNS query of odd length over IPv4.
  t.is(sum(0, `${ADDRESSES} 000000380000003a ${ADVERTISEMENT}`), 0xffff);
  t.is(sum(0x38 + 0x3a, `${ADDRESSES} ${ADVERTISEMENT}`), 0xffff);
  t.is(sum(17 + 39, `c0a80191 4b4b4b4b f6fb00350027d1a2 a56f01000001000000000000
    09746573742d6970763603636f6d0000010001`), 0xffff);
});

test('a sum that wraps more than once is folded until it fits', (t) => {
  // RIOT's case from the wild: one fold leaves more than 16 bits.
  t.is(sum(0x1785, 'fe80000000000000c886cdfffe0fce49 fe8000000000000018aa2dfffe4443ac'), 0x0002);
});

test('an IPv4 header with checksum 0 has the sum 479e, whose complement is its checksum', (t) => {
  // The header of a known packet, whose checksum is b861.
  t.is(sum(0, '4500007300004000 40110000c0a80001 c0a800c7'), 0x479e);
  t.is(0x479e ^ 0xffff, 0xb861);
});

test('a part behind an odd number of bytes begins in the low half of a word, and an empty part adds nothing', (t) => {
  // What 11 bytes sum up to, then one byte more, or none: the last byte before it counted as a high one.
  const header = inet_csum_slice(0, COAP, COAP.length, 0);
  t.is(header, 0xdcfc);
  t.is(inet_csum_slice(header, fromHex('61'), 1, COAP.length), 0xdcfc + 0x61);
  t.is(inet_csum_slice(header, null, 0, COAP.length), 0xdcfc);
});
