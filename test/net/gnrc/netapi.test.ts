import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EINVAL, ENOTSUP } from '../../../kernel/errno.ts';
import { MBOX_INIT, mbox_try_get, mbox_try_put } from '../../../kernel/mbox.ts';
import { msg_array, msg_init_queue, msg_receive, msg_reply, msg_t } from '../../../kernel/msg.ts';
import { thread_create, thread_getpid, thread_sleep } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { GNRC_NETAPI_MSG_TYPE_ACK, GNRC_NETAPI_MSG_TYPE_GET, GNRC_NETAPI_MSG_TYPE_RCV, GNRC_NETAPI_MSG_TYPE_SET,
  type gnrc_netapi_opt_t, gnrc_netapi_dispatch_receive, gnrc_netapi_dispatch_send,
  gnrc_netapi_get, gnrc_netapi_notify, gnrc_netapi_receive, gnrc_netapi_send, gnrc_netapi_set,
} from '../../../net/gnrc/netapi.ts';
import { gnrc_netapi_notify_ack, gnrc_netapi_notify_copy_event_data, gnrc_netapi_notify_t,
  NETAPI_NOTIFY_L2_NEIGH_CONNECTED, NETAPI_NOTIFY_L2_NEIGH_DISCONNECTED, NETAPI_NOTIFY_L3_DISCOVERED,
  NETAPI_NOTIFY_L3_UNREACHABLE } from '../../../net/gnrc/netapi_notify.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { GNRC_NETREG_ENTRY_INIT_CB, GNRC_NETREG_ENTRY_INIT_MBOX, GNRC_NETREG_ENTRY_INIT_PID,
  gnrc_netreg_register } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_TEST, GNRC_NETTYPE_UDP } from '../../../net/gnrc/nettype.ts';
import type { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { NETOPT_CHANNEL, NETOPT_NID } from '../../../net/netopt.ts';
import { NetBoard } from './board.ts';

const packet = (): gnrc_pktsnip_t => gnrc_pktbuf_add(null, null, 10, GNRC_NETTYPE_UDP)!;

/** Creates a thread that has a queue of `queue` messages and hands each to `handle`. */
function* server(priority: number, queue: number, handle: (msg: msg_t) => Blocking<void>): Blocking<number> {
  return yield* thread_create({ length: 1024 }, 1024, priority, 0, function* () {
    msg_init_queue(msg_array(queue), queue);
    const msg = new msg_t();
    while (true) {
      yield* msg_receive(msg);
      yield* handle(msg);
    }
  }, null, 'server');
}

test('a packet goes to a thread as a message of its direction, and belongs to it then', (t) => {
  // The server has the higher priority, so it has the packet before the sender's call returns.
  const got: string[] = [];
  const board = new NetBoard(function* () {
    const me = thread_getpid();
    const pid = yield* server(3, 4, function* (msg) {
      got.push(`${msg.type.toString(16)} from ${msg.sender_pid === me ? 'main' : 'other'}`);
      gnrc_pktbuf_release(msg.content.ptr as gnrc_pktsnip_t);
    });
    got.push(`send: ${yield* gnrc_netapi_send(pid, packet())}`);
    got.push(`receive: ${yield* gnrc_netapi_receive(pid, packet())}`);
  });
  board.run();
  t.deepEqual(got, ['202 from main', 'send: 1', '201 from main', 'receive: 1']);
  t.is(board.pktbufUsed, 0);
});

test('a full queue and an unknown thread print the warnings of RIOT and leave the packet to the caller', (t) => {
  // The texts of gnrc_netapi.c; the sleeping thread has a queue of 2 that nobody empties.
  const board = new NetBoard(function* () {
    const pid = yield* thread_create({ length: 1024 }, 1024, 3, 0, function* () {
      msg_init_queue(msg_array(2), 2);
      yield* thread_sleep();
    }, null, 'deaf');
    const one = packet();
    t.is(yield* gnrc_netapi_send(pid, one), 1);
    t.is(yield* gnrc_netapi_send(pid, one), 1);
    t.is(yield* gnrc_netapi_send(pid, one), 0);
    t.is(yield* gnrc_netapi_send(30, one), -1);
    t.is(one.users, 1);
  });
  t.is(board.run().printed,
    'gnrc_netapi: dropped message to 3 (receiver queue is full)\n' +
    'gnrc_netapi: dropped message to 30 (invalid receiver)\n');
  t.deepEqual([...board.do(drop_counts)], [['udp queue-full', 1], ['udp no-receiver', 1]]);
});

test('a dispatched packet is shared by all that registered, the newest first; a full one is passed over', (t) => {
  // A callback, a full mbox and a thread hold one use each: after all have released theirs the buffer is empty.
  const order: string[] = [];
  const board = new NetBoard(function* () {
    const mbox = MBOX_INIT(msg_array(1), 1);
    const pid = yield* server(3, 4, function* (msg) {
      const pkt = msg.content.ptr as gnrc_pktsnip_t;
      order.push(`thread ${msg.type.toString(16)}, ${pkt.users} users`);
      gnrc_pktbuf_release(pkt);
    });
    const cb = (cmd: number, pkt: gnrc_pktsnip_t, ctx: unknown): undefined => {
      order.push(`callback ${cmd.toString(16)} ${String(ctx)}, ${pkt.users} users`);
      gnrc_pktbuf_release(pkt);
    };
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_PID(9, pid));
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_MBOX(9, mbox));
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_CB(9, { cb, ctx: 'c' }));
    t.is(yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_TEST, 9, packet()), 3);
    t.is(yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_TEST, 9, packet()), 3);
    const msg = new msg_t();
    t.is(yield* mbox_try_get(mbox, msg), 1);
    t.is(msg.type, GNRC_NETAPI_MSG_TYPE_RCV);
    gnrc_pktbuf_release(msg.content.ptr as gnrc_pktsnip_t);
    t.is(yield* mbox_try_get(mbox, msg), 0);
  });
  board.run();
  t.deepEqual(order,
    ['callback 201 c, 3 users', 'thread 201, 2 users', 'callback 202 c, 3 users', 'thread 202, 1 users']);
  t.is(board.printed, 'gnrc_netapi: dropped message to 0x0 (was full)\n');
  t.is(board.pktbufUsed, 0);
});

