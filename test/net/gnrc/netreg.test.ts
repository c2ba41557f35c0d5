import test from 'ava';
import { EINVAL, ENOENT } from '../../../kernel/errno.ts';
import { MBOX_INIT, mbox_try_put } from '../../../kernel/mbox.ts';
import { msg_array, msg_init_queue, msg_t } from '../../../kernel/msg.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { puts } from '../../../kernel/stdio.ts';
import { THREAD_CREATE_WOUT_YIELD, thread_create, thread_getpid, thread_yield } from '../../../kernel/thread.ts';
import { GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB, GNRC_NETREG_ENTRY_INIT_MBOX,
  GNRC_NETREG_ENTRY_INIT_PID, type gnrc_netreg_entry_t, gnrc_netreg_acquire_shared, gnrc_netreg_calc_csum,
  gnrc_netreg_getnext, gnrc_netreg_init, gnrc_netreg_lookup, gnrc_netreg_num, gnrc_netreg_register,
  gnrc_netreg_release_shared, gnrc_netreg_set_csum, gnrc_netreg_unregister } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_ICMPV6, GNRC_NETTYPE_NUMOF, GNRC_NETTYPE_TEST, GNRC_NETTYPE_UDP,
  GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_is_empty } from '../../../net/gnrc/pktbuf.ts';
import { NetBoard } from './board.ts';

const callback = (ctx: number): gnrc_netreg_entry_t =>
  GNRC_NETREG_ENTRY_INIT_CB(ctx, { cb: () => undefined, ctx: null });

/** Runs `body` in main, which has a message queue. */
function inThread(body: () => Generator<undefined, void, undefined>): NetBoard {
  const board = new NetBoard(function* () {
    msg_init_queue(msg_array(8), 8);
    yield* body();
  });
  board.run();
  return board;
}

test('the newest entry of a type and context is found first, then the older ones', (t) => {
  // Entries of another context and of another type lie in between and must be passed over.
  t.plan(9);
  inThread(function* () {
    const [a, b, c, other] = [callback(7), callback(8), callback(7), callback(7)];
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, a);
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, b);
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, c);
    yield* gnrc_netreg_register(GNRC_NETTYPE_UDP, other);
    t.is(gnrc_netreg_num(GNRC_NETTYPE_TEST, 7), 2);
    t.is(gnrc_netreg_lookup(GNRC_NETTYPE_TEST, 7), c);
    t.is(gnrc_netreg_getnext(c), a);
    t.is(gnrc_netreg_getnext(a), null);
    t.is(gnrc_netreg_num(GNRC_NETTYPE_TEST, 9), 0);
    t.is(gnrc_netreg_lookup(GNRC_NETTYPE_TEST, GNRC_NETREG_DEMUX_CTX_ALL), null);
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, a);
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, a);
    t.is(gnrc_netreg_num(GNRC_NETTYPE_TEST, 7), 1);
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, c);
    t.is(gnrc_netreg_lookup(GNRC_NETTYPE_TEST, 8), b);
    gnrc_netreg_init();
    t.is(gnrc_netreg_lookup(GNRC_NETTYPE_TEST, 8), null);
  });
});

test('a type without a registry is refused with -EINVAL', (t) => {
  // The numbers just outside of the table, on both sides.
  t.plan(4);
  inThread(function* () {
    t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_NUMOF, callback(0)), -EINVAL);
    t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_UNDEF - 1, callback(0)), -EINVAL);
    t.is(gnrc_netreg_num(GNRC_NETTYPE_NUMOF, 0), 0);
    t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_UNDEF, callback(0)), 0);
  });
});

test('a thread without a message queue prints the text that RIOT prints, and fails its assertion', (t) => {
  // The console of node B in the capture b-ping-psk at 57.650 s shows both lines.
  const board = new NetBoard(function* () {
    yield* gnrc_netreg_register(GNRC_NETTYPE_ICMPV6, GNRC_NETREG_ENTRY_INIT_PID(0, thread_getpid()));
    puts('not reached');
  });
  t.is(board.run().printed,
    '\n!!!! gnrc_netreg: initialize message queue of thread 2 using msg_init_queue() !!!!\n\n' +
    'sys/net/gnrc/netreg/gnrc_netreg.c:147 => FAILED ASSERTION.\n');
});

