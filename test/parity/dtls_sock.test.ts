import { readFileSync } from 'node:fs';
import test from 'ava';
import { milliseconds, runScenario, scenario, seconds } from 'riotbed';
import type { TraceReader } from '../../emulator/trace/event.ts';
import { hex } from '../../net/wire/bytes.ts';
import { IEEE802154_FCF_TYPE_ACK, parseIeee802154 } from '../../net/wire/ieee802154.ts';
import { readCapture } from '../vectors/pcap.ts';
import { normalize } from './normalize.ts';

interface Sent {
  node: 'A' | 'B';
  psdu: Uint8Array;
  /** When it had left, µs. */
  time: number;
}

/** Frames of one dialogue, ACKs included: handshake, data, echo, two alerts. */
const DIALOGUE = 30;
/** What a host under Linux takes for a frame beyond the virtual time, µs: at most 563 in this capture. */
const HOST_JITTER = 700;

/** What was typed at the real nodes, and after which pauses (d-psk.shell.txt). */
const definition = scenario({
  nodes: {
    A: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0a', bootAt: 0 },
    B: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0b', bootAt: 298_000 },
  },
}, (sim) => {
  const { A, B } = sim.nodes;
  sim.runFor(seconds(3));
  A.type('dtlss start');
  sim.runFor(milliseconds(452));
  B.type(`dtlsc ${A.linkLocal} hello`);
  sim.runFor(milliseconds(1202));
  B.type(`dtlsc ${A.linkLocal} second`);
  sim.runFor(milliseconds(1202));
  A.type('dtlss start');
  sim.runFor(milliseconds(452));
  A.type('dtlss stop');
  A.expect('Success: DTLS server stopped');
});

/** Our run, once for all tests. */
const ours = (() => {
  const frames: Sent[] = [];
  const reader: TraceReader = ({ node, event }) => {
    if (event.type === 'tx') frames.push({ node: node as 'A' | 'B', psdu: event.frame, time: event.end });
  };
  const run = runScenario(definition, { seed: 1, readers: () => [reader] });
  return { ...run, frames };
})();

const real: Sent[] = (() => {
  const frames = readCapture('d-psk');
  // The server was started first and sends first.
  return frames.map(({ node, psdu, time }) => ({ node: node === frames[0]!.node ? 'A' : 'B', psdu, time }));
})();

/** All but broadcasts: when they are sent is random. */
function unicast(frames: readonly Sent[]): Sent[] {
  return frames.filter(({ psdu }) => psdu[0] !== 0x41);
}

function sequenceNumbers(frames: readonly Sent[], node: 'A' | 'B'): number[] {
  const numbers = unicast(frames).filter((sent) => {
    const mac = parseIeee802154(sent.psdu.subarray(0, -2));
    return sent.node === node && typeof mac !== 'string' && mac.frameType !== IEEE802154_FCF_TYPE_ACK;
  }).map(({ psdu }) => psdu[2]!);
  return numbers.map((number) => (number - numbers[0]! + 256) % 256);
}

test('the scenario of the capture runs to its end', (t) => {
  // All other tests here look at this run.
  t.is(ours.error, null);
});

test('both handshakes and echoes are, frame by frame, those of real RIOT nodes', (t) => {
  // Direction, length, and every byte but sequence numbers, checksums, randoms, cookies and what is encrypted: frame
  // control, addresses, IPHC, NHC, ports, record and handshake headers, suites, extensions, explicit nonces, ACKs.
  const shown = (frames: readonly Sent[]) =>
    unicast(frames).map(({ node, psdu }) => `${node} ${psdu.length} ${normalize(psdu)}`);
  t.is(unicast(real).length, 60);
  t.deepEqual(shown(ours.frames), shown(real));
});

test('frames follow each other as on real RIOT nodes, but for the jitter of the host', (t) => {
  // Air times, ACK turnaround, and the 5 ms after which a queued frame goes out: a wrong one is off by more than this.
  for (const start of [0, DIALOGUE]) {
    const gaps = [real, ours.frames].map((frames) => {
      const times = unicast(frames).slice(start, start + DIALOGUE).map(({ time }) => time);
      return times.slice(1).map((time, i) => time - times[i]!);
    });
    gaps[1]!.forEach((gap, i) => {
      t.true(Math.abs(gap - gaps[0]![i]!) < HOST_JITTER, `frame ${start + i + 1}: ${gap} µs`);
    });
  }
});

test('router solicitations are those of real RIOT nodes', (t) => {
  // All of a node's are the same but for their sequence number; their times are partly random.
  const first = (frames: readonly Sent[], node: 'A' | 'B') => {
    const { psdu } = frames.find((sent) => sent.node === node && sent.psdu[0] === 0x41)!;
    const frame = psdu.slice(0, -2);
    frame[2] = 0;
    return frame;
  };
  for (const node of ['A', 'B'] as const) t.deepEqual(first(ours.frames, node), first(real, node));
});

test('sequence numbers go up as on real RIOT nodes', (t) => {
  // One a frame, not one a retry, from a random start: only their distances can be equal.
  for (const node of ['A', 'B'] as const) {
    t.deepEqual(sequenceNumbers(ours.frames, node), sequenceNumbers(real, node));
  }
});

test('another seed gives other sequence numbers, randoms and cookies', (t) => {
  // What normalize() blanks has to be random, not constant.
  const seen: string[] = [];
  runScenario(definition, { seed: 2, readers: () => [({ event }) => {
    if (event.type === 'tx' && event.frame.length > 100) seen.push(hex(event.frame));
  }] });
  const before = ours.frames.filter(({ psdu }) => psdu.length > 100).map(({ psdu }) => hex(psdu));
  t.is(seen.length, before.length);
  seen.forEach((frame, i) => t.not(frame, before[i]!));
});

test('an ACK bears the sequence number of the frame before it', (t) => {
  // normalize() blanks the number.
  const frames = unicast(ours.frames);
  frames.forEach(({ psdu }, i) => {
    if (psdu.length === 5) t.is(psdu[2], frames[i - 1]!.psdu[2]);
  });
});

test('both consoles print what real RIOT nodes print', (t) => {
  // d-psk.shell.txt has each line with time and node; `<<<` and `$` are the notes of whoever typed.
  const file = readFileSync(new URL('../vectors/riot-captures/d-psk.shell.txt', import.meta.url), 'utf8');
  const lines = [...file.matchAll(/^\[ *[\d.]+ ([AB])\] ?(.*)$/gm)].filter(([, , text]) => !/^(<<<|\$) /.test(text!));
  for (const node of ['A', 'B'] as const) {
    // `nib neigh` at the end of the capture is not part of this app's job here.
    const expected = lines.filter(([, name, text]) => name === node && !text!.endsWith('nib neigh'))
      .map(([, , text]) => text!);
    const printed = ours.simulation.node(node).console.replaceAll('\r', '').split('\n');
    if (printed.at(-1) === '' || printed.at(-1) === '> ') printed.pop();
    t.deepEqual(printed, expected);
  }
});
