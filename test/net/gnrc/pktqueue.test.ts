// RIOT's tests/unittests/tests-pktqueue and tests-priority_pktqueue: every case, written anew from what it checks.
import test from 'ava';
import { AssertFailed } from '../../../kernel/panic.ts';
import { GNRC_NETTYPE_TEST, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_is_empty } from '../../../net/gnrc/pktbuf.ts';
import { type gnrc_pktqueue_head_t, type gnrc_pktqueue_t, gnrc_pktqueue_add, gnrc_pktqueue_remove,
  gnrc_pktqueue_remove_head } from '../../../net/gnrc/pktqueue.ts';
import { PRIORITY_PKTQUEUE_NODE_INIT, gnrc_priority_pktqueue_flush, gnrc_priority_pktqueue_head,
  gnrc_priority_pktqueue_init, gnrc_priority_pktqueue_length, gnrc_priority_pktqueue_node_init,
  gnrc_priority_pktqueue_node_t, gnrc_priority_pktqueue_pop, gnrc_priority_pktqueue_push, gnrc_priority_pktqueue_t,
} from '../../../net/gnrc/priority_pktqueue.ts';
import { NetBoard } from './board.ts';

const packet = (size: number): gnrc_pktsnip_t =>
  new gnrc_pktsnip_t(null, new Uint8Array(size), size, GNRC_NETTYPE_UNDEF);
const node = (size: number): gnrc_pktqueue_t => ({ next: null, pkt: packet(size) });

/** A board of 32 bits: the queue with priorities asserts that it is one. */
const board = (pointer = 4): NetBoard => new NetBoard(function* () { return 0; }, { net: { SIZEOF_POINTER: pointer } });

test('nodes are queued behind each other', (t) => {
  // RIOT's cases add_one and add_two: the root is the first node, and it stays so.
  const head: gnrc_pktqueue_head_t = { queue: null };
  const [one, two] = [node(9), node(17)];
  gnrc_pktqueue_add(head, one);
  t.is(head.queue, one);
  t.is(one.next, null);
  gnrc_pktqueue_add(head, two);
  t.is(head.queue, one);
  t.is(one.next, two);
  t.is(two.next, null);
  t.deepEqual([one.pkt!.size, two.pkt!.size], [9, 17]);
});

test('a node is taken out wherever it is; one that is not there is only handed back', (t) => {
  // RIOT's case remove takes the last, then the only one, then none; the middle one is added here.
  const head: gnrc_pktqueue_head_t = { queue: null };
  const [one, two, three] = [node(1), node(2), node(3)];
  for (const n of [one, two, three]) gnrc_pktqueue_add(head, n);
  t.is(gnrc_pktqueue_remove(head, two), two);
  t.deepEqual([head.queue, one.next, two.next], [one, three, null]);
  t.is(gnrc_pktqueue_remove(head, three), three);
  t.is(one.next, null);
  t.is(gnrc_pktqueue_remove(head, two), two);
  t.is(head.queue, one);
  t.is(gnrc_pktqueue_remove(head, one), one);
  t.is(head.queue, null);
  t.is(gnrc_pktqueue_remove(head, null), null);
  t.is(head.queue, null);
});

test('the first node is taken out first; of an empty queue there is none', (t) => {
  // RIOT's cases remove_head_empty and remove_head.
  const head: gnrc_pktqueue_head_t = { queue: null };
  t.is(gnrc_pktqueue_remove_head(head), null);
  const [one, two] = [node(1), node(2)];
  gnrc_pktqueue_add(head, one);
  gnrc_pktqueue_add(head, two);
  t.is(gnrc_pktqueue_remove_head(head), one);
  t.is(head.queue, two);
  t.is(gnrc_pktqueue_remove_head(head), two);
  t.is(gnrc_pktqueue_remove_head(head), null);
});

test('priorities: init makes a queue empty and a node one of a packet', (t) => {
  // RIOT's cases init and node_init; both had something else in them before.
  const queue = new gnrc_priority_pktqueue_t();
  queue.first = new gnrc_priority_pktqueue_node_t();
  gnrc_priority_pktqueue_init(queue);
  t.is(gnrc_priority_pktqueue_length(queue), 0);
  const elem = new gnrc_priority_pktqueue_node_t(3, packet(1));
  elem.next = elem;
  const pkt = packet(9);
  gnrc_priority_pktqueue_node_init(elem, 0xffff_ffff, pkt);
  t.deepEqual(elem, PRIORITY_PKTQUEUE_NODE_INIT(0xffff_ffff, pkt));
  t.is(elem.pkt, pkt);
});

