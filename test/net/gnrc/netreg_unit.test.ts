// RIOT's tests/unittests/tests-netreg and tests-gnrc_netif_pktq: every case, written anew from what it checks.
import test, { type ExecutionContext } from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { EINVAL } from '../../../kernel/errno.ts';
import { msg_array, msg_init_queue } from '../../../kernel/msg.ts';
import { thread_create, thread_sleep } from '../../../kernel/thread.ts';
import { gnrc_netif_pktq_empty, gnrc_netif_pktq_get, gnrc_netif_pktq_push_back, gnrc_netif_pktq_put,
  gnrc_netif_pktq_usage } from '../../../net/gnrc/netif_pktq.ts';
import { gnrc_netif_t } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_PID, type gnrc_netreg_entry_t, gnrc_netreg_acquire_shared,
  gnrc_netreg_getnext, gnrc_netreg_init, gnrc_netreg_lookup, gnrc_netreg_num, gnrc_netreg_register,
  gnrc_netreg_release_shared, gnrc_netreg_unregister } from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_NUMOF, GNRC_NETTYPE_TEST, GNRC_NETTYPE_UNDEF,
  type gnrc_nettype_t } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { NetBoard } from './board.ts';

const CTX = 0x3039;
const POOL = 16;

interface Registry {
  readonly t: ExecutionContext;
  /** Entries of two threads with message queues. */
  readonly entries: readonly [gnrc_netreg_entry_t, gnrc_netreg_entry_t];
}

/** Runs a case in main, with the registry empty. */
function netreg(name: string, body: (registry: Registry) => Blocking<void>): void {
  test(`netreg: ${name}`, (t) => {
    // RIOT's suite has this case; the counter tells that the body came to its end.
    let ended = 0;
    new NetBoard(function* () {
      gnrc_netreg_init();
      const pids = [yield* sleeper(), yield* sleeper()];
      const [first, second] = pids.map((pid) => GNRC_NETREG_ENTRY_INIT_PID(CTX, pid));
      yield* body({ t, entries: [first!, second!] });
      ended++;
    }).run();
    t.is(ended, 1);
  });
}

function* sleeper(): Blocking<number> {
  return yield* thread_create({ length: 1024 }, 1024, 3, 0, function* () {
    msg_init_queue(msg_array(4), 4);
    yield* thread_sleep();
  }, null, 'sleeper');
}

function* lookup(type: gnrc_nettype_t): Blocking<gnrc_netreg_entry_t | null> {
  gnrc_netreg_acquire_shared();
  const entry = gnrc_netreg_lookup(type, CTX);
  yield* gnrc_netreg_release_shared();
  return entry;
}

function* num(type: gnrc_nettype_t, ctx: number): Blocking<number> {
  gnrc_netreg_acquire_shared();
  const count = gnrc_netreg_num(type, ctx);
  yield* gnrc_netreg_release_shared();
  return count;
}

netreg('a type behind the last one cannot be registered', function* ({ t, entries }) {
  t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_NUMOF, entries[0]), -EINVAL);
});

netreg('what is registered is found, and is the only one', function* ({ t, entries }) {
  t.is(yield* lookup(GNRC_NETTYPE_TEST), null);
  t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entries[0]), 0);
  const found = yield* lookup(GNRC_NETTYPE_TEST);
  t.is(found, entries[0]);
  t.is(found?.demux_ctx, CTX);
  t.is(gnrc_netreg_getnext(found), null);
});

netreg('the only entry is unregistered', function* ({ t, entries }) {
  yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entries[0]);
  t.is(yield* lookup(GNRC_NETTYPE_TEST), entries[0]);
  yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, entries[0]);
  t.is(yield* lookup(GNRC_NETTYPE_TEST), null);
});

for (const first of [0, 1] as const) {
  netreg(`of two entries number ${first + 1} is unregistered first`, function* ({ t, entries }) {
    for (const entry of entries) t.is(yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entry), 0);
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, entries[first]);
    const left = entries[1 - first]!;
    t.is(yield* lookup(GNRC_NETTYPE_TEST), left);
    yield* gnrc_netreg_unregister(GNRC_NETTYPE_TEST, left);
    t.is(yield* lookup(GNRC_NETTYPE_TEST), null);
  });
}

