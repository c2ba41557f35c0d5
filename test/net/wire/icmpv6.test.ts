import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  checkIcmpv6Checksum, emitIcmpv6, emitIcmpv6Echo, emitIcmpv6Error, formatIcmpv6, ICMPV6_DST_UNR, ICMPV6_ECHO_REP,
  ICMPV6_ECHO_REQ, ICMPV6_ERROR_DST_UNR_PORT, ICMPV6_PARAM_PROB, ICMPV6_PKT_TOO_BIG, icmpv6Checksum, icmpv6Length,
  parseIcmpv6, parseIcmpv6Echo, parseIcmpv6Error, type Icmpv6EchoRepr, type Icmpv6ErrorRepr,
} from '../../../net/wire/icmpv6.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u32, u8, unicast } from './common.ts';

/** The router solicitation of node A in the capture a-boot-psk. */
const SOLICITATION = fromHex('8500 7a11 00000000 0102 020000000000000a 000000000000');
const NODE_A = fromHex('fe80000000000000000000000000000a');
const ALL_ROUTERS = fromHex('ff020000000000000000000000000002');

test('the checksum of a real message is right, and wrong after any change', (t) => {
  // bytes of a real node; each single byte is changed in turn, the addresses as well
  t.is(checkIcmpv6Checksum(NODE_A, ALL_ROUTERS, SOLICITATION), null);
  t.is(icmpv6Checksum(NODE_A, ALL_ROUTERS, SOLICITATION), 0x7a11);
  for (let i = 0; i < SOLICITATION.length; i++) {
    const changed = SOLICITATION.slice();
    changed[i]! ^= 0x40;
    t.is(checkIcmpv6Checksum(NODE_A, ALL_ROUTERS, changed), 'bad-checksum', `${i}`);
  }
  t.is(checkIcmpv6Checksum(NODE_A, NODE_A, SOLICITATION), 'bad-checksum');
  t.is(checkIcmpv6Checksum(NODE_A, ALL_ROUTERS, SOLICITATION.subarray(0, 3)), 'truncated');
});

test('type, code and checksum', (t) => {
  // RFC 4443 §2.1's layout; a message of fewer than 4 bytes is none
  const repr = parseIcmpv6(fromHex('0104 abcd'));
  t.deepEqual(repr, { type: ICMPV6_DST_UNR, code: ICMPV6_ERROR_DST_UNR_PORT, checksum: 0xabcd });
  refusesEveryPrefix(t, fromHex('0104 abcd'), (bytes) => parseIcmpv6(bytes));
  t.is(formatIcmpv6(repr as Icmpv6ErrorRepr), 'icmpv6 destination unreachable code=4');
  t.is(formatIcmpv6({ type: ICMPV6_ECHO_REP, code: 0, checksum: 0 }), 'icmpv6 echo reply');
  t.is(formatIcmpv6({ type: 99, code: 0, checksum: 0 }), 'icmpv6 type=99');
  fc.assert(fc.property(u8, u8, u16, (type, code, checksum) => {
    const bytes = emitted(t, icmpv6Length(), (out, offset) => emitIcmpv6({ type, code, checksum }, out, offset));
    t.deepEqual(parseIcmpv6(bytes), { type, code, checksum });
  }), { ...RUNS, numRuns: 50 });
});

test('echo messages', (t) => {
  // RFC 4443 §4.1; another type is no echo, and every prefix is refused
  const bytes = fromHex('8000 abcd 0053 0001');
  const repr = parseIcmpv6Echo(bytes) as Icmpv6EchoRepr;
  t.deepEqual(repr, { type: ICMPV6_ECHO_REQ, code: 0, checksum: 0xabcd, identifier: 0x53, sequence: 1 });
  t.is(hex(emitted(t, 8, (out, offset) => emitIcmpv6Echo(repr, out, offset))), hex(bytes));
  refusesEveryPrefix(t, bytes, (message) => parseIcmpv6Echo(message));
  t.is(parseIcmpv6Echo(fromHex('8200 abcd 0053 0001')), 'not-an-echo');
});

test('error messages', (t) => {
  // RFC 4443 §3: types 1 to 4 only, 32 bits of parameter with the top bit usable
  const cases: [string, Icmpv6ErrorRepr][] = [
    ['0104abcd00000000', { type: ICMPV6_DST_UNR, code: 4, checksum: 0xabcd, parameter: 0 }],
    ['0200abcd00000500', { type: ICMPV6_PKT_TOO_BIG, code: 0, checksum: 0xabcd, parameter: 1280 }],
    ['0401abcdfffffffe', { type: ICMPV6_PARAM_PROB, code: 1, checksum: 0xabcd, parameter: 0xfffffffe }],
  ];
  for (const [text, repr] of cases) {
    t.deepEqual(parseIcmpv6Error(fromHex(text)), repr);
    t.is(hex(emitted(t, 8, (out, offset) => emitIcmpv6Error(repr, out, offset))), text);
    refusesEveryPrefix(t, fromHex(text), (message) => parseIcmpv6Error(message));
  }
  t.is(parseIcmpv6Error(fromHex('0000abcd00000000')), 'not-an-error');
  t.is(parseIcmpv6Error(fromHex('0500abcd00000000')), 'not-an-error');
});

test('a message that was written verifies', (t) => {
  // any addresses, any body of any parity, at an offset in a larger array
  const data = fc.uint8Array({ maxLength: 60 });
  t.notThrows(() => fc.assert(fc.property(unicast, bytesOf(16), u8, u32, data, (src, dst, code, word, body) => {
    const out = new Uint8Array(80).fill(0x33);
    const repr: Icmpv6ErrorRepr = { type: ICMPV6_PARAM_PROB, code, checksum: 0, parameter: word };
    out.set(body, emitIcmpv6Error(repr, out, 5));
    const end = 5 + 8 + body.length;
    repr.checksum = icmpv6Checksum(src, dst, out, 5, end);
    emitIcmpv6Error(repr, out, 5);
    return checkIcmpv6Checksum(src, dst, out, 5, end) === null;
  }), RUNS));
});

test('arbitrary bytes give a message or a reason', (t) => {
  // the contract of every parser
  neverThrows(t, (bytes) => parseIcmpv6(bytes), 12);
  neverThrows(t, (bytes) => parseIcmpv6Echo(bytes), 12);
  neverThrows(t, (bytes) => parseIcmpv6Error(bytes), 12);
});