test('priorities: the smaller number comes first, equal ones as they came', (t) => {
  // RIOT's cases push_one, push_two, length and head.
  board().do(() => {
    const queue = new gnrc_priority_pktqueue_t();
    const [a, b, c] = [packet(9), packet(13), packet(17)];
    t.is(gnrc_priority_pktqueue_head(queue), null);
    t.is(gnrc_priority_pktqueue_length(queue), 0);
    const first = PRIORITY_PKTQUEUE_NODE_INIT(1, a);
    gnrc_priority_pktqueue_push(queue, first);
    t.is(queue.first, first);
    t.is(gnrc_priority_pktqueue_head(queue), a);
    gnrc_priority_pktqueue_push(queue, PRIORITY_PKTQUEUE_NODE_INIT(1, b));
    t.is(gnrc_priority_pktqueue_head(queue), a);
    t.is(gnrc_priority_pktqueue_length(queue), 2);
    const urgent = PRIORITY_PKTQUEUE_NODE_INIT(0, c);
    gnrc_priority_pktqueue_push(queue, urgent);
    t.is(gnrc_priority_pktqueue_head(queue), c);
    t.is(urgent.next, first);
    t.is(gnrc_priority_pktqueue_length(queue), 3);
    t.deepEqual([1, 2, 3, 4].map(() => gnrc_priority_pktqueue_pop(queue)), [c, a, b, null]);
  });
});

test('priorities: pop clears the node', (t) => {
  // RIOT's cases pop_empty and pop.
  board().do(() => {
    const queue = new gnrc_priority_pktqueue_t();
    t.is(gnrc_priority_pktqueue_pop(queue), null);
    const pkt = packet(9);
    const elem = PRIORITY_PKTQUEUE_NODE_INIT(7, pkt);
    gnrc_priority_pktqueue_push(queue, elem);
    t.is(gnrc_priority_pktqueue_pop(queue), pkt);
    t.deepEqual([elem.pkt, elem.next, elem.priority], [null, null, 0]);
    t.is(gnrc_priority_pktqueue_head(queue), null);
    t.is(queue.first, null);
  });
});

test('priorities: flush releases all packets', (t) => {
  // RIOT's case flush; the packet buffer tells that both are gone.
  board().do(() => {
    const queue = new gnrc_priority_pktqueue_t();
    for (const priority of [1, 0]) {
      const pkt = gnrc_pktbuf_add(null, new Uint8Array(9), 9, GNRC_NETTYPE_TEST)!;
      gnrc_priority_pktqueue_push(queue, PRIORITY_PKTQUEUE_NODE_INIT(priority, pkt));
    }
    t.false(gnrc_pktbuf_is_empty());
    gnrc_priority_pktqueue_flush(queue);
    t.is(queue.first, null);
    t.is(gnrc_priority_pktqueue_length(queue), 0);
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('priorities: no packet, a node that is queued, and a board of 64 bits fail the assertions of RIOT', (t) => {
  // gnrc_priority_pktqueue.c:65 and :66, priority_queue.c:58.
  const failsAt = (where: RegExp) => ({ instanceOf: AssertFailed, message: where });
  board().do(() => {
    const queue = new gnrc_priority_pktqueue_t();
    t.throws(() => gnrc_priority_pktqueue_push(queue, new gnrc_priority_pktqueue_node_t()), failsAt(/queue\.c:65$/));
    const elem = PRIORITY_PKTQUEUE_NODE_INIT(1, packet(1));
    gnrc_priority_pktqueue_push(queue, elem);
    t.throws(() => gnrc_priority_pktqueue_push(queue, elem), failsAt(/priority_queue\.c:58$/));
  });
  board(8).do(() => {
    const queue = new gnrc_priority_pktqueue_t();
    t.throws(() => gnrc_priority_pktqueue_push(queue, PRIORITY_PKTQUEUE_NODE_INIT(1, packet(1))), failsAt(/:66$/));
  });
});
