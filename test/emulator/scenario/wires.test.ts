// Ethernet segments in scenarios: the option, the example with a border router, its trace, and frames from outside.
import test from 'ava';
import { type NodeSpec, replay, runScenario, scenario, seconds, simulationOptions } from 'riotbed';
import borderRouter from '../../../emulator/scenario/examples/border_router.ts';
import pingSizes from '../../../emulator/scenario/examples/ping_sizes.ts';
import { Replay, Simulation } from '../../../emulator/sim/index.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import { Ladder } from '../../../emulator/trace/ladder.ts';
import { Chunks, PcapngWriter } from '../../../emulator/trace/pcapng.ts';
import { Summary } from '../../../emulator/trace/summary.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { addChecksum, checksumOf, pseudoHeaderSum } from '../../../net/wire/checksum.ts';
import { PROTNUM_ICMPV6 } from '../../../net/wire/ipv6.ts';

function traced(seed: number) {
  const records: TraceRecord[] = [];
  const ladders: Ladder[] = [];
  const run = runScenario(borderRouter, { seed, readers: (nodes) => {
    ladders.push(new Ladder(nodes));
    return [(record) => void records.push(record), ladders[0]!.read];
  } });
  return { ...run, records, ladder: ladders[0]!.text() };
}

const first = traced(1);

test('boards behind a border router and a host on the wire reach one another', (t) => {
  // The example: addresses from the prefix, pings of 4 to 1,200 bytes across radio and wire.
  t.is(first.error, null);
});

test('a network with radio and wires has one trace a seed, and its recording replays to the same digest', (t) => {
  // Every event with id, time, cause and bytes; then without the scenario's function, through JSON, and step by step.
  const again = traced(1);
  t.deepEqual(again.records, first.records);
  const recording = JSON.parse(JSON.stringify(first.recording)) as typeof first.recording;
  t.is(replay(recording, simulationOptions(borderRouter, { seed: 1 })).digest(), first.recording.digest);
  const stepper = new Replay(first.recording, simulationOptions(borderRouter, { seed: 1 }));
  while (stepper.step()) stepper.simulation.digest();
  t.is(stepper.finish().digest(), first.recording.digest);
  t.not(traced(2).recording.digest, first.recording.digest);
});

test('a frame on the wire is an arrow of the ladder with the segment\'s name', (t) => {
  // From one lane to another, or to all that are on it: a and b in the middle are not.
  t.regex(first.ladder, /^ +[\d.]+ +\|<-+\| +66 {2}lan: ICMPv6 echo request/m);
  t.regex(first.ladder, /^ +[\d.]+ +\*=+\|=+\|=+>\| +70 {2}lan: RS$/m);
});

test('each reception on a wire names its transmission as its cause', (t) => {
  // The debugger follows these ids.
  const sent = new Set(first.records.filter(({ event }) => event.layer === 'wire' && event.type === 'tx')
    .map(({ id }) => id));
  const received = first.records.filter(({ event }) => event.layer === 'wire' && event.type === 'rx');
  t.true(received.length > 10);
  t.true(received.every(({ cause }) => sent.has(cause)));
});

test('a capture has an interface of link type Ethernet for each port, behind those of the radios', (t) => {
  // Block type 1; link types 283 and 1 (tcpdump.org/linktypes); packets of the wire have no TAP header.
  const chunks = new Chunks();
  let writer: PcapngWriter | null = null;
  runScenario(borderRouter, { readers: (nodes) => [(writer = new PcapngWriter(nodes, chunks.add)).read] });
  (writer as PcapngWriter | null)?.end();
  const view = new DataView(chunks.bytes().buffer);
  const types: number[] = [];
  let ethernet = '';
  for (let at = 0; at < view.byteLength; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) === 1) types.push(view.getUint16(at + 8, true));
    if (view.getUint32(at, true) !== 6 || view.getUint32(at + 8, true) < 4) continue;
    ethernet ||= hex(new Uint8Array(view.buffer, at + 28, 14));
  }
  t.deepEqual(types, [283, 283, 283, 283, 1, 1]);
  t.regex(ethernet, /^3333[0-9a-f]{8}02000000000[14]86dd$/);
});

test('a summary counts frames on wires apart from those on the air', (t) => {
  // Bytes and ACKs are of the radio.
  const summary = new Summary();
  for (const entry of first.records) summary.read(entry);
  const wired = first.records.filter(({ event }) => event.layer === 'wire' && event.type === 'tx').length;
  t.is(summary.wired, wired);
  t.true(summary.text({ time: 0, nodes: 4, seed: 1, digest: '' }).includes(` On wires: ${wired} frames. `));
});

test('two boards on two segments do not hear each other', (t) => {
  // Each advertises on its own; names are the scenario's choice.
  const host = (wire: string): NodeSpec => ({ board: 'native', app: 'gnrc_networking', wires: [wire], radio: false });
  const { error } = runScenario(scenario({ nodes: { a: host('left'), b: host('right') } }, (sim) => {
    const { a } = sim.nodes;
    sim.runFor(seconds(3));
    a.type('ping -c 1 fe80::ff:fe00:2');
    a.expect('1 packets transmitted, 0 packets received, 100% packet loss');
  }));
  t.is(error, null);
});

