import test from 'ava';
import { native } from '../../../boards/native.ts';
import type { Recording } from '../../../emulator/sim/recording.ts';
import { ReplayMismatch } from '../../../emulator/sim/recording.ts';
import { Replay, replay } from '../../../emulator/sim/replay.ts';
import { Simulation, type SimulationOptions } from '../../../emulator/sim/simulation.ts';
import { collect, shellApp, ticker } from './apps.ts';

const OPTIONS: SimulationOptions = {
  seed: 9,
  nodes: { a: { board: native, app: shellApp }, b: { board: native, app: ticker, config: { MAXTHREADS: 16 } } },
};

/** A run with every sort of host action between steps, at instants with and without events. */
function record() {
  const sim = new Simulation(OPTIONS);
  const records = collect(sim);
  sim.runUntilSettled();
  sim.runFor(12_345);
  sim.apply({ type: 'type', node: 'a', text: 'echo hello' });
  sim.step();
  sim.apply({ type: 'type_raw', node: 'a', bytes: 'x' });
  sim.runFor(50_000);
  sim.apply({ type: 'link', from: 'a', to: 'b', up: true, loss: 0.25 });
  sim.apply({ type: 'power', node: 'b', on: false });
  sim.runFor(5_000);
  sim.apply({ type: 'power', node: 'b', on: true });
  sim.apply({ type: 'frame', node: 'a', frame: '0200017f60' });
  sim.runFor(33_000);
  sim.apply({ type: 'reboot', node: 'a' });
  sim.runFor(40_001);
  return { records, recording: sim.recording({ ok: true }) };
}

/** The recording as it comes out of a file. */
function throughJson(recording: Recording): Recording {
  return JSON.parse(JSON.stringify(recording));
}

test('a recording replays to an equal digest, at the same place', (t) => {
  // The digest covers every step, time, action and frame; the recording has been through JSON.
  const { recording } = record();
  const again = replay(throughJson(recording), OPTIONS);
  t.is(again.digest(), recording.digest);
  t.deepEqual(again.recording({ ok: true }), recording);
});

test('stepping a recording slice by slice gives the same trace', (t) => {
  // Record by record, ids and causes included; the recorded run was driven by runFor() instead.
  const { records, recording } = record();
  const stepped = new Replay(recording, OPTIONS);
  const again = collect(stepped.simulation);
  let steps = 0;
  while (stepped.step()) steps++;
  t.true(stepped.done);
  t.is(steps, recording.end.sequence);
  t.deepEqual(again, records);
  t.notThrows(() => stepped.finish());
});

test('a recording of nothing replays', (t) => {
  // No step, no action, time 0: the loops must not need a first one.
  const recording = new Simulation(OPTIONS).recording();
  t.is(replay(recording, OPTIONS).digest(), recording.digest);
});

test('another identity is refused, and the first difference named', (t) => {
  // Each has one thing changed; to replay it anyway would give another run without a word.
  const { recording } = record();
  const refused = (options: SimulationOptions, what: string) => {
    const error = t.throws(() => replay(recording, options), { instanceOf: ReplayMismatch });
    t.is(error?.what, what);
  };
  const { a, b } = OPTIONS.nodes;
  refused({ ...OPTIONS, seed: 10 }, 'seed');
  refused({ ...OPTIONS, nodes: { b, a } }, 'nodes');
  refused({ ...OPTIONS, nodes: { a, b: { ...b, app: { ...ticker, name: 'other' } } } }, 'app of b');
  refused({ ...OPTIONS, nodes: { a, b: { ...b, config: { MAXTHREADS: 17 } } } }, 'MAXTHREADS of b');
  refused({ ...OPTIONS, nodes: { a, b: { ...b, bootAt: 0 } } }, 'bootAt of b');
});

test('a run that goes another way than its recording is a mismatch', (t) => {
  // The same names, but an app that behaves otherwise: what a changed source file does to old recordings.
  const { recording } = record();
  const { a, b } = OPTIONS.nodes;
  const changed = { ...OPTIONS, nodes: { a, b: { ...b, app: { ...shellApp, name: b.app.name } } } };
  t.throws(() => replay(recording, changed), { instanceOf: ReplayMismatch });
});

test('a recording with another digest is a mismatch at the end', (t) => {
  // Everything else fits, so that only the comparison at the end can find it.
  const { recording } = record();
  const error = t.throws(() => replay({ ...recording, digest: '0'.repeat(16) }, OPTIONS),
    { instanceOf: ReplayMismatch });
  t.is(error?.what, 'digest');
  t.is(error?.replayed, recording.digest);
});
