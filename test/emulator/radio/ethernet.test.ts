import test from 'ava';
import { EthernetPort, Wires, wireTime } from '../../../emulator/radio/ethernet.ts';
import type { RadioHost } from '../../../emulator/radio/port.ts';
import { Engine } from '../../../emulator/sim/engine.ts';
import { stream } from '../../../emulator/sim/prng.ts';
import type { AnyEvent, TraceRecord } from '../../../emulator/trace/event.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';

interface Lan {
  readonly engine: Engine;
  readonly ports: readonly EthernetPort[];
  readonly wires: Wires;
  /** Every event with its node and time. */
  readonly records: TraceRecord<AnyEvent>[];
  run(): void;
}

const address = (n: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, n);

/** Ports a, b, c on one segment with a driver that does nothing but count interrupts. */
function lan(names = ['a', 'b', 'c']): Lan {
  const engine = new Engine(1);
  const records: TraceRecord<AnyEvent>[] = [];
  engine.trace.subscribe((record) => void records.push(record));
  const wires = new Wires(engine);
  const ports = names.map((name, index) => {
    const host: RadioHost = {
      name, index, engine,
      interrupt: (handler) => {
        const steps = handler();
        if (steps !== undefined) throw new Error('a port\'s handler waits');
      },
      stream: (purpose) => stream(1, name, purpose),
    };
    const port = new EthernetPort(host, wires.segment('lan'), address(index + 1));
    port.plug();
    return port;
  });
  const run = (): void => {
    for (let entry = engine.queue.pop(); entry !== null; entry = engine.queue.pop()) {
      engine.trace.time = entry.time;
      engine.trace.next(entry.cause);
      entry.fire();
    }
  };
  return { engine, ports, wires, records, run };
}

/** From port `from` to port `to`; 0 for all. */
function frame(to: number, from: number, payload = '00', length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(to === 0 ? fromHex('ffffffffffff') : address(to));
  bytes.set(address(from), 6);
  bytes.set(fromHex(`86dd${payload}`), 12);
  return bytes;
}

function received(port: EthernetPort): string[] {
  const all: string[] = [];
  const buf = new Uint8Array(1514);
  for (let n = port.read(buf, 1514); n >= 0; n = port.read(buf, 1514)) all.push(hex(buf.subarray(14, 15)));
  return all;
}

test('a frame takes its bits at 100 Mbit/s with preamble, padding, FCS and gap', (t) => {
  // IEEE 802.3 §4.2.3, §4.4.2: 64 bytes least, 8 before, 12 behind: 84 x 8 / 100 and 1538 x 8 / 100, rounded up.
  t.is(wireTime(14), 7);
  t.is(wireTime(60), 7);
  t.is(wireTime(1514), 124);
});

test('a group\'s frame goes to all other ports, when its last bit is out', (t) => {
  // The sender does not get its own; the trace has one transmission, and each reception names it as its cause.
  const { ports, records, run } = lan();
  t.is(ports[0]!.write(frame(0, 1, 'aa')), 60);
  t.false(ports[1]!.pending);
  run();
  t.deepEqual(ports.map(received), [[], ['aa'], ['aa']]);
  const [tx, ...rx] = records;
  t.deepEqual([tx!.node, tx!.time, tx!.event.layer, tx!.event.type], ['a', 7, 'wire', 'tx']);
  t.deepEqual(rx.map(({ node, cause }) => [node, cause === tx!.id]), [['b', true], ['c', true]]);
});

test('the switch learns where an address is, and floods before that', (t) => {
  // b is not known until it has sent: the first frame goes everywhere, the second one to b only.
  const { ports: [a, b, c], run } = lan();
  a!.write(frame(2, 1, '01'));
  run();
  t.deepEqual([received(b!), received(c!)], [['01'], ['01']]);
  b!.write(frame(1, 2, '02'));
  a!.write(frame(2, 1, '03'));
  run();
  t.deepEqual([received(a!), received(b!), received(c!)], [['02'], ['03'], []]);
});

