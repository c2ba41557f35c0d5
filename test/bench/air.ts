// `npm run bench:air`: how fast a board answers when real processes share its air. A hundred sockets stand for RIOT
// processes; each sends frames that ask for an ACK to one of the boards behind `riotbed zep`, and waits for it. RIOT's
// SubMAC waits 864 µs. Needs the built package.
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { putFcs } from '../../net/wire/ieee802154.ts';

const PEERS = 100;
const BOARDS = 10;
/** Frames a second of all peers together: 10 of each, unless told otherwise. */
const RATE = Number(process.argv[2] ?? 1000);
const SECONDS = 20;
const RIOT_TIMEOUT = 864;
const GIVE_UP_MS = 50;
const ZEP_HEADER = 32;
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MAIN = path.join(ROOT, 'dist/emulator/cli/main.js');

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

const byte = (value: number) => value.toString(16).padStart(2, '0');

function hello(peer: number): Uint8Array {
  const datagram = Buffer.alloc(ZEP_HEADER + 8);
  datagram.write('EX\x02\xff', 'latin1');
  datagram.write('HELLO', 21, 'latin1');
  datagram[31] = 8;
  datagram[ZEP_HEADER] = 2;
  datagram[ZEP_HEADER + 6] = 1;
  datagram[ZEP_HEADER + 7] = peer;
  return datagram;
}

/** A frame of a peer for a board: payload of a protocol that nobody has, so that the ACK is all there is. */
function frame(peer: number, board: number, sequence: number): Uint8Array {
  const mpdu = Buffer.from(`61dc${byte(sequence & 0xff)}2300` +
    `${byte(board)}00000000000002${byte(peer)}01000000000002` + '3f00', 'hex');
  const length = mpdu.length + 2;
  const datagram = new Uint8Array(ZEP_HEADER + length);
  datagram.set([0x45, 0x58, 2, 1, 26, 0, 0, 1, 255]);
  datagram[31] = length;
  datagram.set(mpdu, ZEP_HEADER);
  putFcs(datagram, ZEP_HEADER, mpdu.length);
  return datagram;
}

class Peer {
  readonly socket: Socket = createSocket('udp6');
  readonly times: number[] = [];
  lost = 0;
  busy = false;
  private readonly port: number;
  private readonly number: number;
  private sequence = 0;
  private acked: (() => void) | null = null;

  constructor(number: number, port: number) {
    this.number = number;
    this.port = port;
    this.socket.on('message', (datagram) => {
      if (datagram.length === ZEP_HEADER + 5 && datagram[ZEP_HEADER + 2] === (this.sequence & 0xff)) this.acked?.();
    });
  }

  greet(): void {
    this.socket.send(hello(this.number), this.port, '::1');
  }

  async ask(): Promise<void> {
    this.busy = true;
    this.sequence++;
    const start = process.hrtime.bigint();
    const answer = new Promise<bigint>((resolve) => {
      this.acked = () => resolve(process.hrtime.bigint());
    });
    this.socket.send(frame(this.number, 1 + this.number % BOARDS, this.sequence), this.port, '::1');
    const end = await Promise.race([answer, pause(GIVE_UP_MS)]);
    if (typeof end === 'bigint') this.times.push(Number(end - start) / 1000);
    else this.lost++;
    this.busy = false;
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-bench-'));
  const board = "{ board: 'native', app: 'sock_udp_echo' }";
  const nodes = Array.from({ length: BOARDS }, (_, i) => `b${i + 1}: ${board}`).join(', ');
  writeFileSync(path.join(folder, 'boards.ts'),
    `import { scenario } from 'riotbed';\nexport default scenario({ nodes: { ${nodes} } }, () => undefined);\n`);
  const air = spawn(process.execPath, [MAIN, 'zep', '--port', '0', path.join(folder, 'boards.ts')]);
  let output = '';
  air.stdout.on('data', (text: Buffer) => void (output += text.toString()));
  air.stderr.pipe(process.stderr);
  while (!output.includes('has passed')) await pause(50);
  const port = Number(/listens on \[::1\]:(\d+)/.exec(output)![1]);
  const peers = Array.from({ length: PEERS }, (_, i) => new Peer(i, port));
  for (const peer of peers) peer.greet();
  await pause(500);
  const asked: Promise<void>[] = [];
  for (let i = 0; i < RATE * SECONDS; i++) {
    const peer = peers[(i * 37) % PEERS]!;
    if (!peer.busy) asked.push(peer.ask());
    await pause(1000 / RATE);
  }
  await Promise.all(asked);
  air.kill('SIGINT');
  await once(air, 'close');
  for (const peer of peers) peer.socket.close();
  rmSync(folder, { recursive: true });
  report(peers);
}

function report(peers: readonly Peer[]): void {
  const times = peers.flatMap((peer) => peer.times).sort((a, b) => a - b);
  const lost = peers.reduce((sum, peer) => sum + peer.lost, 0);
  const at = (part: number) => `${times[Math.floor(times.length * part)]!.toFixed(0)} µs`;
  const late = times.filter((time) => time > RIOT_TIMEOUT).length;
  console.log(`${PEERS} peers, ${BOARDS} boards, ${RATE} frames/s: ${times.length} frames answered, ${lost} not; ` +
    `median ${at(0.5)}, 95th percentile ${at(0.95)}, 99th ${at(0.99)}; ` +
    `${(100 * late / times.length).toFixed(2)} % later than RIOT waits (${RIOT_TIMEOUT} µs)`);
}

await main();