test('registering an entry twice fails the assertion of RIOT', (t) => {
  // The list would become a ring; RIOT asserts.
  const board = new NetBoard(function* () {
    const entry = callback(1);
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entry);
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entry);
  });
  t.is(board.run().printed, 'sys/net/gnrc/netreg/gnrc_netreg.c:159 => FAILED ASSERTION.\n');
});

test('unregistering an mbox releases the packets in it', (t) => {
  // The packet buffer is empty again although nobody received the packets; other messages are no packets.
  const board = inThread(function* () {
    const mbox = MBOX_INIT(msg_array(4), 4);
    const entry = GNRC_NETREG_ENTRY_INIT_MBOX(5, mbox);
    yield* gnrc_netreg_register(GNRC_NETTYPE_UDP, entry);
    const msg = new msg_t();
    msg.type = GNRC_NETAPI_MSG_TYPE_RCV;
    for (const size of [4, 40]) {
      msg.content.ptr = gnrc_pktbuf_add(null, null, size, GNRC_NETTYPE_UDP);
      yield* mbox_try_put(mbox, msg);
    }
    msg.type = 0x1111;
    msg.content.ptr = null;
    yield* mbox_try_put(mbox, msg);
    t.false(gnrc_pktbuf_is_empty());
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_UDP, entry);
  });
  t.is(board.pktbufUsed, 0);
});

test('who wants to register waits until the last reader has finished', (t) => {
  // Two readers; the thread that registers has the highest priority, so only the lock can hold it up.
  const order: string[] = [];
  inThread(function* () {
    gnrc_netreg_acquire_shared();
    gnrc_netreg_acquire_shared();
    yield* thread_create({ length: 1024 }, 1024, 1, 0, function* () {
      order.push('starts');
      yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, callback(3));
      order.push('registered');
    }, null, 'writer');
    order.push('first reader done');
    yield* gnrc_netreg_release_shared();
    yield* thread_yield();
    order.push(`second reader done, ${gnrc_netreg_num(GNRC_NETTYPE_TEST, 3)} registered`);
    yield* gnrc_netreg_release_shared();
    order.push(`after, ${gnrc_netreg_num(GNRC_NETTYPE_TEST, 3)} registered`);
  });
  t.deepEqual(order, ['starts', 'first reader done', 'second reader done, 0 registered', 'registered',
    'after, 1 registered']);
});

test('two that wait for a reader register both, one after the other', (t) => {
  // The first waiter must hand the lock on; a lost wake-up would leave the second one blocked.
  const order: number[] = [];
  inThread(function* () {
    gnrc_netreg_acquire_shared();
    for (const priority of [5, 3]) {
      yield* thread_create({ length: 1024 }, 1024, priority, THREAD_CREATE_WOUT_YIELD, function* () {
        yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, callback(3));
        order.push(priority);
      }, null, 'writer');
    }
    yield* thread_yield();
    yield* gnrc_netreg_release_shared();
  });
  t.deepEqual(order, [3, 5]);
});

test('a release without an acquire fails the assertion of RIOT', (t) => {
  // gnrc_netreg.c:85 is where RIOT checks its counter.
  const board = new NetBoard(function* () { return 0; });
  board.do(() => {
    t.throws(() => gnrc_netreg_release_shared().next(), { instanceOf: AssertFailed, message: /gnrc_netreg\.c:85$/ });
  });
});

test('a checksum is computed by who said so for its type', (t) => {
  // -EINVAL without a pseudo header, -ENOENT for a type that has none: the header's two errors.
  const board = new NetBoard(function* () { return 0; });
  board.do(() => {
    const hdr = gnrc_pktbuf_add(null, null, 8, GNRC_NETTYPE_UDP)!;
    t.is(gnrc_netreg_calc_csum(hdr, null), -EINVAL);
    t.is(gnrc_netreg_calc_csum(hdr, hdr), -ENOENT);
    gnrc_netreg_set_csum(GNRC_NETTYPE_UDP, (h, pseudo) => (h === hdr && pseudo === hdr ? 0 : -1));
    t.is(gnrc_netreg_calc_csum(hdr, hdr), 0);
  });
});
