import test from 'ava';
import { apps } from '../../../apps/index.ts';
import { native } from '../../../boards/native.ts';
import { Replay, replay } from '../../../emulator/sim/replay.ts';
import { Simulation, type SimulationOptions } from '../../../emulator/sim/simulation.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { handshakeNetwork } from '../../bench/network.ts';
import { collect } from './apps.ts';

function options(seed = 1): SimulationOptions {
  const node = (last: string) => ({ board: native, app: apps.dtls_sock, eui64: fromHex(`02000000000000${last}`) });
  return { seed, nodes: { a: node('0a'), b: node('0b') } };
}

/** Two boards of RIOT's dtls-sock example whose server runs; the next second is free of router solicitations. */
function dtlsSock(seed = 1) {
  const sim = new Simulation(options(seed));
  const records = collect(sim);
  sim.runUntilSettled();
  sim.runFor(3_000_000);
  sim.apply({ type: 'type', node: 'a', text: 'dtlss start' });
  sim.runFor(100_000);
  return { sim, records };
}

/** Ends and lengths of the frames that `node` sent. */
function sent(records: readonly TraceRecord[], node: string): { end: number; length: number }[] {
  return records.flatMap(({ node: sender, event }) =>
    sender === node && event.type === 'tx' ? [{ end: event.end, length: event.frame.length }] : []);
}

test('the threads of a booted board are those that a real node lists', (t) => {
  // pid, name, priority and stack size of the ps table of a captured node with the same app.
  const sim = new Simulation(options());
  const records = collect(sim);
  sim.runUntilSettled();
  const threads = records.flatMap(({ node, event }) => node === 'a' && event.type === 'thread_create'
    ? [`${event.pid} ${event.name} ${event.priority} ${event.stackSize}`] : []);
  t.deepEqual(threads, ['1 idle 15 16384', '2 main 7 65536', '3 6lo 3 16320', '4 ipv6 4 16320', '5 udp 5 8128',
    '6 socket_zep 2 16256']);
});

test('a frame to a dead peer is tried five times, 4152 µs apart, and then never again', (t) => {
  // A real node was measured: 109 bytes at 0, 4.48, 8.79, 13.09, 17.42 ms, of which the host's share is
  // left out here: the 864 µs of waiting for an ACK, and 32 µs a byte less 200 µs on the air.
  const { sim, records } = dtlsSock();
  sim.apply({ type: 'power', node: 'a', on: false });
  records.length = 0;
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(2_000_000);
  const frames = sent(records, 'b').filter(({ length }) => length === 109);
  const typed = 20 * 87;
  t.deepEqual(frames.map(({ end }) => end - frames[0].end), [0, 4152, 8304, 12456, 16608]);
  t.is(frames[0].end, sim.now - 2_000_000 + typed + 109 * 32 - 200);
});

test('an ACK is on the air 192 µs after the frame that it answers, and takes no time', (t) => {
  // The SubMAC sleeps one SIFS in the receiver's netif thread, and 5 bytes are below the driver's 200 µs.
  const { sim, records } = dtlsSock();
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(20_000);
  const [hello] = sent(records, 'b').filter(({ length }) => length === 109);
  const [ack] = records.filter(({ node, event }) => node === 'a' && event.type === 'tx' && event.frame.length === 5);
  t.is(ack.time - hello.end, 192);
  t.is(ack.event.type === 'tx' && ack.event.end - ack.event.start, 0);
});

test('a handshake, the echo and the alerts are the frames that real nodes send', (t) => {
  // Lengths and senders of the captured run of the same two commands; times differ by the host's share only.
  const { sim, records } = dtlsSock();
  records.length = 0;
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(100_000);
  const frames = records.flatMap(({ node, event }) =>
    event.type === 'tx' && event.frame.length > 5 ? [`${node}${event.frame.length}`] : []);
  t.is(frames.join(' '), 'b109 a76 b125 a106 a70 a57 b69 b46 b85 a46 a85 b66 a66 b63 a63');
});

