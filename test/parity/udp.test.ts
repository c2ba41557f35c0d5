// The command `udp` between two boards against a capture of two real ones (riot-captures/c-udp): consoles and frames.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { dtls_sock } from '../../apps/dtls_sock/main.ts';
import { CREDENTIALS } from '../../apps/dtls_sock/credentials.ts';
import { native } from '../../boards/native.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';
import type { App } from '../../kernel/app.ts';
import { fromHex, hex } from '../../net/wire/bytes.ts';
import { IEEE802154_FCF_TYPE_ACK, IEEE802154_FCS_LEN, parseIeee802154 } from '../../net/wire/ieee802154.ts';
import { readCapture } from '../vectors/pcap.ts';

type Name = 'A' | 'B';

interface Sent {
  node: Name;
  psdu: Uint8Array;
  /** When it had left, µs. */
  time: number;
}

/** What a host under Linux takes for a frame beyond the virtual time, µs. */
const HOST_JITTER = 700;
/** The capture's clock when A started. */
const START = 804_000;
/** What was typed that the log of the capture has cut: nobody knows how long it was, only that it did not fit. */
const TOO_LONG = `udp send [fe80::a]:8888 ${'y'.repeat(100)}`;
/** From here the host was late with an ACK: the sender tried again, and both of its frames were received. */
const LATE_ACK = 'udp send [fe80::a]:61617 hi';

const app: App = (() => {
  const psk = dtls_sock(CREDENTIALS);
  return { ...psk, modules: [...psk.modules, 'shell_cmd_udp_server'] };
})();

const shellLog = readFileSync(new URL('../vectors/riot-captures/c-udp.shell.txt', import.meta.url), 'utf8');

/** Each line of the log: when, whose console, and what stands there. */
const log = [...shellLog.matchAll(/^\[ *([\d.]+) ([AB])\] ?(.*)$/gm)].map(([, time, node, text]) =>
  ({ time: Math.round(Number(time) * 1_000_000) - START, node: node as Name, text: text! }));

/** Our run, once for all tests: the same lines at the same times. */
const ours = (() => {
  const node = (id: string, bootAt: number) => ({ board: native, app, bootAt, eui64: fromHex(`02000000000000${id}`) });
  const sim = new Simulation({ seed: 1, nodes: { A: node('0a', 0), B: node('0b', 301_000) } });
  const frames: Sent[] = [];
  sim.trace.subscribe(({ node, event }) => {
    if (event.type === 'tx') frames.push({ node: node as Name, psdu: event.frame, time: event.end });
  });
  for (const { time, node, text } of log) {
    if (!text.startsWith('<<< ') || text.endsWith('nib neigh')) continue;
    sim.runFor(time - sim.now);
    const line = text.slice(4);
    sim.apply({ type: 'type_raw', node, bytes: `${/yy/.test(line) ? TOO_LONG : line}\n` });
    if (line !== LATE_ACK) continue;
    sim.apply({ type: 'link', from: 'A', to: 'B', up: false });
    sim.runFor(2000);
    sim.apply({ type: 'link', from: 'A', to: 'B', up: true });
  }
  sim.runFor(400_000);
  return { sim, frames };
})();

const real: Sent[] = readCapture('c-udp').map(({ psdu, time, node }, _i, [first]) =>
  ({ node: node === first!.node ? 'A' : 'B', psdu, time }));

function unicast(frames: readonly Sent[]): Sent[] {
  return frames.filter(({ psdu }) => psdu[0] !== 0x41);
}

/** Sequence number, source port and checksum set to zero: NHC with both ports inline, or destination in a byte. */
function normalize(psdu: Uint8Array): string {
  const frame = psdu.slice(0, psdu.length - IEEE802154_FCS_LEN);
  const mac = parseIeee802154(frame);
  if (typeof mac === 'string') throw new Error(`${mac}: ${hex(frame)}`);
  frame[2] = 0;
  if (mac.frameType === IEEE802154_FCF_TYPE_ACK || frame[0] === 0x41) return hex(frame);
  const payload = frame.subarray(mac.headerLength);
  const nhc = hex(payload.subarray(0, 3));
  if (nhc !== '7e33f0' && nhc !== '7e33f1') throw new Error(`${nhc}: ${hex(frame)}`);
  payload.fill(0, 3, 5);
  const checksumAt = nhc === '7e33f0' ? 7 : 6;
  payload.fill(0, checksumAt, checksumAt + 2);
  return hex(frame);
}

const port = (line: string): string => line.replace(/^((> )?Received UDP data from .*:)\d+$/, '$1PORT');

test('both consoles print what real RIOT nodes print', (t) => {
  // Usage, server, hex dumps, the 64-byte ring of the console that loses the end of a line, a number of repetitions
  // that is none, and a datagram that came twice. Random ports are left out.
  for (const node of ['A', 'B'] as const) {
    const expected = log.filter((line) => line.node === node && !/^(<<<|\$) |nib neigh$/.test(line.text))
      .map(({ text }) => port(text));
    const printed = ours.sim.node(node).console.replaceAll('\r', '').split('\n').map(port);
    if (printed.at(-1) === '' || printed.at(-1) === '> ') printed.pop();
    t.true(expected.length > 20);
    t.deepEqual(printed, expected);
  }
});

test('frames are, field by field, those of real RIOT nodes', (t) => {
  // All of a frame but its sequence number, random source port and checksum; destination ports in two forms of NHC.
  const shown = (frames: readonly Sent[]) =>
    unicast(frames).map(({ node, psdu }) => `${node} ${psdu.length} ${normalize(psdu)}`);
  t.is(shown(real).length, 16);
  t.deepEqual(shown(ours.frames), shown(real));
});

test('the datagrams of one command have one source port, those of another have another', (t) => {
  // The port is drawn when the command's sock is bound: what normalize() blanks is neither constant nor new each time.
  const ports = (frames: readonly Sent[]) => unicast(frames).filter(({ node }) => node === 'B').map(({ psdu }) =>
    hex(psdu.subarray(24, 26)));
  for (const [hello, nhc, nhc2, hi, again, ...three] of [ports(real), ports(ours.frames)]) {
    t.is(new Set([hello, nhc, nhc2, hi, three[0]]).size, 5);
    t.is(hi, again);
    t.is(new Set(three).size, 1);
    t.is(three.length, 3);
  }
});

test('frames follow each other as on real RIOT nodes, but for the jitter of the host', (t) => {
  // ACK turnaround, the time until a second try, and the 100 ms between repetitions.
  const [expected, gaps] = [real, ours.frames].map((frames) => {
    const times = unicast(frames).map(({ time }) => time);
    return times.slice(1).map((time, i) => time - times[i]!);
  });
  // Between two commands the typing counts too, which took what it took.
  gaps!.forEach((gap, i) => {
    const typed = gap > 200_000;
    t.true(Math.abs(gap - expected![i]!) < (typed ? 10_000 : HOST_JITTER), `frame ${i + 1}: ${gap} ${expected![i]}`);
  });
});

test('router solicitations are those of real RIOT nodes', (t) => {
  // All of a node's are the same but for their sequence number; their times are partly random.
  for (const name of ['A', 'B'] as const) {
    const first = (frames: readonly Sent[]) =>
      normalize(frames.find(({ node, psdu }) => node === name && psdu[0] === 0x41)!.psdu);
    t.is(first(ours.frames), first(real));
  }
});
