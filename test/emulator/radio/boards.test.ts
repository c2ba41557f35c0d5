import test from 'ava';
import { BOARDS, type Driver, type Sent, dtls_sock, eui64, lost, sent, unicast } from './chips.ts';
import { stream } from '../../../emulator/sim/prng.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { App } from '../../../kernel/app.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { gnrc_netif_iter } from '../../../net/gnrc/netif_t.ts';
import { SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send,
  sock_udp_t } from '../../../net/sock/udp.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { putFcs } from '../../../net/wire/ieee802154.ts';
import { collect } from '../sim/apps.ts';

const { modules, config } = dtls_sock;
const PORT = 12345;
/** When a talker sends; the router solicitations of the first second are over by then, the next come after 10 s. */
const SEND_AT = 3_000_000;

function open(): sock_udp_t {
  const local = SOCK_IPV6_EP_ANY();
  local.port = PORT;
  const sock = new sock_udp_t();
  sock_udp_create(sock, local, null, 0);
  return sock;
}

/** Sends one datagram of `size` bytes to fe80::b. */
const talker = (size: number): App => ({ name: 'talker', modules, config, main: function* () {
  const sock = open();
  const remote = SOCK_IPV6_EP_ANY();
  remote.addr.ipv6.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]);
  remote.port = PORT;
  remote.netif = gnrc_netif_iter(null)!.pid;
  yield* ztimer_sleep(ZTIMER_USEC, SEND_AT);
  yield* sock_udp_send(sock, new Uint8Array(size).fill(0x55), size, remote);
  return 0;
} });

/** Sends every datagram back. */
const echo: App = { name: 'echo', modules, config, main: function* () {
  const sock = open();
  const buf = new Uint8Array(1280);
  while (true) {
    const remote = new sock_udp_ep_t();
    const res = yield* sock_udp_recv(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote);
    if (res >= 0) yield* sock_udp_send(sock, buf, res, remote);
  }
} };

const isAck = ({ frame }: Sent) => frame.length === 5;

/** What goes over the air from 3 s on: a with the EUI-64 …0a sends `size` bytes to b, which is there or not. */
function exchange(driver: Driver, size: number, seed = 1, withB = true, loss = 0) {
  const board = BOARDS[driver];
  const sim = new Simulation({ seed, nodes: {
    a: { board, app: talker(size), eui64: eui64(0x0a), bootAt: 0 },
    b: { board, app: echo, eui64: eui64(0x0b), bootAt: withB ? 1000 : 100_000_000 },
  } });
  if (loss > 0) {
    sim.apply({ type: 'link', from: 'a', to: 'b', loss });
    sim.apply({ type: 'link', from: 'b', to: 'a', loss });
  }
  sim.runUntil(SEND_AT - 1000);
  const records = collect(sim);
  sim.runFor(500_000);
  for (const { state, failure } of sim.nodes) if (state === 'crashed') throw failure;
  return { frames: sent(records), records, digest: sim.digest(), sim };
}

/** In units of back-off: how far `us` is from `least`. To sleep for no period takes ztimer's shortest wait, 10 µs. */
const periods = (us: number, least: number) => (us - least === 10 ? 0 : (us - least) / 320);

test('a frame to a dead peer: attempts, windows and times of each radio', (t) => {
  // 125 bytes are on the air for 131 × 32 µs; the ACK is waited for 864 µs. nrf802154: 1 + 4 attempts by the SubMAC,
  // whose window is 0 to 7 and then 0 to 15 periods. cc2538_rf: as many, CSMA/CA of its own. at86rf2xx: 1 + 3.
  const cases = [
    ['nrf802154', 5, 208, 15], ['cc2538_rf', 5, 512, 7], ['at86rf2xx', 4, 156, 7],
  ] as const;
  for (const [driver, attempts, before, window] of cases) {
    const seen = new Set<number>();
    for (let seed = 1; seed <= 12; seed++) {
      const { frames } = exchange(driver, 40, seed, false);
      t.is(frames.length, attempts, driver);
      t.true(frames.every(({ start, end, frame }) => end - start === (6 + frame.length) * 32));
      for (let i = 1; i < attempts; i++) {
        const waited = periods(frames[i].start - frames[i - 1].end, 864 + before);
        t.true(Number.isInteger(waited) && waited >= 0 && waited <= window, `${driver}: ${waited}`);
        seen.add(waited);
      }
    }
    t.true(Math.max(...seen) > window - 3, driver);
  }
});

test('the ACK of each radio comes when its hardware or its SubMAC sends it', (t) => {
  // Hardware turns round in 192 µs. An nrf802154's netif thread sleeps for those and then sends with CCA: 208 more.
  for (const [driver, gap] of [['nrf802154', 400], ['cc2538_rf', 192], ['at86rf2xx', 192]] as const) {
    const { frames } = exchange(driver, 40);
    t.deepEqual(frames.map((frame) => frame.node + (isAck(frame) ? '*' : '')), ['a', 'b*', 'b', 'a*'], driver);
    t.deepEqual([frames[1].start - frames[0].end, frames[3].start - frames[2].end], [gap, gap], driver);
  }
});

