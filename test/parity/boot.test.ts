// Two nodes boot and are looked at: frames and consoles of RIOT's example gnrc_networking (capture a-boot-gnrc), frames
// of dtls-sock (a-boot-psk).
//
// RIOT's example has RPL and pktshark, this one has not. What RPL makes of the interface is done here (rpl.ts); what
// else comes of it, all of it, is taken out of the capture first (see `withoutRpl`, `asTable` and `isRpl`): the rows of
// `help` and `ps` with their threads, one DIS that each node multicasts as it boots, and that DIS in the statistics of
// both.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type App, milliseconds, runScenario, scenario, seconds } from 'riotbed';
import { apps } from '../../apps/index.ts';
import type { TraceReader } from '../../emulator/trace/event.ts';
import { hex } from '../../net/wire/bytes.ts';
import { readCapture } from '../vectors/pcap.ts';
import { afterRplInit } from './rpl.ts';

type Name = 'A' | 'B';

interface Sent {
  readonly node: Name;
  readonly psdu: Uint8Array;
  /** When it had left, µs. */
  readonly time: number;
}

const COMMANDS = ['help', 'ps', 'ifconfig', 'nib neigh', 'nib route', 'nib prefix'];
/** What a host under Linux takes beyond the virtual time, µs: at most 2,917 in these captures. */
const HOST_JITTER = 3000;

/** Two nodes of an app, the second a second behind the first as in the captures. */
function nodes(app: App) {
  return {
    A: { board: 'native', app, eui64: '02:00:00:00:00:00:00:0a', bootAt: 0 },
    B: { board: 'native', app, eui64: '02:00:00:00:00:00:00:0b', bootAt: 1_002_000 },
  };
}

const looked = scenario({ nodes: nodes(afterRplInit(apps['gnrc_networking']!)) }, (sim) => {
  sim.runUntil(seconds(31));
  for (const node of [sim.nodes.A, sim.nodes.B]) {
    for (const command of COMMANDS) {
      node.type(command);
      sim.runFor(milliseconds(451));
    }
  }
});

function run(definition: Parameters<typeof runScenario>[0]) {
  const frames: Sent[] = [];
  const reader: TraceReader = ({ node, event }) => {
    if (event.layer === 'radio' && event.type === 'tx') {
      frames.push({ node: node as Name, psdu: event.frame, time: event.end });
    }
  };
  return { ...runScenario(definition, { readers: () => [reader] }), frames };
}

/** Our run, once for all tests. */
const ours = run(looked);

function realFrames(capture: string): readonly Sent[] {
  const frames = readCapture(capture);
  return frames.map(({ node, psdu, time }) => ({ node: node === frames[0]!.node ? 'A' : 'B', psdu, time }));
}

/** Whether a frame is an RPL message: IPHC 7a3b with next header 58 inline, to ff02::1a, ICMPv6 type 155. */
function isRpl({ psdu }: Sent): boolean {
  return hex(psdu.subarray(15, 20)) === '7a3b3a1a9b';
}

/** Frame without FCS, its sequence number set to zero. */
function blank({ psdu }: Sent): string {
  const mpdu = psdu.slice(0, psdu.length - 2);
  mpdu[2] = 0;
  return hex(mpdu);
}

/** The console of a captured node, line by line. */
function captured(node: Name): string[] {
  const file = new URL('../vectors/riot-captures/a-boot-gnrc.shell.txt', import.meta.url);
  const mark = ` ${node}] `;
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.includes(mark))
    .map((line) => line.slice(line.indexOf(mark) + mark.length).replace(/\r$/, ''))
    .filter((line) => !line.startsWith('<<< ') && !line.startsWith('$ '));
}

function printed(node: Name): string[] {
  return ours.simulation.node(node).console.split(/\r?\n/);
}

/** The lines between a typed command and the next prompt. */
function output(lines: readonly string[], command: string): string[] {
  const start = lines.indexOf(`> ${command}`) + 1;
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => line.startsWith('> '));
  return rest.slice(0, end < 0 ? rest.length : end);
}

/**
 * Takes RPL, its DIS and pktshark out of what a command printed. The DIS counts 29 bytes received, 31 sent, 50 of IPv6.
 */
