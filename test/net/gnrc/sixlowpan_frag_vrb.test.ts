// RIOT's unit tests of the virtual reassembly buffer (tests/unittests/tests-gnrc_sixlowpan_frag_vrb), each case.
import test, { type ExecutionContext } from 'ava';

import { ZTIMER_USEC, ztimer_now } from '../../../kernel/ztimer.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { gnrc_sixlowpan_frag_fb_reset } from '../../../net/gnrc/sixlowpan_frag_fb.ts';
import {
  gnrc_sixlowpan_frag_rb_base_t, gnrc_sixlowpan_frag_rb_ints_empty,
} from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import { gnrc_sixlowpan_frag_stats_get } from '../../../net/gnrc/sixlowpan_frag_stats.ts';
import {
  gnrc_sixlowpan_frag_vrb_add, gnrc_sixlowpan_frag_vrb_gc, gnrc_sixlowpan_frag_vrb_get, gnrc_sixlowpan_frag_vrb_reset,
  gnrc_sixlowpan_frag_vrb_reverse, gnrc_sixlowpan_frag_vrb_rm, type gnrc_sixlowpan_frag_vrb_t,
} from '../../../net/gnrc/sixlowpan_frag_vrb.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Network } from './network.ts';

const SRC = fromHex('68df2a5b217deee5');
const DST = fromHex('b15b0f2f63762839');
const OUT_DST = fromHex('13f8eb7546607c60');
const TAG = 26;
const SIZE = 16;
const TIMEOUT = 3_000_000;

/** What is known of a datagram whose first fragment has come. */
function base(tag = TAG): gnrc_sixlowpan_frag_rb_base_t {
  const known = new gnrc_sixlowpan_frag_rb_base_t();
  known.ints = [0, 116];
  known.src.set(SRC);
  known.dst.set(DST);
  known.src_len = known.dst_len = 8;
  known.tag = tag;
  known.datagram_size = 1156;
  known.current_size = 116;
  known.arrival = 1742197326;
  return known;
}

function add(known: gnrc_sixlowpan_frag_rb_base_t): gnrc_sixlowpan_frag_vrb_t | null {
  return gnrc_sixlowpan_frag_vrb_add(known, gnrc_netif_iter(null)!, OUT_DST, OUT_DST.length);
}

/** Runs a case on a board that forwards fragments; nothing is left behind. */
function onBoard(t: ExecutionContext, code: () => void): void {
  const network = new Network();
  const node = network.add({ modules: ['gnrc_sixlowpan_frag_minfwd'] });
  network.run(10_000_000);
  node.kernel.run(() => {
    gnrc_sixlowpan_frag_fb_reset();
    code();
    gnrc_sixlowpan_frag_vrb_reset();
    t.true(gnrc_sixlowpan_frag_rb_ints_empty());
  });
}

test('an entry is a copy of what is known of the datagram, with where it goes', (t) => {
  // test_vrb_add__success
  onBoard(t, () => {
    const known = base();
    const vrb = add(known)!;
    t.not(vrb.super, known);
    t.deepEqual(vrb.super.ints, [0, 116]);
    t.deepEqual([...vrb.super.src], [...SRC]);
    const { tag, datagram_size, current_size, arrival, src_len, dst_len } = vrb.super;
    t.deepEqual([tag, datagram_size, current_size, arrival, src_len, dst_len], [TAG, 1156, 116, 1742197326, 8, 8]);
    t.is(vrb.out_netif, gnrc_netif_iter(null));
    t.deepEqual([...vrb.super.dst], [...OUT_DST]);
    t.is(vrb.out_tag, 1);
  });
});

test('a datagram has one entry only, and keeps the intervals of both', (t) => {
  // test_vrb_add__duplicate
  onBoard(t, () => {
    const first = add(base());
    const again = base();
    again.ints = [200, 299];
    t.is(add(again), first);
    t.deepEqual(first!.super.ints, [0, 116, 200, 299]);
    const same = base();
    same.ints = first!.super.ints;
    t.is(add(same), first);
    t.deepEqual(first!.super.ints, [0, 116, 200, 299]);
  });
});

test('a datagram more than there are entries gets none', (t) => {
  // test_vrb_add__full
  onBoard(t, () => {
    for (let i = 0; i < SIZE; i++) t.truthy(add(base(TAG + i)));
    t.is(add(base(TAG + SIZE)), null);
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG + SIZE), null);
    t.is(gnrc_sixlowpan_frag_stats_get().vrb_full, 1);
  });
});

test('an entry is found by source and tag once it is there', (t) => {
  // test_vrb_get__empty, test_vrb_get__after_add
  onBoard(t, () => {
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG), null);
    const vrb = add(base());
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG), vrb);
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG + 1), null);
    t.is(gnrc_sixlowpan_frag_vrb_get(DST, 8, TAG), null);
    // The way back: from where it goes, with the tag that it has there.
    t.is(gnrc_sixlowpan_frag_vrb_reverse(gnrc_netif_iter(null)!, OUT_DST, 8, vrb!.out_tag), vrb);
    t.is(gnrc_sixlowpan_frag_vrb_reverse(gnrc_netif_iter(null)!, OUT_DST, 8, vrb!.out_tag + 1), null);
    t.is(gnrc_sixlowpan_frag_vrb_reverse(gnrc_netif_iter(null)!, SRC, 8, vrb!.out_tag), null);
  });
});

test('an entry that was removed is not found', (t) => {
  // test_vrb_rm
  onBoard(t, () => {
    gnrc_sixlowpan_frag_vrb_rm(add(base())!);
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG), null);
  });
});

test('an entry that is too old is freed', (t) => {
  // test_vrb_gc
  onBoard(t, () => {
    const known = base();
    known.arrival = ztimer_now(ZTIMER_USEC) - TIMEOUT - 1000;
    const young = base(TAG + 1);
    young.arrival = ztimer_now(ZTIMER_USEC) - TIMEOUT + 1000;
    t.truthy(add(known));
    t.truthy(add(young));
    gnrc_sixlowpan_frag_vrb_gc();
    t.is(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG), null);
    t.truthy(gnrc_sixlowpan_frag_vrb_get(SRC, 8, TAG + 1));
  });
});