test('two runs over the whole path are equal record by record, and another seed has other randoms', (t) => {
  // Frames with all their bytes are in the records; between seeds the first ClientHello must differ.
  const run = (seed: number) => {
    const { sim, records } = dtlsSock(seed);
    sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
    sim.runFor(1_000_000);
    return { records, digest: sim.digest(), consoles: sim.nodes.map((node) => node.console) };
  };
  const hello = ({ records }: ReturnType<typeof run>) => records.flatMap(({ event }) =>
    event.type === 'tx' && event.frame.length === 109 ? [event.frame] : [])[0];
  const first = run(1);
  t.regex(first.consoles[1], /Received 5 bytes: "hello"/);
  t.deepEqual(run(1), first);
  const other = run(2);
  t.regex(other.consoles[1], /Received 5 bytes: "hello"/);
  t.notDeepEqual(hello(other), hello(first));
});

test('a recording of a handshake replays to an equal digest, and slice by slice to the same trace', (t) => {
  // Every layer takes part: a part that kept state outside its board would show in the second run.
  const { sim, records } = dtlsSock();
  sim.apply({ type: 'link', from: 'a', to: 'b', loss: 0.2 });
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(150_000);
  const recording = JSON.parse(JSON.stringify(sim.recording()));
  t.is(replay(recording, options()).digest(), sim.digest());
  const stepped = new Replay(recording, options());
  const again = collect(stepped.simulation);
  while (stepped.step());
  t.deepEqual(again, records);
});

test('every reception, ACK and console line is linked to what caused it, back to the typed command', (t) => {
  // From the line that the client prints last, causes must lead through both boards to the op.
  const { sim, records } = dtlsSock();
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(100_000);
  const byId = new Map(records.map((record) => [record.id, record]));
  let record = records.findLast(({ event }) => event.type === 'out' && event.text === 'Terminating\n');
  const path = new Set<string>();
  let root = record;
  for (; record !== undefined; record = byId.get(record.cause)) {
    path.add(`${record.node} ${record.event.type}`);
    root = record;
  }
  t.is(root?.event.type, 'op');
  for (const step of ['a tx', 'b rx', 'b tx', 'a rx']) t.true(path.has(step), step);
});

test('a board that loses power in the middle of a handshake leaves nothing behind, and the other goes on', (t) => {
  // The queue must hold only what the client itself waits for; after a new boot a handshake succeeds.
  const { sim } = dtlsSock();
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(20 * 87 + 12_000);
  sim.apply({ type: 'power', node: 'a', on: false });
  sim.runFor(500_000);
  const [a, b] = sim.nodes;
  t.deepEqual([a.kernel, a.radio, a.state], [null, null, 'off']);
  t.is(a.engine.queue.size, 1);
  t.is(b.state, 'on');
  sim.apply({ type: 'power', node: 'a', on: true });
  sim.apply({ type: 'reboot', node: 'b' });
  sim.runFor(2_000_000);
  sim.apply({ type: 'type', node: 'a', text: 'dtlss start' });
  sim.runFor(100_000);
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a again' });
  sim.runFor(1_000_000);
  t.regex(b.console, /Received 5 bytes: "again"/);
});

test('garbage in place of a frame is dropped with a reason, and the board goes on', (t) => {
  // Every prefix of a ClientHello frame, its address left whole: none is a frame that a stack may accept.
  const { sim, records } = dtlsSock();
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(20 * 87 + 3_500);
  const hello = records.find(({ event }) => event.type === 'tx' && event.frame.length === 109);
  const bytes = hello?.event.type === 'tx' ? [...hello.event.frame] : [];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  sim.runFor(500_000);
  const before = sim.node('a').console;
  for (let length = 1; length < bytes.length; length++) {
    records.length = 0;
    sim.apply({ type: 'frame', node: 'a', frame: hex.slice(0, 2 * length) });
    sim.runFor(10_000);
    const fates = records.filter(({ event }) => event.type === 'lost' || event.type === 'drop');
    t.true(fates.length > 0, `${length} bytes: ${JSON.stringify(records)}`);
  }
  t.is(sim.node('a').state, 'on');
  t.is(sim.node('a').console, before);
});

test('the network of the benchmark does the handshakes that it counts', (t) => {
  // A benchmark that counted failures as handshakes would flatter.
  const run = handshakeNetwork();
  t.is(run(3), 3);
  t.is(run(4), 7);
});
