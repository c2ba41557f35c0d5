import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import type { Board } from '../../../boards/board.ts';
import { iotlabM3 } from '../../../boards/iotlab-m3.ts';
import { native } from '../../../boards/native.ts';
import { nrf52840dk } from '../../../boards/nrf52840dk.ts';
import { openmoteB } from '../../../boards/openmote-b.ts';
import { samr21Xpro } from '../../../boards/samr21-xpro.ts';
import { KIND_CPU } from '../../../emulator/sim/digest.ts';
import type { QueueEntry } from '../../../emulator/sim/event-queue.ts';
import type { SimNode } from '../../../emulator/sim/node.ts';
import type { Simulation } from '../../../emulator/sim/simulation.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import {
  IEEE802154_FCF_ACK_REQ, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_MASK,
} from '../../../net/wire/ieee802154.ts';
import { app, collect, shellApp, simulate, ticker } from './apps.ts';
import { handshakes } from './handshakes.ts';

/** Far more than a boot, a time-out of the client and a handshake take, µs. */
const RECOVERY = 3_000_000;

/** What is queued for a node. */
function queuedFor(node: SimNode): readonly QueueEntry[] {
  const { heap } = node.engine.queue as unknown as { heap: readonly QueueEntry[] };
  return heap.filter((entry) => entry.node === node.index);
}

/** What a board that is off still has: nothing may be in this list. */
function remains(node: SimNode): string[] {
  const left = queuedFor(node).map((entry) => `queue entry of kind ${entry.kind}`);
  if (node.state !== 'off') left.push(`state ${node.state}`);
  if (node.kernel !== null) left.push('kernel');
  if (node.radio !== null) left.push('radio');
  if (node.input.waiting > 0) left.push('console input');
  return left;
}

/** Steps until `condition`, at most for `limit` µs; tells whether it came true, and how many steps that took. */
function stepUntil(sim: Simulation, condition: () => boolean, limit: number): { came: boolean; steps: number } {
  const end = sim.now + limit;
  let steps = 0;
  while (!condition() && sim.now <= end && sim.step()) steps++;
  return { came: condition(), steps };
}

interface Cutting {
  readonly board: Board;
  /** After which the client gives a handshake up, and that it leaves between two, µs. */
  readonly timeout: number;
  readonly pause: number;
  /** From one cut to the next, steps. */
  readonly every: number;
}

/** What the cuts came into the middle of. */
interface Cuts {
  cuts: number;
  /** A thread spent CPU time, and some of it was left. */
  spending: number;
  sending: number;
  waitingForAck: number;
  readonly complaints: string[];
}

/** macAckWaitDuration, 54 symbols, µs. */
const ACK_WAIT = 864;

/** Tells whether a node has sent a frame and may still hear its ACK. */
function acksAwaited(sim: Simulation, node: string): () => boolean {
  let until = 0;
  sim.trace.subscribe((record) => {
    const { event } = record;
    if (record.node !== node || event.layer !== 'radio') return undefined;
    if (event.type === 'tx') until = (event.frame[0]! & IEEE802154_FCF_ACK_REQ) === 0 ? 0 : event.end + ACK_WAIT;
    if (event.type === 'rx' && (event.frame[0]! & IEEE802154_FCF_TYPE_MASK) === IEEE802154_FCF_TYPE_ACK) until = 0;
    return undefined;
  });
  return () => sim.now < until;
}

/** Counts a cut by what the board is doing. */
function countCut(cuts: Cuts, node: SimNode, awaited: () => boolean): undefined {
  cuts.cuts++;
  if (queuedFor(node).some(({ kind, time }) => kind === KIND_CPU && time > node.engine.now)) cuts.spending++;
  if (node.radio?.state === 'tx') cuts.sending++;
  if (awaited()) cuts.waitingForAck++;
}

/**
 * Lets a pair shake hands and cuts the power of one board, each time some steps later, until a handshake is through.
 * On a board whose work takes time every other cut comes half-way between two steps.
 */
