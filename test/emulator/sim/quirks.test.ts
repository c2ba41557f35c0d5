import test from 'ava';
import { native } from '../../../boards/native.ts';
import { Images } from '../../../emulator/sim/image.ts';
import type { NodeOptions } from '../../../emulator/sim/node.ts';
import { ReplayMismatch } from '../../../emulator/sim/recording.ts';
import { replay } from '../../../emulator/sim/replay.ts';
import { Simulation, type SimulationOptions } from '../../../emulator/sim/simulation.ts';
import { printf } from '../../../kernel/stdio.ts';
import { quirk } from '../../../net/quirks.ts';
import { app, collect } from './apps.ts';

const ID = 'icmpv6-error-tail';

/** Prints whether its board has the quirk. */
const asks = app(function* () {
  printf(quirk(ID) ? 'yes' : 'no');
  return 0;
});
const NODE: NodeOptions = { board: native, app: asks, bootAt: 0 };

/** What each node answers. */
function answers(options: Omit<SimulationOptions, 'seed' | 'nodes'>, nodes: Record<string, NodeOptions>): string[] {
  const simulation = new Simulation({ seed: 1, nodes, ...options });
  simulation.runFor(1000);
  return simulation.nodes.map(({ console: text }) => text.slice(text.lastIndexOf('\n') + 1));
}

test('a board has the quirks of RIOT unless its profile is rfc, and a quirk can be set by its name in either', (t) => {
  // The app asks on the board itself: what was set has come all the way down to the kernel.
  t.deepEqual(answers({}, { a: NODE }), ['yes']);
  t.deepEqual(answers({ profile: 'riot' }, { a: NODE }), ['yes']);
  t.deepEqual(answers({ profile: 'rfc' }, { a: NODE }), ['no']);
  t.deepEqual(answers({ quirks: { [ID]: false } }, { a: NODE }), ['no']);
  t.deepEqual(answers({ profile: 'rfc', quirks: { [ID]: true } }, { a: NODE }), ['yes']);
});

test('what a node says comes after what the simulation says', (t) => {
  // A network of both: the profile of the node replaces the other; quirks add up, the node's are the last word.
  const nodes = {
    a: NODE, b: { ...NODE, profile: 'riot' }, c: { ...NODE, quirks: { [ID]: true } },
    d: { ...NODE, profile: 'riot', quirks: { [ID]: false } },
  } as const;
  t.deepEqual(answers({ profile: 'rfc' }, nodes), ['no', 'yes', 'yes', 'no']);
  t.deepEqual(answers({ quirks: { [ID]: false } }, nodes), ['no', 'no', 'yes', 'no']);
});

test('a board has its quirks after a reboot too', (t) => {
  // A reboot makes a new kernel.
  const simulation = new Simulation({ seed: 1, profile: 'rfc', nodes: { a: NODE } });
  simulation.runFor(1000);
  simulation.apply({ type: 'reboot', node: 'a' });
  simulation.runFor(1000);
  t.is(simulation.node('a').console.split('This is RIOT').length, 3);
  t.true(simulation.node('a').console.endsWith('no'));
});

test('a quirk that acts shows in the trace, and one that is off does not', (t) => {
  // The event comes from the place that asks.
  const quirksOf = (profile: 'riot' | 'rfc') => {
    const simulation = new Simulation({ seed: 1, profile, nodes: { a: NODE } });
    const records = collect(simulation);
    simulation.runFor(1000);
    return records.filter(({ event }) => event.layer === 'quirk').map(({ node, event }) => ({ node, event }));
  };
  t.deepEqual(quirksOf('riot'), [{ node: 'a', event: { layer: 'quirk', type: 'quirk', id: ID } }]);
  t.deepEqual(quirksOf('rfc'), []);
});

test('a recording with another profile or quirk is of another identity', (t) => {
  // The app prints nothing else, and no frame differs: only the identity can tell.
  const options: SimulationOptions = { seed: 1, profile: 'rfc', nodes: { a: NODE } };
  const simulation = new Simulation(options);
  simulation.runFor(1000);
  const recording = JSON.parse(JSON.stringify(simulation.recording()));
  t.notThrows(() => replay(recording, options));
  // Profile of the node spelled out: the same board.
  t.notThrows(() => replay(recording, { ...options, nodes: { a: { ...NODE, profile: 'rfc' } } }));
  const refused = (other: SimulationOptions) =>
    t.throws(() => replay(recording, other), { instanceOf: ReplayMismatch })?.message;
  t.is(refused({ ...options, profile: 'riot' }), 'replay differs in profile: recorded rfc, replayed riot');
  t.is(refused({ ...options, nodes: { a: { ...NODE, profile: 'riot' } } }),
    'replay differs in profile of a: recorded rfc, replayed riot');
  t.is(refused({ ...options, quirks: { [ID]: true } }),
    `replay differs in quirk ${ID} of a: recorded nothing, replayed on`);
  t.is(refused({ ...options, nodes: { a: { ...NODE, quirks: { [ID]: false } } } }),
    `replay differs in quirk ${ID} of a: recorded nothing, replayed off`);
});

test('a recording of another version is refused by that name', (t) => {
  // Its other fields may be missing or mean something else.
  const options: SimulationOptions = { seed: 1, nodes: { a: NODE } };
  const { identity: { version, ...rest }, ...recording } = new Simulation(options).recording();
  t.is(version, 2);
  const old = { ...recording, identity: { version: 1, ...rest, nodes: [{ name: 'a' }] } };
  t.throws(() => replay(old as never, options),
    { instanceOf: ReplayMismatch, message: /^replay differs in version: / });
});

test('a profile or quirk that there is not is refused, and the nearest one named', (t) => {
  // Each where it stands: simulation or node.
  const refused = (options: object, node: object = {}) =>
    t.throws(() => new Simulation({ seed: 1, nodes: { a: { ...NODE, ...node } }, ...options } as SimulationOptions))
      ?.message;
  t.is(refused({ profile: 'RFC' }), "unknown profile 'RFC'; did you mean 'rfc'?");
  t.is(refused({ quirks: { 'icmpv6-eror-tail': true } }),
    "unknown quirk 'icmpv6-eror-tail'; did you mean 'icmpv6-error-tail'?");
  t.is(refused({}, { profile: 'posix' }), "node a: unknown profile 'posix'; there are: riot, rfc");
  t.is(refused({}, { quirks: { [ID]: 'on' } }), `node a: quirk '${ID}': on is neither true nor false`);
  t.is(refused({ quirks: [ID] }), `quirks: ${ID} is not { id: true or false }`);
  t.regex(refused({}, { quirks: { toString: true } }) ?? '', /^node a: unknown quirk 'toString'; there are: /);
});

test('nodes of one profile and the same quirks share one image, others do not', (t) => {
  // A set of ids for each of ten thousand nodes would be a waste; one image for two profiles would be wrong.
  const images = new Images();
  const one = images.of(NODE, { profile: 'rfc' });
  t.is(images.of({ ...NODE, profile: 'rfc' }), one);
  t.not(images.of(NODE), one);
  t.not(images.of({ ...NODE, quirks: { [ID]: true } }, { profile: 'rfc' }), one);
  t.is(images.of(NODE).quirks, null);
});
