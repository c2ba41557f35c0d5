// RIOT's tests of the reassembly buffer (tests/net/gnrc_sixlowpan_frag), each case, and what its other options do.
import test, { type ExecutionContext } from 'ava';

import type { Blocking } from '../../../kernel/blocking.ts';
import { msg_receive, msg_t } from '../../../kernel/msg.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import {
  gnrc_netif_hdr_init, gnrc_netif_hdr_set_dst_addr, gnrc_netif_hdr_set_src_addr, gnrc_netif_hdr_t,
} from '../../../net/gnrc/netif_hdr.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_is_empty, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import {
  GNRC_SIXLOWPAN_FRAG_RB_GC_MSG, gnrc_sixlowpan_frag_rb_add, gnrc_sixlowpan_frag_rb_array,
  gnrc_sixlowpan_frag_rb_dispatch_when_complete, gnrc_sixlowpan_frag_rb_entry_empty, gnrc_sixlowpan_frag_rb_exists,
  gnrc_sixlowpan_frag_rb_gc, gnrc_sixlowpan_frag_rb_get_by_datagram, gnrc_sixlowpan_frag_rb_ints_empty,
  gnrc_sixlowpan_frag_rb_remove, gnrc_sixlowpan_frag_rb_reset, gnrc_sixlowpan_frag_rb_rm_by_datagram,
  type gnrc_sixlowpan_frag_rb_t,
} from '../../../net/gnrc/sixlowpan_frag_rb.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Network, type NodeOptions, type TestNode } from './network.ts';

const SRC = fromHex('b347604978fe9548');
const DST = fromHex('a4f2d2c913b9bb25');
const TAG = 0x690e;
const TIMEOUT = 3_000_000;
/** An ICMPv6 echo reply of 300 bytes, uncompressed, cut behind 96, 192 and 288 bytes. */
const DATAGRAM = fromHex(`6000000001343a40fe800000000000007b65082286939d5afe800000000000007b797f7fa4b1552e
  81007a8100540002${'54'.repeat(300)}`);
const SIZE = DATAGRAM.length;
const OFFSETS: readonly number[] = [0, 96, 192, 288, SIZE];

/** Fragment 0 to 3, with another tag or offset if these are given. */
function fragment(index: number, tag = TAG, offset = OFFSETS[index]!): Uint8Array {
  const part = DATAGRAM.subarray(OFFSETS[index], OFFSETS[index + 1]);
  const [high, low] = [SIZE >> 8, SIZE & 0xff];
  return index === 0
    ? Uint8Array.of(0xc0 | high, low, tag >> 8, tag, 0x41, ...part)
    : Uint8Array.of(0xe0 | high, low, tag >> 8, tag, offset >> 3, ...part);
}

function header(): gnrc_netif_hdr_t {
  const hdr = new gnrc_netif_hdr_t(new Uint8Array(24));
  gnrc_netif_hdr_init(hdr, 8, 8);
  gnrc_netif_hdr_set_src_addr(hdr, SRC, 8);
  gnrc_netif_hdr_set_dst_addr(hdr, DST, 8);
  return hdr;
}

/** Adds a fragment to the reassembly buffer of the running board. */
function* add(bytes: Uint8Array): Blocking<gnrc_sixlowpan_frag_rb_t | null> {
  const pkt = gnrc_pktbuf_add(null, bytes, bytes.length, GNRC_NETTYPE_SIXLOWPAN);
  if (pkt === null) throw new Error('the packet buffer is full');
  return yield* gnrc_sixlowpan_frag_rb_add(header(), pkt);
}

function used(): gnrc_sixlowpan_frag_rb_t[] {
  return gnrc_sixlowpan_frag_rb_array().filter((entry) => !gnrc_sixlowpan_frag_rb_entry_empty(entry));
}

/** A board with a packet buffer of 2048 bytes, as RIOT's test has it. */
function boot(options: NodeOptions = {}): TestNode {
  const network = new Network();
  const node = network.add({ ...options, config: { CONFIG_GNRC_PKTBUF_SIZE: 2048, ...options.config } });
  network.run(1_000_000);
  return node;
}