test('a full queue costs an image without socks the packet for good; with mboxes, or without the quirk, it is freed',
  (t) => {
    // gnrc_netapi.c hands the 0 of msg_try_send() on as success where it is built without mboxes and callbacks.
    const used = (options: ConstructorParameters<typeof NetBoard>[1]): number => {
      const board = new NetBoard(function* () {
        const pid = yield* thread_create({ length: 1024 }, 1024, 3, 0, function* () {
          msg_init_queue(msg_array(1), 1);
          yield* thread_sleep();
        }, null, 'deaf');
        yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_PID(9, pid));
        for (let i = 0; i < 3; i++) yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_TEST, 9, packet());
      }, options);
      return board.run().pktbufUsed;
    };
    const each = 48;
    t.is(used({}), 3 * each);
    t.is(used({ profile: 'rfc' }), each);
    t.is(used({ quirks: { 'netapi-queue-full-leak': false } }), each);
    t.is(used({ modules: ['gnrc_netapi_mbox'] }), each);
    t.is(used({ modules: ['gnrc_netapi_callbacks'] }), each);
  });

test('a notification goes to all that registered, and its sender waits until all have acknowledged it', (t) => {
  // A thread of a lower priority than the sender's, an mbox that is full, and a callback: without waiting the thread
  // would copy the address after it was changed.
  const order: string[] = [];
  const copied = new Uint8Array(16);
  const board = new NetBoard(function* () {
    const mbox = MBOX_INIT(msg_array(1), 1);
    yield* mbox_try_put(mbox, new msg_t());
    const pid = yield* server(10, 4, function* (msg) {
      order.push(`thread ${msg.type.toString(16)}`);
      yield* gnrc_netapi_notify_copy_event_data(msg.content.ptr as gnrc_netapi_notify_t, copied);
    });
    // Until the thread has its message queue.
    yield* ztimer_sleep(ZTIMER_USEC, 100);
    const cb = (cmd: number, event: unknown): Blocking<void> => {
      order.push(`callback ${cmd.toString(16)}`);
      return gnrc_netapi_notify_ack((event as gnrc_netapi_notify_t).ack);
    };
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_PID(1, pid));
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_MBOX(1, mbox));
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, GNRC_NETREG_ENTRY_INIT_CB(1, { cb, ctx: null }));
    const addr = new Uint8Array(16).fill(5);
    const told = yield* gnrc_netapi_notify(GNRC_NETTYPE_TEST, 1, NETAPI_NOTIFY_L3_DISCOVERED, addr);
    addr.fill(0);
    order.push(`${told} told`);
    t.is(yield* gnrc_netapi_notify(GNRC_NETTYPE_TEST, 2, NETAPI_NOTIFY_L3_DISCOVERED, addr), 0);
  });
  board.run();
  t.deepEqual(order, ['callback 207', 'thread 207', '2 told']);
  t.deepEqual(copied, new Uint8Array(16).fill(5));
});

