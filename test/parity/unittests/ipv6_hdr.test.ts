// net/wire/ipv6_hdr.ts, net/gnrc/ipv6_hdr.ts and gnrc_ipv6_get_header(); RIOT's unit tests tests-ipv6_hdr,
// tests-gnrc_ipv6_hdr and tests-gnrc_ipv6, written anew: all cases.
import test from 'ava';
import { gnrc_ipv6_get_header } from '../../../net/gnrc/ipv6.ts';
import { gnrc_ipv6_hdr_build } from '../../../net/gnrc/ipv6_hdr.ts';
import {
  GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UNDEF, PROTNUM_ICMPV6, PROTNUM_RESERVED,
} from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_is_empty } from '../../../net/gnrc/pktbuf.ts';
import { ipv6_addr_loopback, ipv6_addr_unspecified } from '../../../net/wire/addr.ts';
import { fromHex, get16, hex } from '../../../net/wire/bytes.ts';
import { inet_csum } from '../../../net/wire/inet_csum.ts';
import {
  ipv6_ext_frag_get_id, ipv6_ext_frag_get_offset, ipv6_ext_frag_more, ipv6_ext_frag_set_more,
  ipv6_ext_frag_set_offset, ipv6_hdr_get_fl, ipv6_hdr_get_tc, ipv6_hdr_get_tc_dscp, ipv6_hdr_get_tc_ecn,
  ipv6_hdr_get_version, ipv6_hdr_inet_csum, ipv6_hdr_is, ipv6_hdr_set_fl, ipv6_hdr_set_tc, ipv6_hdr_set_tc_dscp,
  ipv6_hdr_set_tc_ecn, ipv6_hdr_set_version,
} from '../../../net/wire/ipv6_hdr.ts';
import { NetBoard } from '../../net/gnrc/board.ts';

const SRC = fromHex('000102030405060708090a0b0c0d0e0f');
const DST = fromHex('101112131415161718191a1b1c1d1e1f');

/** A header that begins with these bytes. */
function header(...bytes: number[]): Uint8Array {
  const hdr = new Uint8Array(40);
  hdr.set(bytes);
  return hdr;
}

/** The first four bytes after `change`. */
function changed(change: (hdr: Uint8Array) => void, ...bytes: number[]): string {
  const hdr = header(...bytes);
  change(hdr);
  return hex(hdr.subarray(0, 4));
}

/** Runs `code` on a board with a packet buffer. */
function onBoard(code: () => void): void {
  const board = new NetBoard(function* () { code(); });
  board.run();
}

test('the version stands in the four high bits of the first byte, and only 6 is IPv6', (t) => {
  // Each field changes no bit of another: the header begins with bits of its own.
  t.is(changed(ipv6_hdr_set_version, 0xfd), '6d000000');
  t.is(ipv6_hdr_get_version(header(0xfd)), 0xf);
  t.false(ipv6_hdr_is(header(0)));
  t.true(ipv6_hdr_is(header(0x6d)));
});

test('traffic class, its parts as RIOT has them, and flow label leave their neighbours as they are', (t) => {
  // RIOT has ECN before DSCP within the traffic class: its unit tests pin that down.
  t.is(changed((hdr) => ipv6_hdr_set_tc(hdr, 0xab), 0xfd), 'fab00000');
  t.is(changed((hdr) => ipv6_hdr_set_tc_ecn(hdr, 0xab), 0xf1), 'fd000000');
  t.is(changed((hdr) => ipv6_hdr_set_tc_dscp(hdr, 0xab), 0xfd), 'feb00000');
  t.is(ipv6_hdr_get_tc(header(0xfd, 0xab)), 0xda);
  t.is(ipv6_hdr_get_tc_ecn(header(0xfd)), 0x3);
  t.is(ipv6_hdr_get_tc_dscp(header(0xfd, 0xab)), 0x1a);
  t.is(changed((hdr) => ipv6_hdr_set_fl(hdr, 0xfedcba98), 0, 0xfd), '00fcba98');
  t.is(ipv6_hdr_get_fl(header(0xfd, 0xab)), 0xb0000);
});

