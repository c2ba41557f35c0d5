// RIOT's border router with two nodes on the radio and a third board on the wire: frames and consoles of real boards
// (see test/vectors/README.md, border-router), and of ours, which are typed the same at the same times.
//
// RIOT's gnrc_networking has RPL and pktshark, ours has not. What RPL makes of the interface is done here (rpl.ts);
// what else comes of it is taken out of the capture first: rows of `help` and `ps`, and RPL's messages. Statistics
// differ by them, and by what real boards lost, and are left out; parity of statistics is in boot.test.ts.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type App, runScenario, scenario } from 'riotbed';
import { apps } from '../../apps/index.ts';
import type { TraceReader } from '../../emulator/trace/event.ts';
import { Dissector } from '../../emulator/trace/dissect.ts';
import { fromHex, hex } from '../../net/wire/bytes.ts';
import { readPcap } from '../vectors/pcap.ts';
import { afterRplInit } from './rpl.ts';

type Name = 'BR' | 'A' | 'B' | 'H';
const NAMES: readonly Name[] = ['BR', 'A', 'B', 'H'];

interface Line {
  /** µs since the border router was started. */
  readonly time: number;
  readonly node: Name;
  readonly text: string;
}

interface Frame {
  readonly node: Name;
  readonly bytes: Uint8Array;
}

function vector(name: string): URL {
  return new URL(`../vectors/border-router/${name}`, import.meta.url);
}

const shell: readonly Line[] = (() => {
  const lines = readFileSync(vector('shell.txt'), 'utf8').split('\n').flatMap((line) => {
    const match = /^\[ *([\d.]+) (\w+)\] (.*?)\r?$/.exec(line);
    if (match === null) return [];
    return [{ time: Math.round(Number(match[1]) * 1e6), node: match[2] as Name, text: match[3]! }];
  });
  const start = lines[0]!.time;
  return lines.map((line) => ({ ...line, time: line.time - start }));
})();

const typed = shell.filter(({ text }) => text.startsWith('<<< '))
  .map(({ time, node, text }) => ({ time, node, command: text.slice(4) }));

function node(name: Name, app: App, more: object) {
  return { board: 'native', app, bootAt: shell.find((line) => line.node === name)!.time, ...more };
}

const networking = afterRplInit(apps['gnrc_networking']!);

const ours = (() => {
  const air: Frame[] = [];
  const wire: Frame[] = [];
  const reader: TraceReader = ({ node: name, event }) => {
    if (event.type !== 'tx') return;
    (event.layer === 'wire' ? wire : air).push({ node: name as Name, bytes: event.frame });
  };
  const run = runScenario(scenario({
    nodes: {
      BR: node('BR', apps['gnrc_border_router']!, { wires: ['lan'] }),
      A: node('A', networking, {}),
      B: node('B', networking, {}),
      H: node('H', networking, { wires: ['lan'], radio: false }),
    },
  }, (sim) => {
    for (const { time, node: name, command } of typed) {
      sim.runUntil(time);
      sim.nodes[name].type(command);
    }
    sim.runUntil(typed.at(-1)!.time + 1_000_000);
  }), { readers: () => [reader] });
  if (run.error !== null) throw run.error;
  return { air, wire, console: (name: Name) => run.simulation.node(name).console.split(/\r?\n/) };
})();

/** What the commands of a node printed, one block a command in their order. */
function blocks(lines: readonly string[]): string[][] {
  const all: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('> ')) all.push([]);
    all.at(-1)?.push(line);
  }
  return all.filter(([first]) => first !== '> ');
}

/** Without what no two runs share, and without RPL, pktshark and statistics. */
function comparable(block: readonly string[]): string[] {
  if (block[0] === '> ps') return psRows(block);
  return block.filter((line) => !/^(pktshark|rpl) |Statistics|[RT]X packets|TX succeeded/.test(line))
    .map((line) => line.replace(/rssi=-\d+ dBm /, '').replace(/time=[\d.]+ ms/, '').replace(/ = [\d./]+ ms$/, '')
      .replace(/expires \d+min/, '').replace(/ (REACHABLE|STALE|DELAY|PROBE)\b/, ' -'))
    .filter((line) => line.trim() !== '' && !line.includes('(DUP!)'))
    .map((line) => line.replace(/ \d+ duplicates,/, ''));
}

