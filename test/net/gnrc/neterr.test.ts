import test from 'ava';
import { EALREADY, EHOSTUNREACH } from '../../../kernel/errno.ts';
import { msg_array, msg_avail, msg_init_queue, msg_receive, msg_t, msg_try_receive } from '../../../kernel/msg.ts';
import { thread_create, thread_getpid, thread_yield } from '../../../kernel/thread.ts';
import { GNRC_NETERR_MSG_TYPE, GNRC_NETERR_SUCCESS, gnrc_neterr_reg } from '../../../net/gnrc/neterr.ts';
import { GNRC_NETTYPE_UDP } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_mark, gnrc_pktbuf_release,
  gnrc_pktbuf_release_error } from '../../../net/gnrc/pktbuf.ts';
import { NetBoard } from './board.ts';

const MODULES = ['gnrc_neterr'];

test('who registered for a packet is told of its release: of each snip, with the error or with success', (t) => {
  // Two snips are registered for and one is not: two messages. A use that is given back is told, too.
  const told: string[] = [];
  const board = new NetBoard(function* () {
    msg_init_queue(msg_array(8), 8);
    const rest = gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UDP);
    const middle = gnrc_pktbuf_add(rest, null, 4, GNRC_NETTYPE_UDP);
    const pkt = gnrc_pktbuf_add(middle, null, 4, GNRC_NETTYPE_UDP)!;
    t.is(gnrc_neterr_reg(pkt), 0);
    t.is(gnrc_neterr_reg(pkt), EALREADY);
    t.is(gnrc_neterr_reg(rest!), 0);
    gnrc_pktbuf_hold(pkt, 1);
    gnrc_pktbuf_release_error(pkt, EHOSTUNREACH);
    gnrc_pktbuf_release(pkt);
    const msg = new msg_t();
    while ((yield* msg_try_receive(msg)) === 1) {
      told.push(`${msg.type === GNRC_NETERR_MSG_TYPE} ${msg.content.value} ${msg.sender_pid === thread_getpid()}`);
    }
  }, { modules: MODULES });
  board.run();
  t.deepEqual(told, [`true ${EHOSTUNREACH} true`, `true ${EHOSTUNREACH} true`, `true ${GNRC_NETERR_SUCCESS} true`,
    `true ${GNRC_NETERR_SUCCESS} true`]);
  t.is(board.pktbufUsed, 0);
});

test('a thread that waits is told by another one that releases the packet', (t) => {
  // The waiting thread has the higher priority; it runs when the releasing thread next enters the kernel.
  const order: string[] = [];
  new NetBoard(function* () {
    const pkt = gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UDP)!;
    yield* thread_create({ length: 1024 }, 1024, 3, 0, function* () {
      gnrc_neterr_reg(pkt);
      const msg = new msg_t();
      yield* msg_receive(msg);
      order.push(`told ${msg.content.value}`);
    }, null, 'sender');
    gnrc_pktbuf_release_error(pkt, EHOSTUNREACH);
    yield* thread_yield();
    order.push('after');
  }, { modules: MODULES }).run();
  t.deepEqual(order, [`told ${EHOSTUNREACH}`, 'after']);
});

test('without the module nobody is told, and registering answers 0 as the macro of RIOT does', (t) => {
  // The queue stays empty although the packet is released.
  t.plan(3);
  new NetBoard(function* () {
    msg_init_queue(msg_array(2), 2);
    const pkt = gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UDP)!;
    t.is(gnrc_neterr_reg(pkt), 0);
    t.is(gnrc_neterr_reg(pkt), 0);
    gnrc_pktbuf_release_error(pkt, EHOSTUNREACH);
    t.is(msg_avail(), 0);
  }).run();
});

test('with the module a descriptor takes 48 bytes on native64, and 16 still on 32-bit boards', (t) => {
  // sizeof(gnrc_pktsnip_t) is 40 with a pid more, and 16 where enums are as small as they can be. A part that is marked
  // has no subscriber.
  for (const [pointer, size] of [[8, 48], [4, 16]] as const) {
    const board = new NetBoard(function* () { return 0; }, { modules: MODULES, net: { SIZEOF_POINTER: pointer } });
    board.do(() => {
      const pkt = gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UDP);
      t.is(board.pktbufUsed, size);
      gnrc_pktbuf_release(pkt);
    });
  }
  new NetBoard(function* () {
    const pkt = gnrc_pktbuf_add(null, null, 32, GNRC_NETTYPE_UDP)!;
    gnrc_neterr_reg(pkt);
    t.is(gnrc_pktbuf_mark(pkt, 16, GNRC_NETTYPE_UDP)!.err_sub, 0);
  }, { modules: MODULES }).run();
});