for (const [name, type] of [['undefined', GNRC_NETTYPE_UNDEF], ['that there is not', GNRC_NETTYPE_NUMOF]] as const) {
  netreg(`a type ${name} has no entries`, function* ({ t, entries }) {
    yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entries[0]);
    t.is(yield* lookup(type), null);
    t.is(yield* num(type, CTX), 0);
  });
}

netreg('an empty registry has no entries of any context', function* ({ t }) {
  for (const ctx of [CTX, CTX + 1, GNRC_NETREG_DEMUX_CTX_ALL]) t.is(yield* num(GNRC_NETTYPE_TEST, ctx), 0);
});

netreg('entries are counted, and follow each other; nothing follows nothing', function* ({ t, entries }) {
  yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entries[0]);
  t.is(yield* num(GNRC_NETTYPE_TEST, CTX), 1);
  t.is(gnrc_netreg_getnext(null), null);
  yield* gnrc_netreg_register(GNRC_NETTYPE_TEST, entries[1]);
  t.is(yield* num(GNRC_NETTYPE_TEST, CTX), 2);
  t.is(gnrc_netreg_getnext(yield* lookup(GNRC_NETTYPE_TEST)), entries[0]);
});

/** Runs a case with an interface that has nothing queued. */
function pktq(name: string, body: (t: ExecutionContext, netif: gnrc_netif_t) => void): void {
  test(`send queue: ${name}`, (t) => {
    // RIOT's suite has this case, and its own assertions.
    new NetBoard(function* () { return 0; }).do(() => body(t, new gnrc_netif_t()));
  });
}

const packets = (count: number): gnrc_pktsnip_t[] =>
  Array.from({ length: count }, () => new gnrc_pktsnip_t(null, null, 0, GNRC_NETTYPE_UNDEF));

pktq('nothing comes out of an empty one, and it uses nothing', (t, netif) => {
  t.is(gnrc_netif_pktq_get(netif), null);
  t.is(gnrc_netif_pktq_usage(), 0);
});

pktq('a full pool takes no more, neither behind nor before the others', (t, netif) => {
  const [pkt] = packets(1);
  for (let i = 0; i < POOL; i++) t.is(gnrc_netif_pktq_put(netif, pkt!), 0);
  t.is(gnrc_netif_pktq_put(netif, pkt!), -1);
  t.is(gnrc_netif_pktq_push_back(netif, pkt!), -1);
  t.is(gnrc_netif_pktq_usage(), POOL);
});

pktq('packets that are put come out in their order', (t, netif) => {
  const all = packets(3);
  for (const [i, pkt] of all.entries()) {
    t.is(gnrc_netif_pktq_put(netif, pkt), 0);
    t.is(gnrc_netif_pktq_usage(), i + 1);
  }
  t.deepEqual(all.map(() => gnrc_netif_pktq_get(netif)), all);
  t.is(gnrc_netif_pktq_usage(), 0);
});

pktq('packets that are pushed back come out in the opposite order', (t, netif) => {
  const all = packets(3);
  for (const pkt of all) t.is(gnrc_netif_pktq_push_back(netif, pkt), 0);
  const out = all.map(() => gnrc_netif_pktq_get(netif));
  t.true(out.reverse().every((pkt, i) => pkt === all[i]));
  t.is(gnrc_netif_pktq_usage(), 0);
});

pktq('it is empty before and after, whichever way a packet came in', (t, netif) => {
  const [pkt] = packets(1);
  for (const put of [gnrc_netif_pktq_put, gnrc_netif_pktq_push_back]) {
    t.true(gnrc_netif_pktq_empty(netif));
    t.is(put(netif, pkt!), 0);
    t.false(gnrc_netif_pktq_empty(netif));
    t.is(gnrc_netif_pktq_get(netif), pkt!);
  }
  t.true(gnrc_netif_pktq_empty(netif));
});