test('a board with two ports has an interface each, in their order', (t) => {
  // RIOT's native board with two TAP devices: addresses end in the board's number, the port stands in the middle.
  const { error, simulation } = runScenario(scenario({
    nodes: { a: { board: 'native', app: 'gnrc_networking', wires: ['x', 'y'], radio: false } },
  }, (sim) => {
    sim.runFor(seconds(3));
    sim.nodes.a.type('ifconfig');
    sim.runFor(seconds(1));
  }));
  t.is(error, null);
  t.deepEqual(simulation.node('a').console.match(/Iface +\d+ +HWaddr: [\w:]+/g), [
    'Iface  5  HWaddr: 02:00:00:00:00:01', 'Iface  6  HWaddr: 02:00:01:00:00:01',
  ]);
});

/** An echo request of fe80::ff:fe00:99 to the first board of a scenario, as a TAP device of the host would bring it. */
const ECHO = (() => {
  const source = fromHex('fe80000000000000000000fffe000099');
  const destination = fromHex('fe80000000000000000000fffe000001');
  const message = fromHex('8000000000010001deadbeef');
  const sum = addChecksum(pseudoHeaderSum(source, destination, message.length, PROTNUM_ICMPV6), message);
  message.set([checksumOf(sum) >> 8, checksumOf(sum)], 2);
  return fromHex('02000000000102000000009986dd60000000000c3aff' + hex(source) + hex(destination) + hex(message));
})();

test('a frame from outside comes onto a segment, is answered, journaled and replayed', (t) => {
  // The board asks for the stranger's link address before it can answer: RFC 4861 §7.2, on the group ff02::1:ff00:99.
  const definition = scenario({
    nodes: { a: { board: 'native', app: 'gnrc_networking', wires: ['lan'], radio: false } },
  }, () => undefined);
  const run = (): { simulation: Simulation; sent: string[] } => {
    const simulation = new Simulation(simulationOptions(definition));
    const sent: string[] = [];
    simulation.trace.subscribe(({ node, event }) => {
      if (event.layer === 'wire' && event.type === 'tx') sent.push(`${node} ${hex(event.frame.subarray(0, 14))}`);
      return undefined;
    });
    simulation.runUntil(3_000_000);
    simulation.apply({ type: 'wire_frame', wire: 'lan', frame: hex(ECHO) });
    simulation.runUntil(4_000_000);
    return { simulation, sent };
  };
  const { simulation, sent } = run();
  t.is(sent.find((line) => line.startsWith(' ')), ' 02000000000102000000009986dd');
  t.is(sent.at(-1), 'a 3333ff00009902000000000186dd');
  t.deepEqual(simulation.journal.map(({ op }) => op.type), ['wire_frame']);
  t.is(replay(simulation.recording(), simulationOptions(definition)).digest(), simulation.digest());
  t.throws(() => simulation.apply({ type: 'wire_frame', wire: 'wan', frame: hex(ECHO) }),
    { instanceOf: RangeError, message: 'unknown wire wan; there are: lan' });
});

test('a board that loses its power is silent on the wire, and back when it boots again', (t) => {
  // The port stays plugged; RAM is gone.
  const host: NodeSpec = { board: 'native', app: 'gnrc_networking', wires: ['lan'], radio: false };
  const { error } = runScenario(scenario({ nodes: { a: host, b: host } }, (sim) => {
    const { a, b } = sim.nodes;
    const ping = (received: number): void => {
      a.type('ping -c 1 fe80::ff:fe00:2');
      a.expect(`1 packets transmitted, ${received} packets received`);
    };
    sim.runFor(seconds(3));
    ping(1);
    b.powerOff();
    ping(0);
    b.powerOn();
    sim.runFor(seconds(3));
    ping(1);
  }));
  t.is(error, null);
});

test('ping_sizes: every size from one byte to 1,200 comes back', (t) => {
  // The example with another step; sizes on both sides of each fragment's border are among them.
  t.is(runScenario(pingSizes, { params: { step: 7 } }).error, null);
  t.is(runScenario(pingSizes, { params: { from: 60, to: 110, step: 1 } }).error, null);
});

for (const [spec, message] of [
  [{ wires: 'lan' }, "node a: wires is not a list of names such as ['lan']"],
  [{ wires: ['l a n'] }, "node a: wire 'l a n' is not a name of letters, digits, _ . : -"],
  [{ wires: [''] }, "node a: wire '' is not a name of letters, digits, _ . : -"],
  [{ wires: [7] }, 'node a: wire 7 is not a name of letters, digits, _ . : -'],
  [{ wires: ['x', 'y', 'x'] }, 'node a: two ports on the same wire'],
  [{ wires: Array.from({ length: 9 }, (_, i) => `w${i}`) }, 'node a: 9 wires, at most 8 can be'],
  [{ radio: 'no' }, 'node a: radio is neither true nor false'],
  [{ wire: ['lan'] }, "unknown option of node a: 'wire'; did you mean 'wires'?"],
] as const) {
  test(`the option ${JSON.stringify(spec)} is refused with what was expected`, (t) => {
    // When the scenario is defined: node, option, value.
    t.throws(() => scenario({
      nodes: { a: { board: 'native', app: 'hello-world', ...spec } as unknown as NodeSpec },
    }, () => undefined), { instanceOf: TypeError, message });
  });
}