/** Runs a case in a thread of a board; the packet buffer must be empty once the entries are freed. */
function onBoard(t: ExecutionContext, code: (node: TestNode) => Blocking<void>, options: NodeOptions = {}): void {
  const node = boot(options);
  node.do(function* () {
    yield* code(node);
    gnrc_sixlowpan_frag_rb_reset();
    t.true(gnrc_pktbuf_is_empty());
    t.true(gnrc_sixlowpan_frag_rb_ints_empty());
  }, 10_000_000);
}

/** Checks an entry: how much is there, and the one interval that it has. */
function isEntry(t: ExecutionContext, entry: gnrc_sixlowpan_frag_rb_t, size: number, ints: readonly number[]): void {
  t.is(entry.pkt?.size, SIZE);
  const { super: base } = entry;
  t.deepEqual([...base.src.subarray(0, base.src_len)], [...SRC]);
  t.deepEqual([...base.dst.subarray(0, base.dst_len)], [...DST]);
  t.is(base.tag, TAG);
  t.is(base.current_size, size);
  t.deepEqual(base.ints, [...ints]);
}

test('a first fragment makes an entry with room for the whole datagram', (t) => {
  // test_rbuf_add__success_first_fragment: what is there ends where the second fragment begins
  onBoard(t, function* () {
    isEntry(t, (yield* add(fragment(0)))!, 96, [0, 95]);
  });
});

test('a further fragment makes one just as well', (t) => {
  // test_rbuf_add__success_subsequent_fragment
  onBoard(t, function* () {
    isEntry(t, (yield* add(fragment(1)))!, 96, [96, 191]);
  });
});

test('the same fragment twice counts once', (t) => {
  // test_rbuf_add__success_duplicate_fragments
  onBoard(t, function* () {
    yield* add(fragment(2));
    isEntry(t, (yield* add(fragment(2)))!, 96, [192, 287]);
  });
});

test('fragments in the order 2, 4, 1, 3 are put together and handed up once', (t) => {
  // test_rbuf_add__success_complete: 0 until the last of them, then more than 0; the datagram byte for byte
  onBoard(t, function* () {
    const got: number[][] = [];
    yield* gnrc_netreg_register(GNRC_NETTYPE_IPV6, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, {
      cb: (_cmd, pkt: gnrc_pktsnip_t): undefined => {
        t.is(pkt.type, GNRC_NETTYPE_IPV6);
        got.push([...gnrc_pkt_bytes(pkt)]);
        gnrc_pktbuf_release(pkt);
      }, ctx: null,
    }));
    const results: number[] = [];
    for (const index of [1, 3, 0, 2]) {
      const entry = yield* add(fragment(index));
      results.push(yield* gnrc_sixlowpan_frag_rb_dispatch_when_complete(entry!, header()));
    }
    t.deepEqual(results, [0, 0, 0, 1]);
    t.deepEqual(got[0], [...DATAGRAM]);
    t.is(got.length, 1);
    t.deepEqual(used(), []);
  });
});

test('when all entries are taken the oldest is overridden', (t) => {
  // test_rbuf_add__full_rbuf: a fifth datagram gets an entry, and the buffer still has four
  onBoard(t, function* () {
    for (let i = 0; i <= 4; i++) {
      t.truthy(yield* add(fragment(0, TAG + i)));
      yield* ztimer_sleep(ZTIMER_USEC, 10);
    }
    t.is(used().length, 4);
    t.false(used().some(({ super: base }) => base.tag === TAG));
  });
});

test('with CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DO_NOT_OVERRIDE the new datagram is refused instead', (t) => {
  // _rbuf_get(): only one whose time is out would give way
  onBoard(t, function* (node) {
    for (let i = 0; i < 4; i++) t.truthy(yield* add(fragment(0, TAG + i)));
    t.is(yield* add(fragment(0, TAG + 4)), null);
    t.is(node.drops('6lo CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_SIZE'), 1);
    t.deepEqual(used().map(({ super: base }) => base.tag - TAG), [0, 1, 2, 3]);
  }, { config: { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DO_NOT_OVERRIDE: 1 } });
});