test('what goes with a notification is copied as its event has it, and refused as anything else', (t) => {
  // RIOT compares the length with that of the event's type, and the address with the longest there is.
  t.plan(7);
  new NetBoard(function* () {
    const connection = () => ({ l2addr: new Uint8Array(8), l2addr_len: 0, if_pid: 0 });
    const from = { l2addr: Uint8Array.of(1, 2), l2addr_len: 2, if_pid: 6 };
    const to = connection();
    const layer2 = new gnrc_netapi_notify_t(NETAPI_NOTIFY_L2_NEIGH_CONNECTED, from);
    t.is(yield* gnrc_netapi_notify_copy_event_data(layer2, to), 12);
    t.deepEqual(to, { l2addr: Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0), l2addr_len: 2, if_pid: 6 });
    t.is(yield* gnrc_netapi_notify_copy_event_data(layer2, new Uint8Array(16)), -EINVAL);
    const long = new gnrc_netapi_notify_t(NETAPI_NOTIFY_L2_NEIGH_DISCONNECTED, { ...from, l2addr_len: 9 });
    t.is(yield* gnrc_netapi_notify_copy_event_data(long, to), -EINVAL);
    const layer3 = new gnrc_netapi_notify_t(NETAPI_NOTIFY_L3_UNREACHABLE, new Uint8Array(16).fill(9));
    const addr = new Uint8Array(16);
    t.is(yield* gnrc_netapi_notify_copy_event_data(layer3, connection()), -EINVAL);
    t.is(yield* gnrc_netapi_notify_copy_event_data(layer3, addr), 16);
    t.is(yield* gnrc_netapi_notify_copy_event_data(new gnrc_netapi_notify_t(77, addr), addr), -EINVAL);
  }).run();
});

test('a packet that nobody registered for stays with the caller', (t) => {
  // 0 is the return value that tells the caller to release it.
  t.plan(2);
  new NetBoard(function* () {
    const pkt = packet();
    t.is(yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_TEST, 1, pkt), 0);
    t.is(pkt.users, 1);
  }).run();
});

test('an option is read and set in the thread that is asked, and its answer comes back signed', (t) => {
  // The server answers get with two bytes and set with -ENOTSUP: both come through a 32-bit message field.
  t.plan(5);
  new NetBoard(function* () {
    const pid = yield* server(3, 4, function* (msg) {
      const opt = msg.content.ptr as gnrc_netapi_opt_t;
      const ack = new msg_t();
      ack.type = GNRC_NETAPI_MSG_TYPE_ACK;
      if (msg.type === GNRC_NETAPI_MSG_TYPE_GET && opt.opt === NETOPT_CHANNEL) {
        opt.data[0] = opt.context;
        ack.content.value = 2;
      } else {
        t.is(msg.type, GNRC_NETAPI_MSG_TYPE_SET);
        t.is(opt.data_len, 3);
        ack.content.value = -ENOTSUP >>> 0;
      }
      yield* msg_reply(msg, ack);
    });
    const data = new Uint8Array(4);
    t.is(yield* gnrc_netapi_get(pid, NETOPT_CHANNEL, 26, data, 4), 2);
    t.is(data[0], 26);
    t.is(yield* gnrc_netapi_set(pid, NETOPT_NID, 0, data, 3), -ENOTSUP);
  }).run();
});
