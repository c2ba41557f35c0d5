import test from 'ava';
import { apps } from '../../../apps/index.ts';
import { native } from '../../../boards/native.ts';
import { HOST_PAYLOAD_MAX, hostUdp } from '../../../emulator/sim/host-udp.ts';
import { type Op, Simulation, replay } from '../../../emulator/sim/index.ts';
import { hex } from '../../../net/wire/bytes.ts';

const OPTIONS = {
  seed: 1,
  nodes: {
    b: { board: native, app: apps['sock_udp_echo']!, bootAt: 0, eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0xb) },
    host: { board: native, app: hostUdp, bootAt: 0, eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0xfe) },
  },
};

const datagram = (client: number, payload: Uint8Array): Op =>
  ({ type: 'datagram', node: 'host', client, to: 'fe80::b', port: 12345, payload: hex(payload) });

/** Runs it and returns what programs got, as `client: payload`. */
function run(ops: (simulation: Simulation) => undefined): { simulation: Simulation; answers: string[] } {
  const simulation = new Simulation(OPTIONS);
  const answers: string[] = [];
  simulation.trace.subscribe(({ event }) => {
    if (event.layer === 'host' && event.type === 'datagram') answers.push(`${event.client}: ${hex(event.payload)}`);
    return undefined;
  });
  simulation.runUntilSettled();
  ops(simulation);
  return { simulation, answers };
}

test('a program\'s datagram goes to the board over the air, and the answer comes back to that program', (t) => {
  // sock_udp_echo answers to the port that it was asked from: three programs are three ports of the node. Sizes around
  // one frame, and one of two fragments; 128 bytes is what the echo server has room for.
  const sizes = [0, 1, 60, 100, 128];
  const { simulation, answers } = run((sim) => {
    for (const [i, size] of sizes.entries()) {
      sim.apply(datagram(i % 3, new Uint8Array(size).fill(i)));
      sim.runFor(1_000_000);
    }
    return undefined;
  });
  t.deepEqual(answers, sizes.map((size, i) => `${i % 3}: ${hex(new Uint8Array(size).fill(i))}`));
  const again = replay(simulation.recording(), OPTIONS);
  t.is(again.digest(), simulation.digest());
});

test('a hundred programs are served, the one that was silent longest gives up its port', (t) => {
  // 64 ports at most: the first program gets another port when it comes back, and its answer all the same.
  const { answers } = run((sim) => {
    for (let client = 0; client < 100; client++) {
      sim.apply(datagram(client, Uint8Array.of(client)));
      sim.runFor(100_000);
    }
    sim.apply(datagram(0, Uint8Array.of(200)));
    sim.runFor(100_000);
    return undefined;
  });
  t.is(answers.length, 101);
  t.is(answers.at(-1), '0: c8');
});

test('a datagram for a node that is off, or runs another app, is lost and told', (t) => {
  // Nothing of it may wait until the node comes back.
  const simulation = new Simulation(OPTIONS);
  const lost: string[] = [];
  simulation.trace.subscribe(({ node, event }) => {
    if (event.type === 'datagram_lost') lost.push(`${node} ${event.bytes}`);
    return undefined;
  });
  simulation.runUntilSettled();
  simulation.apply({ type: 'power', node: 'host', on: false });
  simulation.apply(datagram(1, new Uint8Array(5)));
  simulation.apply({ ...datagram(1, new Uint8Array(6)), node: 'b' } as Op);
  t.deepEqual(lost, ['host 5', 'b 6']);
});

for (const [name, op, message] of [
  ['an address that is none', { to: 'somewhere' }, "'somewhere' is no IPv6 address, such as fe80::a"],
  ['a port that is none', { port: 0 }, 'port 0 is not from 1 to 65535'],
  ['a client that is none', { client: -1 }, 'client -1 is not a non-negative integer'],
  ['a payload that no packet holds', { payload: '00'.repeat(HOST_PAYLOAD_MAX + 1) },
    'payload 00000000000000000000… is not up to 1232 bytes in hexadecimal'],
] as const) {
  test(`${name} is refused`, (t) => {
    // An op comes from a journal too: what it says must be checked.
    const simulation = new Simulation(OPTIONS);
    const wrong = { ...datagram(1, new Uint8Array(1)), ...op } as Op;
    t.throws(() => simulation.apply(wrong), { instanceOf: RangeError, message });
  });
}
