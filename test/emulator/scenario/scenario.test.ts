import test from 'ava';
import {
  ScenarioError, type Sim, microseconds, milliseconds, replay, runScenario, scenario, seconds, simulationOptions,
} from 'riotbed';
import { Summary } from '../../../emulator/trace/summary.ts';
import { speaker, ticker } from './apps.ts';

const BOOT = { board: 'native', bootAt: 0 } as const;

/** Runs a function with a ticking node and a node with a shell; both boot at 0. */
function play(body: (sim: Sim<'clock' | 'shell'>) => undefined, seed = 1) {
  const definition = scenario({ nodes: { clock: { ...BOOT, app: ticker }, shell: { ...BOOT, app: speaker } } }, body);
  return { definition, ...runScenario(definition, { seed }) };
}

function failure(body: (sim: Sim<'clock' | 'shell'>) => undefined): string {
  const { error } = play(body);
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

test('expect runs until the match and no longer, and hands it out', (t) => {
  // tick 2 is complete at 300 ms exactly; its first part stands there from 290 ms on.
  const { error } = play((sim) => {
    t.is(sim.nodes.clock.expect(/tick (\d)\n/)[1], '0');
    t.is(sim.now, milliseconds(100));
    sim.nodes.clock.expect('tick 2', { within: seconds(1) });
    t.is(sim.now, milliseconds(300));
  });
  t.is(error, null);
});

test('expect sees a line that is not complete', (t) => {
  // The newline of tick 1 comes 10 ms after its first part.
  t.is(play((sim) => {
    sim.nodes.clock.expect(/tick 0\ntick /);
    t.is(sim.now, milliseconds(190));
  }).error, null);
});

test('expect looks behind its last match, also at what was printed before it was called', (t) => {
  // The cursor of the node moves with each match; what was skipped is gone, what came after waits.
  const { error } = play((sim) => {
    sim.runFor(milliseconds(500));
    sim.nodes.clock.expect('tick 1');
    sim.nodes.clock.expect('tick 2');
    t.is(sim.now, milliseconds(500));
    t.throws(() => sim.nodes.clock.expect('tick 1', { within: milliseconds(50) }), { instanceOf: ScenarioError });
  });
  t.is(error, null);
});

test('expect sees the echo of what was typed, and text that is not ASCII', (t) => {
  // The cursor counts bytes, the pattern characters: both of ä and ö take two bytes.
  const { error, simulation } = play((sim) => {
    sim.nodes.shell.expect('ready ä');
    sim.nodes.shell.expect('öü');
    sim.nodes.shell.type('say ñ');
    sim.nodes.shell.expect(/^> say ñ$/m);
    sim.nodes.shell.expect(/^ñ ñ$/m);
  });
  t.is(error, null);
  t.is(simulation.journal.length, 1);
});

test('a pattern with the flags g or y starts behind the cursor every time', (t) => {
  // Such a pattern keeps a position of its own between calls, which has nothing to do with the console.
  t.is(play((sim) => {
    const pattern = /tick \d\n/gy;
    sim.runFor(seconds(1));
    sim.nodes.clock.expect(/This is RIOT.*\n/);
    const texts = [1, 2, 3].map(() => sim.nodes.clock.expect(pattern)[0]);
    t.deepEqual(texts, ['tick 0\n', 'tick 1\n', 'tick 2\n']);
  }).error, null);
});

test('a failed expect says what, how long, when, and what was printed last', (t) => {
  // All of it stands in the message, since a test runner shows nothing else.
  t.is(failure((sim) => {
    sim.runFor(milliseconds(450));
    sim.nodes.clock.expect(/tock/, { within: milliseconds(1500) });
  }).replace(/main\(\).*\n/, 'main()\n'), `\
ScenarioError: clock: expected /tock/ within 1.5 s; given up at 1.950000 s
last lines of clock:
  | tick 9
  | tick 10
  | tick 11
  | tick 12
  | tick 13
  | tick 14
  | tick 15
  | tick 16
  | tick 17
  | tick 18`);
});

test('an expect of a board that is off fails at once and says so', (t) => {
  // A board without power prints nothing, and while expect() runs nobody can switch it on: no time passes.
  t.regex(failure((sim) => {
    sim.nodes.clock.powerOff();
    sim.nodes.clock.expect('tick', { within: seconds(1) });
  }), /expected "tick" within 1 s: clock is off; given up at 0\.000000 s\nlast lines of clock:\n/);
});

test('power and reset work, and the console goes on', (t) => {
  // Each boot prints its start text again, on one stream.
  t.is(play((sim) => {
    const { clock } = sim.nodes;
    clock.expect('tick 3');
    clock.reboot();
    clock.expect('!! REBOOT !!');
    clock.expect('tick 0');
    clock.powerOff();
    const before = clock.output;
    sim.runFor(seconds(1));
    t.is(clock.output, before);
    clock.powerOn();
    clock.expect('tick 0');
  }).error, null);
});

test('a power action that changes nothing is said in the summary', (t) => {
  // The paragraph that `riotbed run` ends with: the switch is pressed twice, and then the reset button of a dead board.
  const summary = new Summary();
  const definition = scenario({ nodes: { clock: { ...BOOT, app: ticker } } }, (sim) => {
    const { clock } = sim.nodes;
    clock.powerOff();
    clock.powerOff();
    clock.reboot();
    clock.powerOn();
    sim.runFor(1000);
    clock.powerOn();
  });
  const { error, simulation, recording } = runScenario(definition, { readers: () => [summary.read] });
  t.is(error, null);
  const text = summary.text({ time: simulation.now, nodes: 1, seed: 1, digest: recording.digest });
  t.true(text.endsWith('Trouble: clock: power off: the board is off; clock: reboot: the board is off; ' +
    'clock: power on: the board has power.'), text);
});

test('runFor and runUntil end at the exact time, or at the step that made the condition true', (t) => {
  // Nothing happens at 123,456 µs: the clock stands there all the same.
  const { error } = play((sim) => {
    sim.runFor(microseconds(123_456));
    t.is(sim.now, 123_456);
    sim.runUntil(seconds(1));
    t.is(sim.now, 1_000_000);
    sim.runUntil(() => sim.nodes.clock.output.includes('tick 14'));
    t.is(sim.now, 1_500_000);
  });
  t.is(error, null);
  t.regex(failure((sim) => sim.runUntil(() => false, { within: seconds(2) })), /within 2 s; given up at 2\.000000 s/);
});

test('wrong durations and unknown nodes are named', (t) => {
  // A scenario file is not type-checked when it runs.
  t.is(failure((sim) => sim.runFor(0.5)), 'RangeError: runFor: 0.5 is not a duration in integer µs');
  t.is(failure((sim) => sim.runFor(Number.NaN)), 'RangeError: runFor: NaN is not a duration in integer µs');
  t.is(failure((sim) => (sim as Sim).nodes['clok']!.type('x')),
    "RangeError: unknown node 'clok'; did you mean 'clock'?");
  t.throws(() => seconds(-1), { message: 'seconds(-1) is not a duration' });
});

test('the function starts when all nodes have been idle, and its random numbers come from the seed', (t) => {
  // Boot times are drawn: the later one decides. Another seed gives other numbers.
  const run = (seed: number) => {
    const seen: number[] = [];
    const nodes = { a: { board: 'native', app: ticker }, b: { board: 'native', app: speaker } };
    runScenario(scenario({ nodes }, (sim) => {
      t.regex(sim.nodes.a.output, /This is RIOT/);
      t.regex(sim.nodes.b.output, /ready/);
      seen.push(sim.now, sim.random.next32(), sim.random.below(1000));
    }), { seed });
    return seen;
  };
  t.deepEqual(run(1), run(1));
  t.notDeepEqual(run(1), run(2));
});

test('parameters have defaults, and unknown ones are refused', (t) => {
  // Their types come from the defaults.
  const definition = scenario({ nodes: { a: { ...BOOT, app: ticker } }, params: { times: 2, word: 'tick' } }, (sim) => {
    sim.nodes.a.expect(`${sim.params.word} ${sim.params.times + 1}`);
  });
  t.is(runScenario(definition).simulation.now, 400_000);
  t.is(runScenario(definition, { params: { times: 5 } }).simulation.now, 700_000);
  t.throws(() => runScenario(definition, { params: { time: 5 } }),
    { instanceOf: TypeError, message: "unknown parameter 'time'; did you mean 'times'?" });
});

test('a run can be replayed from its recording to the same digest', (t) => {
  // The recording holds seed and host actions: the scenario's function is not called again.
  const { definition, recording } = play((sim) => {
    sim.nodes.shell.type('say x');
    sim.nodes.shell.expect('x x');
    sim.nodes.clock.reboot();
    sim.runFor(seconds(1));
  }, 42);
  const stored = JSON.parse(JSON.stringify(recording)) as typeof recording;
  const again = replay(stored, simulationOptions(definition, { seed: 42 }));
  t.is(again.digest(), recording.digest);
  t.deepEqual(recording.outcome, { passed: true });
});

test('a definition that is wrong is refused by name', (t) => {
  // Unknown board, app, EUI-64, configuration name and option.
  const node = { ...BOOT, app: ticker };
  const refused = (nodes: Record<string, object>) => {
    const definition = () => scenario({ nodes: nodes as Record<string, typeof node> }, () => undefined);
    const error = t.throws(() => runScenario(definition()));
    return `${error.name}: ${error.message}`;
  };
  t.regex(refused({ a: { ...node, board: 'nativ' } }), /^RangeError: node a: unknown board nativ; there are: .*native/);
  t.is(refused({ a: { ...node, app: 'dtls_sok' } }),
    "RangeError: node a: unknown app 'dtls_sok'; did you mean 'dtls_sock'?");
  t.regex(refused({ a: { ...node, app: './x.ts' } }), /^RangeError: node a: app \.\/x\.ts: paths are for files/);
  t.regex(refused({ a: { ...node, eui64: '02:00:00' } }), /^RangeError: node a: EUI-64 '02:00:00' is not eight pairs/);
  t.regex(refused({ a: { ...node, config: { CONFIG_NOPE: 1 } } }),
    /^RangeError: node a: unknown configuration name CONFIG_NOPE/);
  t.is(refused({ a: { ...node, bord: 1 } }), "TypeError: unknown option of node a: 'bord'; did you mean 'board'?");
  t.is(refused({ a: { board: 'native' } }), 'TypeError: node a: app is missing');
  t.is(refused({ 'a b': node }), "TypeError: node name 'a b' has other characters than letters, digits, _ . : -");
  t.regex(refused({}), /^TypeError: there are no nodes/);
  t.throws(() => scenario({ nods: {} } as never, () => undefined),
    { message: "unknown scenario option 'nods'; did you mean 'nodes'?" });
});

test('names of apps may have hyphens', (t) => {
  // RIOT's folder is dtls-sock, its application dtls_sock.
  const hyphen = scenario({ nodes: { a: { ...BOOT, app: 'dtls-sock' } } }, () => undefined);
  t.is(simulationOptions(hyphen).nodes['a']!.app.name, 'dtls_sock');
});

test('an async function is refused', (t) => {
  // It would go on when the run is over.
  const definition = scenario({ nodes: { a: { ...BOOT, app: ticker } } }, (async () => undefined) as never);
  t.regex(String(runScenario(definition).error), /plain synchronous function/);
});
