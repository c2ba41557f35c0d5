// Reassembly of IPv6 fragments: the unit tests of RIOT's test gnrc_ipv6_ext_frag, every case, written anew.
import test from 'ava';

import { gnrc_ipv6_ext_frag_init } from '../../../net/gnrc/ipv6_ext_frag.ts';
import {
  gnrc_ipv6_ext_frag_rbuf_del, gnrc_ipv6_ext_frag_rbuf_free, gnrc_ipv6_ext_frag_rbuf_gc, gnrc_ipv6_ext_frag_rbuf_get,
  type gnrc_ipv6_ext_frag_rbuf_t, gnrc_ipv6_ext_frag_reass,
} from '../../../net/gnrc/ipv6_ext_frag_rbuf.ts';
import { gnrc_ipv6_hdr_build } from '../../../net/gnrc/ipv6_hdr.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import {
  gnrc_pktbuf_add, gnrc_pktbuf_is_empty, gnrc_pktbuf_is_sane, gnrc_pktbuf_release,
} from '../../../net/gnrc/pktbuf.ts';
import { fromHex, get16, hex, put16 } from '../../../net/wire/bytes.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { xtimer_usleep } from '../../../kernel/xtimer.ts';
import { NetBoard } from './board.ts';
import { concat, fragmentHeader } from './ipv6_traffic.ts';

const UDP = 17;
const FRAG = 44;
const TIMEOUT_US = 10_000_000;

const ID = 0x52dacb1;
const SRC = fromHex('2001db82b5f9be78b14dcde8a95354b1');
const DST = fromHex('2001db89a324fdab2973dea4e4b1dbde');
const PAYLOAD = fromHex(`abcfdeb81848e370301aba27a6a7ceeb4c8e64a14d481948
  9f7ecb94e463fad9b55d758ad5a74de922c28ab94e03e53f 6d077cacad1f971c48963446f9ecbc`);
const [PART1, PART2, PART3] = [PAYLOAD.subarray(0, 24), PAYLOAD.subarray(24, 48), PAYLOAD.subarray(48)];

/** A fragment in the order of receiving: header and part in one snip, then the IPv6 header. */
function fragment(offset: number, more: boolean, part: Uint8Array, id = ID): { pkt: gnrc_pktsnip_t; ipv6: Uint8Array } {
  const body = concat(fragmentHeader(UDP, offset, more, id), part);
  const ipv6 = gnrc_ipv6_hdr_build(null, SRC, DST)!;
  const hdr = ipv6.data!;
  put16(hdr, 4, body.length);
  hdr[6] = FRAG;
  hdr[7] = 64;
  return { pkt: gnrc_pktbuf_add(ipv6, body, body.length, GNRC_NETTYPE_UNDEF)!, ipv6: hdr };
}

/** Runs a unit test on a board; three limits, as RIOT's test has. */
function unit(code: () => Blocking<void>, net: Record<string, number> = {}): NetBoard {
  return new NetBoard(function* () {
    gnrc_ipv6_ext_frag_init();
    yield* code();
  }, { net: { CONFIG_GNRC_IPV6_EXT_FRAG_LIMITS_POOL_SIZE: 3, ...net } }).run();
}

function limitsOf(rbuf: gnrc_ipv6_ext_frag_rbuf_t): number[][] {
  return rbuf.limits.map(({ start, end }) => [start, end]);
}

test('rbuf_get: the buffer of a datagram is found by its id, and never missing for another', (t) => {
  // test_ipv6_ext_frag_rbuf_get: with one buffer each new id takes that of the one before.
  t.plan(6);
  unit(function* () {
    const ipv6 = new Uint8Array([...new Uint8Array(8), ...SRC, ...DST]);
    for (const id of [ID, ID + 1]) {
      const rbuf = gnrc_ipv6_ext_frag_rbuf_get(ipv6, id);
      t.is(rbuf!.id, id);
      t.is(rbuf!.ipv6, ipv6);
      t.is(gnrc_ipv6_ext_frag_rbuf_get(ipv6, id), rbuf);
    }
  });
});

test('rbuf_free leaves the packet to the caller, rbuf_del frees it', (t) => {
  // test_ipv6_ext_frag_rbuf_free and _del.
  t.plan(8);
  unit(function* () {
    for (const del of [false, true]) {
      const pkt = gnrc_ipv6_hdr_build(null, SRC, DST)!;
      const rbuf = gnrc_ipv6_ext_frag_rbuf_get(pkt.data!, ID)!;
      rbuf.pkt = pkt;
      if (del) gnrc_ipv6_ext_frag_rbuf_del(rbuf);
      else gnrc_ipv6_ext_frag_rbuf_free(rbuf);
      t.is(rbuf.ipv6, null);
      t.deepEqual(rbuf.limits, []);
      t.true(rbuf.pkt === (del ? null : pkt));
      if (!del) {
        rbuf.pkt = null;
        gnrc_pktbuf_release(pkt);
      }
      t.true(gnrc_pktbuf_is_empty() && gnrc_pktbuf_is_sane());
    }
  });
});