test('frames of one port go out one after the other, and both directions at once', (t) => {
  // 500 frames of 1,514 bytes take 124 µs each; b's one is not held up by them: full duplex.
  const { ports: [a, b], records, run } = lan(['a', 'b']);
  for (let i = 0; i < 500; i++) a!.write(frame(2, 1, '00', 1514));
  b!.write(frame(1, 2));
  run();
  const sent = records.filter(({ event }) => event.type === 'tx');
  t.deepEqual(sent.filter(({ node }) => node === 'a').map(({ time }) => time),
    Array.from({ length: 500 }, (_, i) => 124 * (i + 1)));
  t.deepEqual(sent.filter(({ node }) => node === 'b').map(({ time }) => time), [7]);
});

test('a port holds 500 frames each way; more are lost and told', (t) => {
  // Linux's TUN_READQ_SIZE. Nobody reads here.
  const { ports: [a, b], records, run } = lan(['a', 'b']);
  for (let i = 0; i < 501; i++) a!.write(frame(2, 1));
  run();
  a!.write(frame(2, 1));
  run();
  const lost = records.flatMap(({ node, event }) => (event.type === 'lost' ? [`${node} ${event.reason}`] : []));
  t.deepEqual(lost, ['a full', 'b full']);
  t.is(received(b!).length, 500);
});

test('without power a port gets nothing, and what it was sending is cut off', (t) => {
  // RAM and queue are gone with the power; the trace says that it was off.
  const { ports: [a, b], records, run } = lan(['a', 'b']);
  b!.write(frame(0, 2));
  b!.unplug();
  a!.write(frame(0, 1));
  run();
  t.deepEqual(records.map(({ node, event }) => `${node} ${event.type}`), ['a tx', 'b lost']);
  b!.plug();
  t.false(b!.pending);
});

test('a port whose cable is not plugged in takes frames and loses them', (t) => {
  // As a TAP device that nothing is bridged to: writing works.
  const { engine, records } = lan([]);
  const host: RadioHost = {
    name: 'x', index: 0, engine, interrupt: () => undefined, stream: (purpose) => stream(1, 'x', purpose),
  };
  const port = new EthernetPort(host, null, address(1));
  t.is(port.write(frame(0, 1)), 60);
  t.deepEqual(records.map(({ event }) => event.type === 'lost' && event.reason), ['unplugged']);
});

test('less than a header is refused by write(), and a frame longer than the buffer is cut by read()', (t) => {
  // A TAP device: EINVAL for the one, truncation for the other.
  const { ports: [a, b], run } = lan(['a', 'b']);
  t.is(a!.write(new Uint8Array(13)), -1);
  a!.write(frame(0, 1, 'ab', 100));
  run();
  t.is(b!.read(new Uint8Array(16), 16), 16);
  t.is(b!.read(new Uint8Array(16), 16), -1);
});

test('a frame from outside comes to all ports of its segment', (t) => {
  // What a TAP device of the host will bring: the trace has it from nobody.
  const { ports: [a, b], wires, records } = lan(['a', 'b']);
  wires.check('lan', hex(frame(0, 9, 'cd')));
  wires.inject('lan', frame(0, 9, 'cd'));
  t.deepEqual([received(a!), received(b!)], [['cd'], ['cd']]);
  t.is(records[0]!.node, '');
});

test('a wrong segment or frame from outside is named', (t) => {
  // What was given, and what there is or was expected.
  const { wires } = lan();
  t.throws(() => wires.check('wan', '00'), { instanceOf: RangeError, message: 'unknown wire wan; there are: lan' });
  t.throws(() => wires.check('lan', 'zz'), { message: 'frame zz… is not 14 to 1514 bytes in hexadecimal' });
  t.throws(() => wires.check('lan', '00'.repeat(13)), { message: /is not 14 to 1514 bytes/ });
  t.throws(() => wires.check('lan', '00'.repeat(1515)), { message: /is not 14 to 1514 bytes/ });
});
