import test from 'ava';
import fc from 'fast-check';
import { ENOENT } from '../../../kernel/errno.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, GNRC_NETIF_HDR_FLAGS_MORE_DATA, GNRC_NETIF_HDR_FLAGS_MULTICAST,
  GNRC_NETIF_HDR_NO_LQI, GNRC_NETIF_HDR_NO_RSSI, gnrc_netif_hdr_build, gnrc_netif_hdr_get_dst_addr,
  gnrc_netif_hdr_get_dstaddr, gnrc_netif_hdr_get_flag, gnrc_netif_hdr_get_netif, gnrc_netif_hdr_get_src_addr,
  gnrc_netif_hdr_get_srcaddr, gnrc_netif_hdr_init, gnrc_netif_hdr_of, gnrc_netif_hdr_print,
  gnrc_netif_hdr_set_dst_addr, gnrc_netif_hdr_set_netif, gnrc_netif_hdr_set_src_addr, gnrc_netif_hdr_sizeof,
  gnrc_netif_hdr_t } from '../../../net/gnrc/netif_hdr.ts';
import { GNRC_NETTYPE_IPV6 } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { NetBoard } from './board.ts';
import { A, interfaceBoard } from './interface.ts';

const idle = (): NetBoard => new NetBoard(function* () { return 0; });

test('a header that was built has the addresses, and knows nothing else', (t) => {
  // sizeof(gnrc_netif_hdr_t) is 8: lengths, pid (16 bit), flags, LQI and RSSI (16 bit).
  idle().do(() => {
    const snip = gnrc_netif_hdr_build(A, 8, Uint8Array.of(0xff, 0xfe), 2)!;
    const hdr = gnrc_netif_hdr_of(snip);
    t.is(snip.size, 18);
    t.is(gnrc_netif_hdr_sizeof(hdr), 18);
    t.deepEqual(gnrc_netif_hdr_get_src_addr(hdr), A);
    t.deepEqual(gnrc_netif_hdr_get_dst_addr(hdr), Uint8Array.of(0xff, 0xfe));
    t.deepEqual([hdr.if_pid, hdr.flags, hdr.rssi, hdr.lqi], [0, 0, GNRC_NETIF_HDR_NO_RSSI, GNRC_NETIF_HDR_NO_LQI]);
    gnrc_pktbuf_release(snip);
  });
});

test('a field that is set reads back and changes no other', (t) => {
  // All fields at once, in a random order of values: a wrong offset or width overwrites a neighbour.
  const field = fc.record({
    src: fc.nat(8), dst: fc.nat(8), pid: fc.nat(0x7fff), flags: fc.nat(255), lqi: fc.nat(255),
    rssi: fc.integer({ min: -32768, max: 32767 }),
  });
  t.notThrows(() => fc.assert(fc.property(field, (value) => {
    const hdr = new gnrc_netif_hdr_t(new Uint8Array(24));
    hdr.rssi = value.rssi;
    hdr.lqi = value.lqi;
    hdr.flags = value.flags;
    hdr.if_pid = value.pid;
    hdr.dst_l2addr_len = value.dst;
    hdr.src_l2addr_len = value.src;
    const read = { src: hdr.src_l2addr_len, dst: hdr.dst_l2addr_len, pid: hdr.if_pid, flags: hdr.flags, lqi: hdr.lqi,
      rssi: hdr.rssi };
    if (JSON.stringify(read) !== JSON.stringify(value)) throw new Error(JSON.stringify(read));
  }), { seed: 42 }));
});

test('an address of another length than the header has room for is not taken', (t) => {
  // RIOT returns without effect; the room for it stays as it was.
  const hdr = new gnrc_netif_hdr_t(new Uint8Array(8 + 2 + 8));
  gnrc_netif_hdr_init(hdr, 2, 8);
  gnrc_netif_hdr_set_src_addr(hdr, A, 8);
  gnrc_netif_hdr_set_dst_addr(hdr, A, 2);
  t.deepEqual(hdr.bytes.subarray(8), new Uint8Array(10));
  gnrc_netif_hdr_set_src_addr(hdr, A.subarray(6), 2);
  gnrc_netif_hdr_set_dst_addr(hdr, A, 8);
  t.deepEqual(gnrc_netif_hdr_get_src_addr(hdr), Uint8Array.of(0, 10));
  t.deepEqual(gnrc_netif_hdr_get_dst_addr(hdr), A);
});

test('flags and addresses of a packet are those of its netif header, wherever that is', (t) => {
  // Received packets have it last, packets to be sent first; -ENOENT without header or without address.
  idle().do(() => {
    const payload = gnrc_pktbuf_add(null, null, 5, GNRC_NETTYPE_IPV6)!;
    t.is(gnrc_netif_hdr_get_flag(payload), 0);
    t.is(gnrc_netif_hdr_get_srcaddr(payload), -ENOENT);
    payload.next = gnrc_netif_hdr_build(A, 8, null, 0);
    gnrc_netif_hdr_of(payload.next!).flags = GNRC_NETIF_HDR_FLAGS_MORE_DATA;
    t.is(gnrc_netif_hdr_get_flag(payload), GNRC_NETIF_HDR_FLAGS_MORE_DATA);
    t.deepEqual(gnrc_netif_hdr_get_srcaddr(payload), A);
    t.is(gnrc_netif_hdr_get_dstaddr(payload), -ENOENT);
    gnrc_pktbuf_release(payload);
  });
});

test('there is no header when the packet buffer is full', (t) => {
  // 6144 bytes, of which 32 are left: the descriptor would fit, the data do not.
  idle().do(() => {
    t.not(gnrc_pktbuf_add(null, null, 6144 - 64, GNRC_NETTYPE_IPV6), null);
    t.is(gnrc_netif_hdr_build(A, 8, A, 8), null);
  });
});

test('the interface of a header is found by its number, and 0 is none', (t) => {
  // if_pid is the number of the interface's thread.
  t.plan(3);
  interfaceBoard(A, function* ({ netif }) {
    const hdr = new gnrc_netif_hdr_t(new Uint8Array(8));
    t.is(gnrc_netif_hdr_get_netif(hdr), null);
    gnrc_netif_hdr_set_netif(hdr, netif);
    t.is(gnrc_netif_hdr_get_netif(hdr), netif);
    gnrc_netif_hdr_set_netif(hdr, null);
    t.is(hdr.if_pid, 0);
  }).board.run();
});

test('a header is printed as module gnrc_pktdump does', (t) => {
  // The lines of RIOT's gnrc_netif_hdr_print(): flags by name, addresses in upper case or (nil).
  const board = idle();
  board.do(() => {
    const hdr = new gnrc_netif_hdr_t(new Uint8Array(8 + 8));
    gnrc_netif_hdr_init(hdr, 8, 0);
    gnrc_netif_hdr_set_src_addr(hdr, A, 8);
    hdr.rssi = -27;
    hdr.lqi = 255;
    hdr.if_pid = 6;
    gnrc_netif_hdr_print(hdr);
    hdr.flags = GNRC_NETIF_HDR_FLAGS_BROADCAST | GNRC_NETIF_HDR_FLAGS_MULTICAST;
    gnrc_netif_hdr_print(hdr);
  });
  const addresses = 'src_l2addr: 02:00:00:00:00:00:00:0A\ndst_l2addr: (nil)\n';
  t.is(board.printed, `if_pid: 6  rssi: -27  lqi: 255\nflags: 0x0\n${addresses}` +
    `if_pid: 6  rssi: -27  lqi: 255\nflags: BROADCAST MULTICAST \n${addresses}`);
});