test('with a deletion timer late duplicates of a complete datagram make no new entry', (t) => {
  // CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER: the entry stays for that long, without its packet
  onBoard(t, function* (node) {
    yield* gnrc_netreg_register(GNRC_NETTYPE_IPV6, GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, {
      cb: (_cmd, pkt: gnrc_pktsnip_t): undefined => gnrc_pktbuf_release(pkt) as undefined, ctx: null,
    }));
    for (const index of [0, 1, 2, 3]) {
      yield* gnrc_sixlowpan_frag_rb_dispatch_when_complete((yield* add(fragment(index)))!, header());
    }
    t.is(used().length, 1);
    t.is(yield* add(fragment(3)), null);
    t.is(node.drops('6lo datagram-complete'), 1);
    yield* ztimer_sleep(ZTIMER_USEC, 100_000);
    gnrc_sixlowpan_frag_rb_gc();
    t.is(used().length, 0);
    t.truthy(yield* add(fragment(3)));
  }, { config: { CONFIG_GNRC_SIXLOWPAN_FRAG_RBUF_DEL_TIMER: 100_000 } });
});

test('a fragment that is larger than its datagram is refused', (t) => {
  // test_rbuf_add__too_big_fragment
  onBoard(t, function* () {
    const large = new Uint8Array(2 * SIZE);
    large.set(fragment(0));
    t.is(yield* add(large), null);
    t.deepEqual(used(), []);
  });
});

test('a fragment that overlaps with the end of another begins the datagram anew', (t) => {
  // test_rbuf_add__overlap_lhs: RFC 4944 §5.3
  onBoard(t, function* () {
    yield* add(fragment(0));
    yield* add(fragment(1, TAG, 88));
    t.is(used().length, 1);
    isEntry(t, used()[0]!, 96, [88, 183]);
  });
});

test('a fragment that overlaps with the beginning of another does so too', (t) => {
  // test_rbuf_add__overlap_rhs
  onBoard(t, function* () {
    yield* add(fragment(0));
    yield* add(fragment(2));
    yield* add(fragment(1, TAG, 104));
    t.is(used().length, 1);
    isEntry(t, used()[0]!, 96, [104, 199]);
  });
});

test('an entry is found by addresses and tag, and freed so', (t) => {
  // test_rbuf_get_by_dg, test_rbuf_exists, test_rbuf_rm_by_dg
  onBoard(t, function* () {
    t.is(gnrc_sixlowpan_frag_rb_get_by_datagram(header(), TAG), null);
    t.false(gnrc_sixlowpan_frag_rb_exists(header(), TAG));
    const entry = yield* add(fragment(0));
    t.is(gnrc_sixlowpan_frag_rb_get_by_datagram(header(), TAG), entry);
    t.true(gnrc_sixlowpan_frag_rb_exists(header(), TAG));
    t.false(gnrc_sixlowpan_frag_rb_exists(header(), TAG + 1));
    gnrc_sixlowpan_frag_rb_rm_by_datagram(header(), TAG);
    t.false(gnrc_sixlowpan_frag_rb_exists(header(), TAG));
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('an entry that is removed leaves its packet alive', (t) => {
  // test_rbuf_rm
  onBoard(t, function* () {
    const entry = (yield* add(fragment(0)))!;
    const { pkt } = entry;
    gnrc_sixlowpan_frag_rb_remove(entry);
    t.deepEqual(used(), []);
    t.false(gnrc_pktbuf_is_empty());
    gnrc_pktbuf_release(pkt);
  });
});

test('garbage collection frees what is too old', (t) => {
  // test_rbuf_gc__manually
  onBoard(t, function* () {
    const entry = (yield* add(fragment(0)))!;
    gnrc_sixlowpan_frag_rb_gc();
    t.is(used().length, 1);
    entry.super.arrival -= TIMEOUT;
    gnrc_sixlowpan_frag_rb_gc();
    t.is(used().length, 0);
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('3 s after the last fragment a message says that it is time', (t) => {
  // test_rbuf_gc__timed
  onBoard(t, function* (node) {
    yield* add(fragment(0));
    const start = node.network.now;
    const msg = new msg_t();
    yield* msg_receive(msg);
    t.is(msg.type, GNRC_SIXLOWPAN_FRAG_RB_GC_MSG);
    t.is(node.network.now - start, TIMEOUT);
    gnrc_sixlowpan_frag_rb_gc();
    t.is(used().length, 0);
  });
});