test('the pseudo header is added to a sum that may overflow, and a captured message has its checksum', (t) => {
  // Values of RIOT's tests; the second packet is a capture whose ICMPv6 checksum is ab32.
  const first = fromHex('60000000000c3a40 fe80000000000000c886cdfffe0fce49 fe8000000000000018aa2dfffe4443ac');
  t.is(ipv6_hdr_inet_csum(0xffff, first, PROTNUM_ICMPV6, 0) ^ 0xffff, 0x1749);
  const packet = fromHex(`6000000000383aff fe800000000000005a6d8ffffe563009 ff020000000000000000000000000001
    86000000405807080000000000000000 030440c00000001e0000001400000000 2002183ddba400000000000000000000
    0101586d8f563009`);
  const message = packet.subarray(40);
  const sum = ipv6_hdr_inet_csum(0, packet, PROTNUM_ICMPV6, message.length);
  t.is(inet_csum(sum, message, message.length) ^ 0xffff, 0xab32);
});

test('offset, more and identification of a fragment header are read and set', (t) => {
  // Bytes and values of RIOT's tests; setting the offset says that no fragment follows.
  const first = fromHex('6d001229ab4a2df3');
  t.deepEqual([ipv6_ext_frag_get_offset(first), ipv6_ext_frag_more(first)], [4648, true]);
  t.is(ipv6_ext_frag_get_id(first), 0xab4a2df3);
  const second = fromHex('4f001d78ae49019f');
  t.deepEqual([ipv6_ext_frag_get_offset(second), ipv6_ext_frag_more(second)], [7544, false]);
  const made = fromHex('27000000a7e83d35');
  ipv6_ext_frag_set_offset(made, 0);
  t.is(hex(made), '27000000a7e83d35');
  ipv6_ext_frag_set_more(made);
  t.is(hex(made), '27000001a7e83d35');
  ipv6_ext_frag_set_offset(made, 504);
  t.is(hex(made), '270001f8a7e83d35');
});

test('gnrc_ipv6_hdr_build(): version 6, the rest for the ipv6 thread to fill in; without addresses :: and ::1', (t) => {
  // tests-gnrc_ipv6_hdr: source, destination and both given.
  t.plan(3 * 5);
  onBoard(() => {
    for (const [src, dst] of [[null, DST], [SRC, null], [SRC, DST]] as const) {
      const hdr = gnrc_ipv6_hdr_build(null, src, dst)!.data!;
      t.is(hex(hdr.subarray(0, 4)), '60000000');
      t.deepEqual([hdr[6], hdr[7]], [PROTNUM_RESERVED, 0]);
      t.is(hex(hdr.subarray(8, 24)), hex(src ?? ipv6_addr_unspecified));
      t.is(hex(hdr.subarray(24)), hex(dst ?? ipv6_addr_loopback));
      t.false(gnrc_pktbuf_is_empty());
    }
  });
});

test('gnrc_ipv6_get_header() finds the header between payload and netif header, and null where there is none', (t) => {
  // tests-gnrc_ipv6: each field of the header that was put in.
  t.plan(7);
  const ip = new Uint8Array([0x6e, 0xdc, 0xba, 0x98, 0xab, 0xcd, 0xfd, 0xfd, ...SRC, ...DST]);
  onBoard(() => {
    const netif = gnrc_pktbuf_add(null, null, 1, GNRC_NETTYPE_NETIF);
    t.is(gnrc_ipv6_get_header(gnrc_pktbuf_add(netif, null, 1, GNRC_NETTYPE_UNDEF)!), null);
    const ipv6 = gnrc_pktbuf_add(netif, ip, ip.length, GNRC_NETTYPE_IPV6);
    const hdr = gnrc_ipv6_get_header(gnrc_pktbuf_add(ipv6, null, 1, GNRC_NETTYPE_UNDEF)!)!;
    t.is(ipv6_hdr_get_version(hdr), 6);
    t.is(get16(hdr, 4), 0xabcd);
    t.is(hdr[6], 0xfd);
    t.is(hdr[7], 0xfd);
    t.is(hex(hdr.subarray(8, 24)), hex(SRC));
    t.is(hex(hdr.subarray(24, 40)), hex(DST));
  });
});
