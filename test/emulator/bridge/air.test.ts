import test from 'ava';
import { Air, type AirOptions, type Station } from '../../../emulator/bridge/air.ts';
import { parseTopology } from '../../../emulator/bridge/topology.ts';
import { fromHex } from '../../../net/wire/bytes.ts';

/** A station that keeps what it hears. */
class Ear implements Station {
  readonly heard: string[] = [];
  readonly name: string;
  readonly emulated: boolean;

  constructor(name: string, emulated = false) {
    this.name = name;
    this.emulated = emulated;
  }

  hear(frame: Uint8Array, channel: number, lqi: number): undefined {
    this.heard.push(`${frame.length} ${channel} ${lqi}`);
  }
}

const FLAT: AirOptions = { topology: null, flood: false, random: () => 0 };

const eui64 = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, 0, 0, last);
const address = (last: number) => `${last.toString(16).padStart(2, '0')}00000000000002`;

/** A data frame as RIOT sends it: PAN 23, long addresses, ACK asked for. */
const unicast = (from: number, to: number) => fromHex(`61dc012300${address(to)}${address(from)}7a33abcd`);
/** To all, without ACK. */
const broadcast = (from: number) => fromHex(`41d8012300ffff${address(from)}7b3babcd`);
const ACK = fromHex('0200010000');

/** An air with stations a, b, c of addresses 1, 2, 3 that have said who they are. */
function three(options: AirOptions = FLAT) {
  const air = new Air(options);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Ear(name)) as [Ear, Ear, Ear];
  for (const [i, ear] of [a, b, c].entries()) {
    air.join(ear);
    air.identify(ear, eui64(i + 1));
  }
  return { air, a, b, c };
}

test('a broadcast reaches all but its sender', (t) => {
  // One frame, three stations: two deliveries, with channel and LQI as they came.
  const { air, a, b, c } = three();
  air.send(a, broadcast(1), 26, 255);
  t.deepEqual([a.heard, b.heard, c.heard], [[], ['19 26 255'], ['19 26 255']]);
  t.is(air.counters.deliveries, 2);
});

test('a frame for one station goes to it alone, and the ACK goes back to the sender alone', (t) => {
  // c hears neither: that is what keeps a hundred processes from a hundred datagrams a frame.
  const { air, a, b, c } = three();
  air.send(a, unicast(1, 2), 26, 255);
  air.send(b, ACK, 26, 255);
  t.deepEqual([a.heard, b.heard, c.heard], [['5 26 255'], ['25 26 255'], []]);
});

test('an ACK that answers nothing goes to all, and so does a frame for an address that nobody has', (t) => {
  // No addressee is known: the same as zep_dispatch then.
  const { air, a, b, c } = three();
  air.send(a, ACK, 26, 255);
  air.send(a, unicast(1, 9), 26, 255);
  t.deepEqual([b.heard.length, c.heard.length], [2, 2]);
});

test('with flood everybody gets every frame', (t) => {
  // What zep_dispatch does.
  const { air, a, b, c } = three({ ...FLAT, flood: true });
  air.send(a, unicast(1, 2), 26, 255);
  air.send(b, ACK, 26, 255);
  t.deepEqual([a.heard.length, b.heard.length, c.heard.length], [1, 1, 2]);
});

test('a sniffer gets every frame', (t) => {
  // It has no address (HELLO with length 0), so it can only listen.
  const { air, a, b, c } = three();
  air.sniff(c);
  air.send(a, unicast(1, 2), 26, 255);
  air.send(b, ACK, 26, 255);
  t.deepEqual(c.heard, ['25 26 255', '5 26 255']);
});

test('a station is known by its frames even if it never said HELLO', (t) => {
  // RIOT's gnrc_networking has no module socket_zep_hello: its RS tells its address.
  const air = new Air(FLAT);
  const [a, b, c] = [new Ear('a'), new Ear('b'), new Ear('c')];
  for (const ear of [a, b, c]) air.join(ear);
  air.send(b, broadcast(2), 26, 255);
  air.send(a, unicast(1, 2), 26, 255);
  t.deepEqual([b.heard.length, c.heard.length], [1, 1]);
});

