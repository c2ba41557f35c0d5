// `npm run bench`: what the project promises about speed, as rates a second on one core. No test looks at them.
import { bench, do_not_optimize, run } from 'mitata';
import { engineHandshake, engineRecord } from './engine.ts';
import { contextSwitches, timerWakeups, yields } from './kernel.ts';
import { charges, reboots } from './life.ts';
import { handshakeNetwork, idleBoards } from './network.ts';
import { KINDS, broadcasts, receptions, scale } from './scale.ts';
import { udpNetwork } from './udp.ts';

const BATCH = 10_000;
const HANDSHAKES = 100;
const DATAGRAMS = 2000;
const LARGE_DATAGRAMS = 400;
const SMALL = new Uint8Array(64);
const LARGE = new Uint8Array(1024);
const IDLE_SECONDS = 600;
const BOARDS = 10_000;
const TALKATIVE = 100;
const REBOOTS = 500;

// First of all, while the heap is small.
const row = (name: string, ...cells: string[]) =>
  [name.padEnd(58), ...cells.map((cell) => cell.padStart(12))].join(' ');
console.log(row(`${BOARDS.toLocaleString('en')} boards until all are idle`, 's', 'KB each'));
for (const kind of KINDS) {
  const { seconds, bytesEach } = scale(kind, kind.count ?? BOARDS);
  console.log(row(kind.name, seconds.toFixed(2), (bytesEach / 1000).toFixed(1)));
}
console.log('');

const network = handshakeNetwork();
const udpSmall = udpNetwork(32);
const udpLarge = udpNetwork(1024);

/** Units of work that a call does, and how they are called. */
const BENCHES: readonly { name: string; unit: string; count: number; work: () => unknown }[] = [
  { name: 'DTLS engine alone, both ends: PSK handshakes', unit: 'handshakes', count: 1, work: engineHandshake },
  { name: 'DTLS engine alone: 64-byte records, sealed and opened', unit: 'records', count: 1,
    work: () => engineRecord(SMALL) },
  { name: 'DTLS engine alone: 1,024-byte records, sealed and opened', unit: 'records', count: 1,
    work: () => engineRecord(LARGE) },
  { name: 'whole emulated path, two boards: PSK handshakes', unit: 'handshakes', count: HANDSHAKES,
    work: () => network(HANDSHAKES) },
  { name: 'whole emulated path, two boards: UDP datagrams of 32 bytes', unit: 'datagrams', count: DATAGRAMS,
    work: () => udpSmall(DATAGRAMS) },
  { name: 'the same with 1,024 bytes, in 11 fragments', unit: 'datagrams', count: LARGE_DATAGRAMS,
    work: () => udpLarge(LARGE_DATAGRAMS) },
  { name: 'kernel: thread_yield() between two threads', unit: 'switches', count: BATCH, work: () => yields(BATCH) },
  { name: 'kernel: messages between two threads, 3 levels of yield*', unit: 'switches', count: BATCH,
    work: () => contextSwitches(BATCH) },
  { name: 'kernel: timer wake-ups, 1,000 sleepers', unit: 'wake-ups', count: BATCH, work: () => timerWakeups(BATCH) },
  { name: 'kernel: cpu_spend() of 1 µs', unit: 'charges', count: BATCH, work: () => charges(BATCH) },
  { name: 'reboots of a board with the network stack, up to its shell', unit: 'reboots', count: REBOOTS,
    work: () => reboots(REBOOTS) },
  { name: 'two idle boards: virtual seconds, booting included', unit: 'virtual s', count: IDLE_SECONDS,
    work: () => idleBoards(IDLE_SECONDS) },
  { name: `${TALKATIVE} boards that all hear each other, booting`, unit: 'frames received',
    count: receptions(TALKATIVE), work: () => broadcasts(TALKATIVE) },
];

for (const { name, work } of BENCHES) bench(name, () => do_not_optimize(work()));

const { benchmarks } = await run({ format: 'quiet', throw: true });

console.log(row('benchmark', 'median/s', 'mean/s'));
benchmarks.forEach(({ runs }, i) => {
  const { name, unit, count } = BENCHES[i]!;
  const stats = runs[0]!.stats!;
  const rate = (ns: number) => Math.round(count * 1e9 / ns).toLocaleString('en');
  console.log(`${row(name, rate(stats.p50), rate(stats.avg))} ${unit}`);
});
