import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { native } from '../../../boards/native.ts';
import type { QueueEntry } from '../../../emulator/sim/event-queue.ts';
import type { SimNode } from '../../../emulator/sim/node.ts';
import type { Simulation } from '../../../emulator/sim/simulation.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
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

/** Lets a pair shake hands and cuts the power of one board, each time one step later, until a handshake is through. */
function cutEverywhere(victim: 'server' | 'client', every: number): { cuts: number; complaints: string[] } {
  const progress = { done: 0, failed: 0 };
  const sim = handshakes(progress, { board: native, timeout: 100_000, pause: 20_000 });
  const node = sim.node(victim);
  const complaints: string[] = [];
  stepUntil(sim, () => progress.done === 1, RECOVERY);
  let cuts = 0;
  for (let at = 0; ; at += every) {
    // Between two handshakes: all that is left of the last one is over.
    sim.runFor(10_000);
    const before = progress.done;
    for (let i = 0; i < at && progress.done === before; i++) sim.step();
    if (progress.done > before) return { cuts, complaints };
    cuts++;
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
    if (!stepUntil(sim, () => progress.done > done, RECOVERY).came) {
      complaints.push(`cut at ${at}: no handshake afterwards`);
      return { cuts, complaints };
    }
    for (const { name, state } of sim.nodes) if (state !== 'on') complaints.push(`cut at ${at}: ${name} is ${state}`);
  }
}

for (const victim of ['server', 'client'] as const) {
  test(`a ${victim} that loses power at any step of a handshake leaves nothing behind and shakes hands again`, (t) => {
    // Every step, one after the other: each has its own interrupts, timers and frames under way. The peer keeps its
    // state of the broken handshake and gets rid of it as RIOT does: the client by its time-out and
    // sock_dtls_session_destroy(), the server when the next ClientHello with a cookie comes.
    const { cuts, complaints } = cutEverywhere(victim, 1);
    t.deepEqual(complaints, []);
    t.true(cuts > 200, `${cuts} steps`);
    t.log(`${cuts} power cuts`);
  });
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