test('an at86rf2xx fetches a frame when its ACK is out, and answers then', (t) => {
  // The driver asks for PLL_ON before it reads, which the chip refuses while it sends.
  for (let seed = 1; seed <= 10; seed++) {
    const { frames } = exchange('at86rf2xx', 40, seed);
    const waited = periods(frames[2].start - frames[1].end, 156);
    t.true(Number.isInteger(waited) && waited >= 0 && waited <= 7, `${waited}`);
  }
});

test('fragments go out back to back on at86rf2xx boards, and in steps of 5 ms on SubMAC ones', (t) => {
  // No send queue there: the netif thread waits for the radio. The queue's timer of 5 ms runs anew for each fragment;
  // a back-off comes on top of it.
  for (let seed = 1; seed <= 8; seed++) {
    const own = (driver: Driver) => {
      const frames = exchange(driver, 400, seed).frames.filter((frame) => frame.node === 'a' && !isAck(frame));
      return frames.slice(0, 5);
    };
    const at86 = own('at86rf2xx');
    for (let i = 1; i < 5; i++) {
      // The ACK of the one before ends 544 µs after it.
      const waited = periods(at86[i].start - at86[i - 1].end - 544, 156);
      t.true(Number.isInteger(waited) && waited >= 0 && waited <= 7, `${waited}`);
    }
    for (const driver of ['nrf802154', 'cc2538_rf'] as const) {
      // The queue's timer finds the first frame still on its way if its back-off was long, and runs once more.
      const [first, second] = own(driver);
      const apart = second.start - first.start;
      const steps = [5000, 10_000].map((step) => Math.abs(apart - step))
        .filter((rest) => rest <= 7 * 320 && [0, 10, 310].includes(rest % 320));
      t.is(steps.length, 1, `${driver}: ${apart}`);
    }
    const zep = own('socket_zep');
    t.deepEqual(zep.slice(1).map(({ start }, i) => start - zep[i].start), [5000, 5000, 5000, 5000]);
  }
});

test('a datagram of five fragments comes back whole over each radio', (t) => {
  // Reassembly, send queue and radio together, in both directions; the frames add up to the datagram twice.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const { frames } = exchange(driver, 400);
    const distinct = (node: string) => new Set(frames.filter((frame) => frame.node === node && !isAck(frame))
      .map(({ frame }) => frame[2])).size;
    t.deepEqual([distinct('a'), distinct('b')], [5, 5], driver);
  }
});

test('lost frames and ACKs are made up for by the retransmissions of each radio', (t) => {
  // 20 % loss in both directions: of 20 exchanges, 4 or 5 attempts each, all but a few must come back.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    let answered = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { frames, records } = exchange(driver, 20, seed, true, 0.2);
      if (frames.some((frame) => frame.node === 'b' && !isAck(frame))) answered++;
      t.false(records.some(({ event }) => event.type === 'undefined' || event.type === 'assert'), driver);
    }
    t.true(answered >= 18, `${driver}: ${answered}`);
  }
});

test('a run over each radio is the same run again with the same seed, and another one with another seed', (t) => {
  // Back-offs come from the board's streams.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const first = exchange(driver, 400, 5, true, 0.1);
    const again = exchange(driver, 400, 5, true, 0.1);
    t.deepEqual(again.records, first.records);
    t.is(again.digest, first.digest);
    t.not(exchange(driver, 400, 6, true, 0.1).digest, first.digest);
  }
});

/** A DTLS handshake and an echo; distinct data frames by their sender. */
function handshake(driver: Driver) {
  const board = BOARDS[driver];
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board, app: dtls_sock, eui64: eui64(0x0a), bootAt: 0 },
    b: { board, app: dtls_sock, eui64: eui64(0x0b), bootAt: 1000 },
  } });
  sim.runUntil(2_500_000);
  sim.apply({ type: 'type', node: 'a', text: 'dtlss start' });
  sim.runFor(200_000);
  const records = collect(sim);
  sim.apply({ type: 'type', node: 'b', text: 'dtlsc fe80::a hello' });
  sim.runFor(1_000_000);
  const frames = sent(records).filter((frame) => !isAck(frame));
  const of = (node: string) => frames.filter((frame) => frame.node === node).map(({ frame }) => frame.join());
  return { a: [...new Set(of('a'))], b: [...new Set(of('b'))], sim, lost: lost(records) };
}