test('a topology decides who hears whom, and how well', (t) => {
  // Line a-b-c with weights 1 and 0.5: LQI is the weight of 255, and c is not heard by a.
  const topology = parseTopology('A B\nB C 0.5\n', 'x');
  const { air, a, b, c } = three({ topology, flood: false, random: () => 0.49 });
  air.send(b, broadcast(2), 26, 255);
  air.send(a, broadcast(1), 26, 255);
  t.deepEqual([a.heard, b.heard, c.heard], [['19 26 255'], ['19 26 255'], ['19 26 127']]);
});

test('a link of weight 0.5 loses a frame when the random number says so', (t) => {
  // 0.5 is not below 0.5.
  const topology = parseTopology('A B 0.5\n', 'x');
  const { air, a, b } = three({ topology, flood: false, random: () => 0.5 });
  air.send(a, broadcast(1), 26, 255);
  t.deepEqual(b.heard, []);
  t.is(air.counters.lost, 1);
});

test('places go to pinned addresses, then in the order of the file; who finds none is not heard', (t) => {
  // C is pinned to 1, so 2 gets A and 3 gets B; a fourth finds the topology full.
  const topology = parseTopology('A B\nC := 02:00:00:00:00:00:00:01\nA C\n', 'x');
  const air = new Air({ ...FLAT, topology });
  const ears = [1, 2, 3, 4].map((n) => new Ear(String(n)));
  const places = ears.map((ear, i) => {
    air.join(ear);
    return air.identify(ear, eui64(i + 1));
  });
  t.deepEqual(places, ['C', 'A', 'B', null]);
  air.send(ears[3]!, broadcast(4), 26, 255);
  t.deepEqual(ears.map(({ heard }) => heard.length), [0, 0, 0, 0]);
  t.is(air.counters.unplaced, 1);
});

test('a node that comes back from another port takes its place again', (t) => {
  // As zep_dispatch: the address decides, the station that had it before is out.
  const topology = parseTopology('A B\n', 'x');
  const air = new Air({ ...FLAT, topology });
  const [a, b, again] = [new Ear('a'), new Ear('b'), new Ear('again')];
  for (const ear of [a, b, again]) air.join(ear);
  t.is(air.identify(a, eui64(1)), 'A');
  t.is(air.identify(b, eui64(2)), 'B');
  t.is(air.identify(again, eui64(1)), 'A');
  air.send(b, broadcast(2), 26, 255);
  t.deepEqual([a.heard.length, again.heard.length], [0, 1]);
});

test('a station that leaves frees its place', (t) => {
  // The next unknown node gets it.
  const topology = parseTopology('A B\n', 'x');
  const { air, a, c } = three({ ...FLAT, topology });
  t.is(air.identify(c, eui64(3)), null);
  air.leave(a);
  const next = new Ear('next');
  air.join(next);
  t.is(air.identify(next, eui64(7)), 'A');
});

test('frames among emulated boards are the simulation\'s: the air gives them to real processes only', (t) => {
  // Both boards would hear them twice otherwise.
  const air = new Air(FLAT);
  const [a, b, real] = [new Ear('a', true), new Ear('b', true), new Ear('real')];
  for (const ear of [a, b, real]) air.join(ear);
  air.send(a, broadcast(1), 26, 255);
  t.deepEqual([b.heard.length, real.heard.length], [0, 1]);
});

test('frames of any bytes and lengths do no harm', (t) => {
  // Headers that promise addresses which are not there: all prefixes of a frame with every frame control.
  const { air, a } = three();
  for (let fcf = 0; fcf < 0x10000; fcf += 0x101) {
    for (let length = 1; length <= 25; length++) {
      const frame = unicast(1, 2).slice(0, length);
      frame[0] = fcf;
      if (length > 1) frame[1] = fcf >> 8;
      air.send(a, frame, 26, 255);
    }
  }
  t.is(air.counters.frames, 256 * 25);
});
