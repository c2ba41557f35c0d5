import test from 'ava';
import fc from 'fast-check';

import { fromHex } from '../../../net/wire/bytes.ts';
import {
  emitIpv6Rh, IPV6_RH_MIN_LEN, parseIpv6Rh, upperLayerFrom, upperLayerHeaderLen, upperLayerOf,
} from '../../../net/wire/ipv6_ext.ts';
import { RUNS, u8 } from './common.ts';

/** Hop-by-hop options, a routing header of 16 bytes, destination options, a first fragment, then 8 bytes of UDP. */
const CHAIN = fromHex(`2b00010400000000 3c010000000000000000000000000000 2c00010400000000 1100000101020304
  0001000200080000`);

test('a routing header is read and written back; each strict prefix of one is refused', (t) => {
  // The first four bytes are common to all types (RFC 8200 §4.4); the length counts units of 8 without the first.
  const header = fromHex('3a02030100000000 0102030405060708 1112131415161718');
  t.deepEqual(parseIpv6Rh(header), { nextHeader: 58, length: 24, type: 3, segmentsLeft: 1 });
  for (let length = 0; length < header.length; length++) {
    t.is(parseIpv6Rh(header.subarray(0, length)), length < IPV6_RH_MIN_LEN ? 'truncated' : 'extension-past-end');
  }
  t.notThrows(() => fc.assert(fc.property(u8, u8, u8, u8, (nextHeader, type, left, units) => {
    const repr = { nextHeader, length: 8 * (units + 1), type, segmentsLeft: left };
    const bytes = new Uint8Array(repr.length);
    return emitIpv6Rh(repr, bytes, 0) === 4 && JSON.stringify(parseIpv6Rh(bytes)) === JSON.stringify(repr);
  }), RUNS));
});

test('a chain of headers leads to the upper layer; each prefix that cuts a header is refused', (t) => {
  // 8 + 16 + 8 + 8 bytes of headers stand before UDP.
  t.deepEqual(upperLayerFrom(CHAIN, 0, 0), { protocol: 17, offset: 40 });
  for (let length = 0; length < 40; length++) t.is(typeof upperLayerFrom(CHAIN.subarray(0, length), 0, 0), 'string');
  t.deepEqual(upperLayerFrom(CHAIN.subarray(0, 40), 0, 0), { protocol: 17, offset: 40 });
  t.deepEqual(upperLayerFrom(CHAIN, 0, 200), { protocol: 200, offset: 0 });
});

test('a fragment other than the first has no upper layer; a packet is walked from its header on', (t) => {
  // Offset 8 of a fragment header; and 40 bytes of IPv6 before the chain.
  const later = CHAIN.slice();
  later[35] = 0x08;
  t.is(upperLayerFrom(later, 0, 0), 'fragment');
  const packet = new Uint8Array([0x60, 0, 0, 0, 0, CHAIN.length, 0, 64, ...new Uint8Array(32), ...CHAIN]);
  t.deepEqual(upperLayerOf(packet), { protocol: 17, offset: 80 });
  t.is(upperLayerOf(packet.subarray(0, 39)), 'truncated');
});

test('headers of upper layers have their least length', (t) => {
  // RFC 768, RFC 4443 §2.1, RFC 9293 §3.1; of others nothing is known.
  t.deepEqual([17, 58, 6, 59, 200].map(upperLayerHeaderLen), [8, 4, 20, 0, 0]);
});
