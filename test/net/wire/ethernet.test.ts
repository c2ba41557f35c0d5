import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitEthernet, ETHERNET_HDR_LEN, ETHERTYPE_IPV6, type EthernetRepr,
  ethernet_addr_is_group, formatEthernet, parseEthernet,
} from '../../../net/wire/ethernet.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16 } from './common.ts';

/** A router solicitation's header: RFC 2464 §7 maps ff02::2 to this group. */
const HEADER = fromHex('333300000002 02000000000a 86dd');

test('a header is two addresses and a type', (t) => {
  // RFC 894's layout, written out
  const repr = parseEthernet(HEADER) as EthernetRepr;
  t.is(hex(repr.dst), '333300000002');
  t.is(hex(repr.src), '02000000000a');
  t.is(repr.type, ETHERTYPE_IPV6);
  t.deepEqual(emitted(t, ETHERNET_HDR_LEN, (out, offset) => emitEthernet(repr, out, offset)), HEADER);
  t.is(formatEthernet(repr), 'ethernet 02:00:00:00:00:0a > 33:33:00:00:00:02 ipv6');
  t.is(formatEthernet({ ...repr, type: 0x88b5 }), 'ethernet 02:00:00:00:00:0a > 33:33:00:00:00:02 type 0x88b5');
});

test('every strict prefix of a header is refused', (t) => {
  // 14 bytes or none: what follows is the payload
  refusesEveryPrefix(t, HEADER, (bytes) => parseEthernet(bytes));
  neverThrows(t, (bytes) => parseEthernet(bytes));
});

test('emit and parse are inverse', (t) => {
  // all addresses and types
  t.notThrows(() => fc.assert(fc.property(bytesOf(6), bytesOf(6), u16, (dst, src, type) => {
    const out = new Uint8Array(ETHERNET_HDR_LEN);
    emitEthernet({ dst, src, type }, out, 0);
    const repr = parseEthernet(out) as EthernetRepr;
    return hex(repr.dst) === hex(dst) && hex(repr.src) === hex(src) && repr.type === type;
  }), RUNS));
});

test('groups have the lowest bit of the first byte set', (t) => {
  // IEEE 802.3 §3.2.3: the individual/group bit
  t.true(ethernet_addr_is_group(HEADER));
  t.false(ethernet_addr_is_group(HEADER, 6));
  t.true(ethernet_addr_is_group(fromHex('ffffffffffff')));
});
