import test from 'ava';
import { replay, runScenario, simulationOptions } from 'riotbed';
import dtlsEcho from '../../../emulator/scenario/examples/dtls_echo.ts';
import { Replay } from '../../../emulator/sim/index.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';

function traced(seed: number) {
  const records: TraceRecord[] = [];
  const run = runScenario(dtlsEcho, { seed, readers: () => [(record) => void records.push(record)] });
  return { ...run, records };
}

const first = traced(1);

test('two runs with one seed give one trace', (t) => {
  // Every event with its id, time, cause and bytes: frames, thread switches, DTLS states, console.
  t.is(first.error, null);
  t.true(first.records.length > 1000);
  const again = traced(1);
  t.deepEqual(again.records, first.records);
  t.is(again.recording.digest, first.recording.digest);
});

test('a run that nobody watches is the same run', (t) => {
  // Readers must not change anything: ids are counted whether or not anyone reads.
  t.deepEqual(runScenario(dtlsEcho, { seed: 1 }).recording, first.recording);
});

test('another seed gives other randoms', (t) => {
  // The client random of a handshake comes from the board's stream.
  const randomOf = (records: readonly TraceRecord[]) =>
    records.map(({ event }) => event.type === 'secrets' ? event.clientRandom : null).find((random) => random !== null);
  t.truthy(randomOf(first.records));
  t.notDeepEqual(randomOf(traced(2).records), randomOf(first.records));
});

test('the recording replays to an equal digest', (t) => {
  // Without the scenario's function: from seed and host actions, through JSON.
  const recording = JSON.parse(JSON.stringify(first.recording)) as typeof first.recording;
  t.is(replay(recording, simulationOptions(dtlsEcho, { seed: 1 })).digest(), first.recording.digest);
});

test('stepping a recording slice by slice gives the same trace', (t) => {
  // What the debugger does: one step, a look around, the next step.
  const stepper = new Replay(first.recording, simulationOptions(dtlsEcho, { seed: 1 }));
  const records: TraceRecord[] = [];
  stepper.simulation.trace.subscribe((record) => void records.push(record));
  while (stepper.step()) stepper.simulation.digest();
  stepper.finish();
  t.deepEqual(records, first.records);
});