function cutEverywhere(victim: 'server' | 'client', { board, timeout, pause, every }: Cutting): Cuts {
  const progress = { done: 0, failed: 0 };
  const sim = handshakes(progress, { board, timeout, pause });
  const node = sim.node(victim);
  const awaited = acksAwaited(sim, victim);
  const cuts: Cuts = { cuts: 0, spending: 0, sending: 0, waitingForAck: 0, complaints: [] };
  const { complaints } = cuts;
  const recovery = RECOVERY + 10 * timeout;
  stepUntil(sim, () => progress.done === 1, recovery);
  for (let at = 0; ; at += every) {
    // Between two handshakes: all that is left of the last one is over.
    sim.runFor(pause / 2);
    const before = progress.done;
    for (let i = 0; i < at && progress.done === before; i++) sim.step();
    if (progress.done > before) return cuts;
    const halfway = board.core !== 'host' && (at / every) % 2 === 1;
    if (halfway) sim.runUntil(sim.now + ((sim.nextAt() ?? sim.now) - sim.now >> 1));
    countCut(cuts, node, awaited);
    sim.apply({ type: 'power', node: victim, on: false });
    for (const what of remains(node)) complaints.push(`cut at ${at}: ${what} survives`);
    const said: string[] = [];
    const unsubscribe = sim.trace.subscribe((record) => {
      // Others may note that it did not hear them.
      if (record.node === victim && record.event.type !== 'lost') said.push(record.event.type);
      return undefined;
    });
    sim.runFor(5000);
    unsubscribe();
    if (said.length > 0) complaints.push(`cut at ${at}: without power it did ${said.join(' ')}`);
    sim.apply({ type: 'power', node: victim, on: true });
    const done = progress.done;
    if (!stepUntil(sim, () => progress.done > done, recovery).came) {
      complaints.push(`cut at ${at}: no handshake afterwards`);
      return cuts;
    }
    for (const { name, state } of sim.nodes) if (state !== 'on') complaints.push(`cut at ${at}: ${name} is ${state}`);
  }
}

for (const victim of ['server', 'client'] as const) {
  test(`a ${victim} that loses power at any step of a handshake leaves nothing behind and shakes hands again`, (t) => {
    // Every step, one after the other: each has its own interrupts, timers and frames under way. The peer keeps its
    // state of the broken handshake and gets rid of it as RIOT does: the client by its time-out and
    // sock_dtls_session_destroy(), the server when the next ClientHello with a cookie comes.
    const { cuts, complaints } = cutEverywhere(victim, { board: native, timeout: 100_000, pause: 20_000, every: 1 });
    t.deepEqual(complaints, []);
    t.true(cuts > 200, `${cuts} steps`);
    t.log(`${cuts} power cuts`);
  });
}

// One for each kind of radio.
for (const board of [samr21Xpro, iotlabM3, nrf52840dk, openmoteB]) {
  for (const victim of ['server', 'client'] as const) {
    test(`${board.name} as ${victim} loses power while it computes, sends or waits for an ACK: nothing is left, ` +
      'and it shakes hands again', (t) => {
      // Here a handshake takes tens of milliseconds of CPU time, and frames are on the air for as long as on a real
      // one: the counts tell that the cuts came into the middle of all three.
      const every = 3;
      const result = cutEverywhere(victim, { board, timeout: 1_000_000, pause: 400_000, every });
      const { complaints, cuts, spending, sending, waitingForAck } = result;
      t.deepEqual(complaints, []);
      t.log(`${cuts} power cuts: ${spending} while it computed, ${sending} sent, ${waitingForAck} waited for an ACK`);
      t.true(spending > 100 && sending > 5 && waitingForAck > 5);
    });
  }
}