function withoutRpl(lines: readonly string[], dis: { readonly received: boolean }): string[] {
  const rx = dis.received ? 1 : 0;
  let ipv6 = false;
  return lines.filter((line) => !/^(pktshark|rpl) /.test(line))
    .map((line) => {
      if (line.includes('Statistics for IPv6')) ipv6 = true;
      return line
        .replace(/RX packets (\d+) {2}bytes (\d+)/, (_, packets, bytes) =>
          `RX packets ${packets - rx}  bytes ${bytes - rx * (ipv6 ? 50 : 29)}`)
        .replace(/TX packets (\d+) \(Multicast: (\d+)\) {2}bytes (\d+)/, (_, packets, groups, bytes) =>
          `TX packets ${packets - 1} (Multicast: ${groups - 1})  bytes ${bytes - (ipv6 ? 50 : 31)}`)
        .replace(/TX succeeded (\d+)/, (_, packets) => `TX succeeded ${ipv6 ? packets - 1 : packets}`);
    });
}

/** Rows of `ps` without those of RPL and pktshark and the sum: pid, name, state, priority, stack. */
function asTable(lines: readonly string[]): string[][] {
  return lines.map((line) => line.split('|').slice(0, 5).map((cell) => cell.trim().split(/ +\(/)[0]!))
    .filter(([, name]) => name !== 'RPL' && name !== 'pktshark' && name !== 'SUM');
}

for (const node of ['A', 'B'] as const) {
  test(`${node} boots with RIOT's lines`, (t) => {
    // Everything from the start-up code to the prompt.
    const before = (lines: string[]): string[] => lines.slice(0, lines.indexOf('> help'));
    t.deepEqual(before(printed(node)), before(captured(node)));
  });

  test(`help, ifconfig and the empty tables of ${node}'s neighbour information base are RIOT's line by line`, (t) => {
    // A hears B boot, and its DIS; B boots when A's has gone.
    t.is(ours.error, null);
    for (const command of COMMANDS.filter((name) => name !== 'ps')) {
      t.deepEqual(output(printed(node), command),
        withoutRpl(output(captured(node), command), { received: node === 'A' }), command);
    }
  });

  test(`ps of ${node} shows RIOT's threads, states, priorities and stacks`, (t) => {
    // How much of a stack is used and where it lies belongs to the host's compiler.
    t.deepEqual(asTable(output(printed(node), 'ps')), asTable(output(captured(node), 'ps')));
  });
}

/** Captures with our runs of the same, and how many router solicitations a node sends in them. */
const BOOTS = [
  { name: 'a-boot-gnrc', mine: ours.frames, count: 5 },
  {
    name: 'a-boot-psk', count: 4,
    mine: run(scenario({ nodes: nodes(apps['dtls_sock']!) }, (sim) => sim.runUntil(seconds(24)))).frames,
  },
] as const;

for (const { name, mine, count } of BOOTS) {
  const real = realFrames(name).filter((frame) => !isRpl(frame));
  for (const node of ['A', 'B'] as const) {
    const of = (frames: readonly Sent[]): Sent[] => frames.filter((frame) => frame.node === node);

    test(`${name}: the frames of ${node} are RIOT's byte by byte but for the first sequence number`, (t) => {
      // The same frames in the same order; numbers count up from a random start, RPL's DIS takes one.
      const frames = of(mine);
      t.is(of(real).length, count);
      t.deepEqual(frames.map(blank), of(real).map(blank));
      t.deepEqual(frames.map(({ psdu }) => (psdu[2]! - frames[0]!.psdu[2]!) & 0xff), frames.map((_, i) => i));
    });

    test(`${name}: router solicitations of ${node} come at RIOT's intervals`, (t) => {
      // The first at once, the second within a second at random, two more 10 s apart each, then one 14 s later.
      for (const frames of [of(real), of(mine)]) {
        const gaps = frames.map(({ time }, i) => time - (frames[i - 1]?.time ?? time));
        t.true(gaps[1]! < seconds(1) + HOST_JITTER);
        for (const [i, expected] of [10, 10, 14].slice(0, count - 2).entries()) {
          t.true(Math.abs(gaps[i + 2]! - seconds(expected)) <= HOST_JITTER, `${i + 2}: ${gaps[i + 2]}`);
        }
      }
    });
  }
}