/** Pid, name, state, priority and stack of each thread but RPL's and pktshark's; how deep a stack is, is the host's. */
function psRows(block: readonly string[]): string[] {
  return block.map((line) => line.split('|').slice(0, 5).map((cell) => cell.trim().split(/ +\(/)[0]!).join(' '))
    .filter((line) => !/ (RPL|pktshark|SUM) /.test(line));
}

for (const name of ['BR', 'A', 'H'] as const) {
  const real = blocks(shell.filter((line) => line.node === name && !/^(<<<|\$) /.test(line.text))
    .map(({ text }) => text));
  const mine = blocks(ours.console(name));
  const commands = typed.filter((line) => line.node === name).map(({ command }) => command);

  for (const [i, command] of commands.entries()) {
    test(`${name}, command ${i + 1}, \`${command}\`: RIOT's lines`, (t) => {
      // Typed at the same time in the life of the same network.
      t.deepEqual(comparable(mine[i]!), comparable(real[i]!));
    });
  }
}

test('all four boards boot with RIOT\'s lines', (t) => {
  // From the start-up code to the first prompt.
  for (const name of NAMES) {
    const real = shell.filter((line) => line.node === name && !line.text.startsWith('$ ')).map(({ text }) => text);
    const until = (lines: readonly string[]): string[] =>
      lines.slice(0, lines.indexOf('All up, running the shell now') + 1);
    t.deepEqual(until(ours.console(name)), until(real), name);
  }
});

/** Captured frames on the air with their FCS. */
const air: readonly Frame[] = readFileSync(vector('air.txt'), 'utf8').trim().split('\n').map((line) => {
  const [, name, bytes] = line.split(' ');
  return { node: name as Name, bytes: fromHex(bytes!) };
});

const wire: readonly Frame[] = readPcap(vector('wire.pcap')).map(({ data }) =>
  ({ node: data[11] === 1 ? 'BR' : 'H', bytes: data }));

/** Whether an Ethernet frame is for duplicate address detection: sent as a board boots, before the capture began. */
function isDad({ bytes }: Frame): boolean {
  return bytes[54] === 135 && bytes.subarray(22, 38).every((byte) => byte === 0);
}

/** Without what no two pings share: identifier, time stamp at the start of the data, and with them the checksum. */
function blankEcho({ node: name, bytes }: Frame, at: number): string {
  const copy = bytes.slice();
  if (copy[at] === 128 || copy[at] === 129) copy.fill(0, at + 2, at + 6).fill(0, at + 8, at + 12);
  return `${name} ${hex(copy)}`;
}

test('the frames on the wire are those of real boards, byte by byte and in their order', (t) => {
  // RS, RA, NS, NA and echoes of both sides over 77 s, checksums included.
  const frames = (all: readonly Frame[]): string[] =>
    all.filter((frame) => !isDad(frame)).map((frame) => blankEcho(frame, 54));
  t.is(wire.length, 36);
  t.deepEqual(frames(ours.wire), frames(wire));
});

/** What is sent on the air, once each: without sequence number, FCS, ACKs, RPL and what is random. */
function kinds(all: readonly Frame[]): string[] {
  const dissector = new Dissector();
  const seen = new Set<string>();
  for (const { node: name, bytes } of all) {
    const { kind, layers, mac, fragment, summary } = dissector.dissect(bytes);
    if (kind !== 'data' || summary.startsWith('RPL')) continue;
    const mpdu = bytes.slice(0, bytes.length - 2);
    mpdu[2] = 0;
    const at = mac!.headerLength;
    if (fragment !== null) mpdu.fill(0, at + 2, at + 4);
    // Echoes have identifier and checksum somewhere behind compressed headers: their layers tell the rest.
    const echo = summary.includes('ICMPv6 echo');
    const described = `${bytes.length} B: ${layers.join(' | ')}`.replace(/(seq|id|tag)[ =]\d+/g, '');
    seen.add(`${name} ${echo ? described : hex(mpdu)}`);
  }
  return [...seen].sort();
}

test('on the air everything that real boards send is sent by ours too, byte by byte, and nothing else', (t) => {
  // Real boards repeat frames when the host is late, so each is taken once.
  t.deepEqual(kinds(ours.air), kinds(air));
});