test('a frame that is on its way when its sender loses power reaches nobody', (t) => {
  // The radio sends 32 µs a byte; the cut comes in the middle of the first frame.
  const sim = handshakes({ done: 0, failed: 0 }, { board: native });
  sim.runUntil(1_900_000);
  const records = collect(sim);
  const radio = sim.node('client');
  stepUntil(sim, () => radio.radio !== null && queuedFor(radio).some(({ kind }) => kind === 4), 1_000_000);
  const pending = queuedFor(radio);
  sim.apply({ type: 'power', node: 'client', on: false });
  const before = records.length;
  sim.runFor(1_000_000);
  t.true(pending.length > 0);
  t.deepEqual(records.slice(before).filter(({ node, event }) => node === 'client' || event.type === 'rx'), []);
});

test('input typed in an old life does not reach the new one', (t) => {
  // Half of the line has arrived when the power goes; the other half would come 87 µs a byte later.
  const sim = simulate({ a: shellApp });
  sim.runUntil(0);
  sim.apply({ type: 'type', node: 'a', text: 'echo first' });
  sim.runFor(400);
  sim.apply({ type: 'power', node: 'a', on: false });
  sim.apply({ type: 'power', node: 'a', on: true });
  const start = sim.node('a').console.length;
  sim.runFor(100_000);
  sim.apply({ type: 'type', node: 'a', text: 'echo second' });
  sim.runFor(100_000);
  const console = sim.node('a').console.slice(start);
  t.false(console.includes('first'));
  t.true(console.includes('> echo second\r\nsecond\n'), console);
});

test('a timer of an old life does not fire in the new one', (t) => {
  // The old one is due at 10 ms, the new one, set 4 ms later by a board that booted anew, at 14 ms.
  const sleeper = app(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 10_000);
    puts('rang');
    return 0;
  });
  const sim = simulate({ a: sleeper });
  sim.runUntil(4000);
  sim.apply({ type: 'reboot', node: 'a' });
  const rings: number[] = [];
  sim.trace.subscribe(({ time, event }) => {
    if (event.type === 'out' && event.text === 'rang\n') rings.push(time);
    return undefined;
  });
  sim.runUntil(100_000);
  t.deepEqual(rings, [14_000]);
});

test('a power action that changes nothing is said so', (t) => {
  // Off twice, reset without power, on twice; the first of each and a power-on before the boot do something.
  const sim = simulate({ a: ticker }, 1, { bootAt: 1000 });
  const records = collect(sim);
  const power = (on: boolean) => sim.apply({ type: 'power', node: 'a', on });
  power(false);
  power(false);
  sim.apply({ type: 'reboot', node: 'a' });
  power(true);
  sim.runFor(10);
  power(true);
  sim.apply({ type: 'reboot', node: 'a' });
  const said = records.flatMap(({ event }) => event.type === 'no_effect' ? [event.text] : []);
  t.deepEqual(said, ['power off: the board is off', 'reboot: the board is off', 'power on: the board has power']);
});

test('a thousand reboots leave the heap as it was', (t) => {
  // A kernel with its threads and buffers is tens of kilobytes: a thousand that stayed would be tens of megabytes.
  // The console is text that a user asked for, so it is taken out of the sum.
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const sim = handshakes({ done: 0, failed: 0 }, { board: native, timeout: 100_000, pause: 20_000 });
  const reboot = (times: number) => {
    for (let i = 0; i < times; i++) {
      for (const node of sim.nodes) {
        sim.apply({ type: 'reboot', node: node.name });
        node.console = '';
      }
      sim.runFor(100);
    }
  };
  const used = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  reboot(200);
  const before = used();
  const entries = sim.nodes[0]!.engine.queue.size;
  reboot(1000);
  t.true(sim.nodes[0]!.engine.queue.size <= entries + 4);
  const grown = (used() - before) / 2000;
  t.true(grown < 1500, `${Math.round(grown)} bytes a reboot`);
  t.log(`${Math.round(grown)} bytes a reboot, its line in the journal among them`);
});