test('a handshake over at86rf2xx with a CPU that costs nothing has the frames of native, but for their times', (t) => {
  // Same seed, same names, same streams: what differs is the radio, and nothing of it is in a frame.
  const native = handshake('socket_zep');
  const m3 = handshake('at86rf2xx');
  t.regex(m3.sim.node('b').console, /Received 5 bytes: "hello"/);
  t.true(native.b.length >= 7);
  t.deepEqual(m3.a, native.a);
  t.deepEqual(m3.b, native.b);
});

test('a handshake goes through over the SubMAC radios', (t) => {
  // The SubMAC draws its back-offs from the generator of the app's randoms: frames are others than native's.
  for (const driver of ['nrf802154', 'cc2538_rf'] as const) {
    const { sim, a } = handshake(driver);
    t.regex(sim.node('b').console, /Received 5 bytes: "hello"/, driver);
    t.true(a.length >= 7);
  }
});

test('threads and interfaces have the names and numbers of a Cortex-M board', (t) => {
  // No idle thread there: the netif's is 5 (riot: `Iface  5`), and its name is the driver's.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const sim = new Simulation({ seed: 1, nodes: { a: { board: BOARDS[driver], app: echo, bootAt: 0 } } });
    const records = collect(sim);
    sim.runUntil(10_000);
    const names = records.flatMap(({ event }) => event.type === 'thread_create' && event.priority === 2
      ? [`${event.pid} ${event.name}`] : []);
    t.deepEqual(names, [`5 ${driver}`]);
  }
});

test('whatever frames come from outside, each radio hears an honest one afterwards', (t) => {
  // Mutations of good frames and noise, at any instant: nothing may throw, hang or leave a radio deaf. With a right FCS
  // they get as far as they can.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const board = BOARDS[driver];
    const sim = new Simulation({ seed: 1, nodes: {
      a: { board, app: talker(20), eui64: eui64(0x0a), bootAt: 0 },
      b: { board, app: echo, eui64: eui64(0x0b), bootAt: 1000 },
    } });
    const random = stream(42, driver, 'fuzz');
    sim.runUntil(1_500_000);
    for (let i = 0; i < 600; i++) {
      const frame = new Uint8Array(3 + random.below(125));
      if (random.below(4) > 0) frame.set(unicast(0x0b, Math.max(21, frame.length)).subarray(0, frame.length));
      for (let n = random.below(6); n > 0; n--) frame[random.below(frame.length)] = random.next32() & 0xff;
      if (random.below(8) > 0) putFcs(frame, 0, frame.length - 2);
      sim.apply({ type: 'frame', node: 'b', frame: hex(frame) });
      sim.runFor(random.below(3000));
    }
    sim.runUntil(SEND_AT - 1000);
    const records = collect(sim);
    sim.runFor(200_000);
    for (const { state, failure } of sim.nodes) if (state === 'crashed') throw failure;
    t.true(sent(records).some((frame) => frame.node === 'b' && !isAck(frame)), driver);
  }
});

test('a board whose power is cut at any instant of an exchange comes back and is heard again', (t) => {
  // Nothing of the old life may be left: its frame on the air ends, its timers do not fire.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    const board = BOARDS[driver];
    for (let at = 0; at < 12_000; at += 700) {
      const sim = new Simulation({ seed: 1, nodes: {
        a: { board, app: talker(60), eui64: eui64(0x0a), bootAt: 0 },
        b: { board, app: talker(60), eui64: eui64(0x0b), bootAt: 0 },
      } });
      sim.runUntil(SEND_AT + at);
      sim.apply({ type: 'power', node: 'b', on: false });
      sim.runFor(5000);
      sim.apply({ type: 'power', node: 'b', on: true });
      const records = collect(sim);
      sim.runFor(500_000);
      t.true(records.some(({ node, event }) => node === 'a' && event.type === 'rx'), `${driver} ${at}`);
    }
  }
});

test('a native board and a board with a real radio exchange datagrams, fragmented ones too', (t) => {
  // Their ACKs come in time for each other: at once after 192 µs, and 544 or 752 µs after the frame.
  for (const driver of ['nrf802154', 'cc2538_rf', 'at86rf2xx'] as const) {
    for (const [first, second] of [[driver, 'socket_zep'], ['socket_zep', driver]] as const) {
      const sim = new Simulation({ seed: 1, nodes: {
        a: { board: BOARDS[first], app: talker(200), eui64: eui64(0x0a), bootAt: 0 },
        b: { board: BOARDS[second], app: echo, eui64: eui64(0x0b), bootAt: 1000 },
      } });
      sim.runUntil(SEND_AT - 1000);
      const records = collect(sim);
      sim.runFor(500_000);
      const data = sent(records).filter((frame) => !isAck(frame));
      const distinct = (node: string) => new Set(data.filter((frame) => frame.node === node)
        .map(({ frame }) => frame[2])).size;
      t.deepEqual([distinct('a'), distinct('b')], [3, 3], `${first} ${second}`);
    }
  }
});
