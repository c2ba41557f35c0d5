// RIOT's unit tests of contexts (tests/unittests/tests-sixlowpan_ctx).
import test from 'ava';

import {
  GNRC_SIXLOWPAN_CTX_FLAGS_COMP, GNRC_SIXLOWPAN_CTX_SIZE, gnrc_sixlowpan_ctx_lookup_addr, gnrc_sixlowpan_ctx_lookup_id,
  gnrc_sixlowpan_ctx_remove, gnrc_sixlowpan_ctx_reset, gnrc_sixlowpan_ctx_update, gnrc_sixlowpan_ctx_update_6ctx,
} from '../../../net/gnrc/sixlowpan_ctx.ts';
import { ipv6_addr_from_str, ipv6_addr_match_prefix } from '../../../net/wire/addr.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Network, type TestNode } from './network.ts';

const ID = 5;
const OTHER_ID = 12;
const PREFIX_LEN = 63;
const LTIME = 0xffff - 3;
/** Two with the same 63 bits, and one that differs in them. */
const PREFIX = fromHex('000102030405060708090a0b0c0d0e0f');
const SAME_63 = fromHex('000102030405060618191a1b1c1d1e1f');
const OTHER_63 = fromHex('000102030405060518191a1b1c1d1e1f');
const COMP = GNRC_SIXLOWPAN_CTX_FLAGS_COMP;

function boot(): TestNode {
  const network = new Network();
  const node = network.add();
  network.run(1_000_000);
  return node;
}

/** Runs code on a board that has no contexts. */
function onBoard(code: () => void): void {
  boot().kernel.run(code);
}

function setDefault(ltime = LTIME): ReturnType<typeof gnrc_sixlowpan_ctx_update> {
  return gnrc_sixlowpan_ctx_update(ID, PREFIX, PREFIX_LEN, ltime, true);
}

test('a context that was set is found by its identifier, also one for decompression only', (t) => {
  // test_sixlowpan_ctx_update__success and __ltime0: without lifetime the C flag is off.
  onBoard(() => {
    t.truthy(setDefault());
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID)?.flags_id, COMP | ID);
    t.truthy(setDefault(0));
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID)?.flags_id, ID);
  });
});

for (const [name, id] of [['16', GNRC_SIXLOWPAN_CTX_SIZE], ['255', 255]] as const) {
  test(`identifier ${name} is refused, and changes nothing about the others`, (t) => {
    // test_sixlowpan_ctx_update__wrong_id1 and 2
    onBoard(() => {
      t.truthy(setDefault());
      t.is(gnrc_sixlowpan_ctx_update(id, PREFIX, PREFIX_LEN, LTIME, true), null);
      t.is(gnrc_sixlowpan_ctx_lookup_id(id), null);
      t.truthy(setDefault());
      t.truthy(gnrc_sixlowpan_ctx_lookup_id(ID));
    });
  });
}

test('a prefix of no bits is refused', (t) => {
  // test_sixlowpan_ctx_update__wrong_prefix_len
  onBoard(() => {
    t.is(gnrc_sixlowpan_ctx_update(ID, PREFIX, 0, LTIME, true), null);
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID), null);
  });
});

test('an address finds the context whose prefix it has, and no other', (t) => {
  // test_sixlowpan_ctx_lookup_addr__empty, __same_addr, __other_addr_same_prefix, __other_addr_other_prefix
  onBoard(() => {
    t.is(gnrc_sixlowpan_ctx_lookup_addr(PREFIX), null);
    setDefault();
    for (const addr of [PREFIX, SAME_63]) {
      const ctx = gnrc_sixlowpan_ctx_lookup_addr(addr)!;
      t.is(ctx.flags_id, COMP | ID);
      t.is(ctx.prefix_len, PREFIX_LEN);
      t.true(ctx.ltime <= LTIME);
      t.true(ipv6_addr_match_prefix(addr, ctx.prefix) >= PREFIX_LEN);
    }
    t.is(gnrc_sixlowpan_ctx_lookup_addr(OTHER_63), null);
  });
});

test('an identifier finds its own context only', (t) => {
  // test_sixlowpan_ctx_lookup_id__empty, __wrong_id, __success
  onBoard(() => {
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID), null);
    setDefault();
    t.is(gnrc_sixlowpan_ctx_lookup_id(OTHER_ID), null);
    const ctx = gnrc_sixlowpan_ctx_lookup_id(ID)!;
    t.deepEqual([ctx.flags_id, ctx.prefix_len], [COMP | ID, PREFIX_LEN]);
    t.true(ipv6_addr_match_prefix(PREFIX, ctx.prefix) >= PREFIX_LEN);
  });
});

test('a context that was removed is gone, for decompression too', (t) => {
  // test_sixlowpan_ctx_remove; what is not there RIOT reads through NULL.
  const node = boot();
  node.kernel.run(() => {
    setDefault();
    gnrc_sixlowpan_ctx_remove(ID);
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID), null);
    t.is(gnrc_sixlowpan_ctx_lookup_addr(PREFIX), null);
    gnrc_sixlowpan_ctx_remove(ID);
    setDefault();
    gnrc_sixlowpan_ctx_reset();
    t.is(gnrc_sixlowpan_ctx_lookup_id(ID), null);
  });
  t.true(node.console.includes('undefined on RIOT: gnrc_sixlowpan_ctx_remove: there is no context 5'));
});

test('a border router\'s prefixes take the first free contexts, and keep theirs', (t) => {
  // gnrc_sixlowpan_ctx_update_6ctx(): lifetimes are told in ms and kept in minutes of 16 bits: "for ever" is 6046 min.
  onBoard(() => {
    const prefixes = [1, 2, 3].map((i) => ipv6_addr_from_str(`2001:db8:${i}::`)!);
    for (const prefix of prefixes) t.true(gnrc_sixlowpan_ctx_update_6ctx(prefix, 64, 120_000));
    t.true(gnrc_sixlowpan_ctx_update_6ctx(prefixes[1]!, 64, 0xffffffff));
    t.deepEqual([0, 1, 2, 3].map((id) => gnrc_sixlowpan_ctx_lookup_id(id)?.ltime), [2, 6046, 2, undefined]);
    t.deepEqual([...gnrc_sixlowpan_ctx_lookup_id(1)!.prefix], [...prefixes[1]!]);
    // The same bits with another length are another prefix.
    t.true(gnrc_sixlowpan_ctx_update_6ctx(prefixes[1]!, 48, 120_000));
    t.is(gnrc_sixlowpan_ctx_lookup_id(3)?.prefix_len, 48);
    for (let i = 4; i < 16; i++) {
      t.true(gnrc_sixlowpan_ctx_update_6ctx(ipv6_addr_from_str(`fd${i + 10}::`)!, 64, 60_000));
    }
    t.false(gnrc_sixlowpan_ctx_update_6ctx(ipv6_addr_from_str('fd99::')!, 64, 60_000));
  });
});

test('a prefix that gets shorter keeps the bits that it had', (t) => {
  // gnrc_sixlowpan_ctx.c copies the prefix only if it is another; they do not count for compression.
  onBoard(() => {
    gnrc_sixlowpan_ctx_update(0, PREFIX, 128, 10, true);
    const ctx = gnrc_sixlowpan_ctx_update(0, PREFIX, 64, 10, true)!;
    t.deepEqual([...ctx.prefix], [...PREFIX]);
    gnrc_sixlowpan_ctx_update(0, OTHER_63, 64, 10, true);
    t.deepEqual([...ctx.prefix.subarray(8)], [0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