test('rbuf_gc keeps what has come lately, and frees what is older than the time-out', (t) => {
  // test_ipv6_ext_frag_rbuf_gc, which moves the arrival instead of the time.
  t.plan(4);
  unit(function* () {
    yield* xtimer_usleep(TIMEOUT_US + 1000);
    const { pkt, ipv6 } = fragment(0, true, PART1);
    t.is(yield* gnrc_ipv6_ext_frag_reass(pkt), null);
    const rbuf = gnrc_ipv6_ext_frag_rbuf_get(ipv6, ID)!;
    yield* gnrc_ipv6_ext_frag_rbuf_gc();
    t.is(rbuf.ipv6, ipv6);
    rbuf.arrival -= TIMEOUT_US;
    yield* gnrc_ipv6_ext_frag_rbuf_gc();
    t.deepEqual([rbuf.ipv6, rbuf.pkt], [null, null]);
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('reass_in_order: limits and bytes after each fragment, and the packet with its header made right', (t) => {
  // test_ipv6_ext_frag_reass_in_order.
  t.plan(9);
  unit(function* () {
    const first = fragment(0, true, PART1);
    t.is(yield* gnrc_ipv6_ext_frag_reass(first.pkt), null);
    const rbuf = gnrc_ipv6_ext_frag_rbuf_get(first.ipv6, ID)!;
    t.deepEqual([limitsOf(rbuf), rbuf.last, hex(rbuf.pkt!.data!)], [[[0, 3]], 0, hex(PART1)]);
    t.is(rbuf.ipv6, first.ipv6);
    t.is(yield* gnrc_ipv6_ext_frag_reass(fragment(24, true, PART2).pkt), null);
    t.deepEqual([limitsOf(rbuf), rbuf.last, hex(rbuf.pkt!.data!)], [[[0, 3], [3, 6]], 0, hex(PAYLOAD.subarray(0, 48))]);
    const whole = (yield* gnrc_ipv6_ext_frag_reass(fragment(48, false, PART3).pkt))!;
    t.is(rbuf.ipv6, null);
    t.is(hex(whole.data!), hex(PAYLOAD));
    const hdr = whole.next!;
    t.deepEqual([hdr.type, hdr.data![6], get16(hdr.data!, 4), hdr.next], [GNRC_NETTYPE_IPV6, UDP, 63, null]);
    gnrc_pktbuf_release(whole);
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('reass_out_of_order, also with the buffer taken by a foreign datagram before', (t) => {
  // test_ipv6_ext_frag_reass_out_of_order and _rbuf_full. RIOT's tests do not look at the packet buffer then: the
  // headers of the fragment that came first are still there.
  for (const foreign of [false, true]) {
    unit(function* () {
      if (foreign) {
        t.is(yield* gnrc_ipv6_ext_frag_reass(fragment(48, false, PART3, ID + 44).pkt), null);
      }
      const last = fragment(48, false, PART3);
      t.is(yield* gnrc_ipv6_ext_frag_reass(last.pkt), null);
      const rbuf = gnrc_ipv6_ext_frag_rbuf_get(last.ipv6, ID)!;
      t.deepEqual([limitsOf(rbuf), rbuf.last, rbuf.pkt!.size], [[[6, 7]], 1, 63]);
      t.is(hex(rbuf.pkt!.data!.subarray(48)), hex(PART3));
      t.is(yield* gnrc_ipv6_ext_frag_reass(fragment(24, true, PART2).pkt), null);
      t.deepEqual([limitsOf(rbuf), rbuf.last, rbuf.pkt!.size], [[[3, 6], [6, 7]], 1, 63]);
      t.is(hex(rbuf.pkt!.data!.subarray(24)), hex(PAYLOAD.subarray(24)));
      const whole = (yield* gnrc_ipv6_ext_frag_reass(fragment(0, true, PART1).pkt))!;
      t.is(hex(whole.data!), hex(PAYLOAD));
      t.deepEqual([whole.next!.data![6], get16(whole.next!.data!, 4), whole.next!.next], [UDP, 63, null]);
      gnrc_pktbuf_release(whole);
      t.false(gnrc_pktbuf_is_empty());
    });
  }
});

test('reass_one_frag: a packet that is its only fragment loses its fragment header', (t) => {
  // test_ipv6_ext_frag_reass_one_frag.
  t.plan(3);
  unit(function* () {
    const whole = (yield* gnrc_ipv6_ext_frag_reass(fragment(0, false, PART1).pkt))!;
    t.is(hex(whole.data!), hex(PART1));
    t.deepEqual([whole.next!.data![6], get16(whole.next!.data!, 4), whole.next!.next], [UDP, 24, null]);
    gnrc_pktbuf_release(whole);
    t.true(gnrc_pktbuf_is_empty());
  });
});
