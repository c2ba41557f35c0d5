import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Air, type AirOptions } from '../../../emulator/bridge/air.ts';
import { parseEndpoint } from '../../../emulator/bridge/endpoint.ts';
import { openUdp } from '../../../emulator/bridge/udp.ts';
import { type DispatcherListener, ZepDispatcher, ZepPort } from '../../../emulator/bridge/zep.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { parseZep } from '../../../net/wire/zep.ts';
import { readCapture } from '../../vectors/pcap.ts';

const FLAT: AirOptions = { topology: null, flood: false, random: () => 0 };
const EUI64_A = fromHex('020000000000000a');
const EUI64_B = fromHex('020000000000000b');
/** HELLO of RIOT's socket_zep: type 255, "HELLO", all else 0, the EUI-64 behind. */
const helloOf = (eui64: Uint8Array) => fromHex(`455802ff${'00'.repeat(17)}48454c4c4f${'00'.repeat(5)}08${hex(eui64)}`);
const SILENT: DispatcherListener = { placed: () => undefined, peer: () => undefined, frame: () => undefined };
const ANY = parseEndpoint('test', '[::1]:0', { zero: true });

/** A process with a socket of its own: no code of the bridge. */
class Process {
  readonly socket: Socket = createSocket('udp6');
  readonly heard: Uint8Array[] = [];
  private readonly to: number;

  private constructor(to: number) {
    this.to = to;
    this.socket.on('message', (datagram) => void this.heard.push(new Uint8Array(datagram)));
  }

  static async start(t: ExecutionContext, to: number): Promise<Process> {
    const process = new Process(to);
    process.socket.bind(0, '::1');
    await once(process.socket, 'listening');
    t.teardown(() => process.socket.close());
    return process;
  }

  async send(datagram: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.socket.send(datagram, this.to, '::1', () => resolve()));
  }

  /** Waits until it has heard so many datagrams; they come within a few ms on this host. */
  async hears(count: number): Promise<void> {
    for (let i = 0; i < 400 && this.heard.length < count; i++) await pause(5);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

async function dispatcher(t: ExecutionContext, options = FLAT, listener = SILENT) {
  const air = new Air(options);
  const opened = await ZepDispatcher.open(ANY, air, listener);
  t.teardown(() => opened.close());
  return { air, dispatcher: opened, port: opened.endpoint.port };
}

/** What two real nodes sent to zep_dispatch in two DTLS sessions. */
const CAPTURED = readCapture('d-psk');
const BROADCAST = CAPTURED.find(({ psdu }) => psdu.length === 45)!.datagram;

test('what real nodes sent reaches the other process unchanged, byte for byte and in order', async (t) => {
  // The two nodes of the capture as two sockets. zep_dispatch hands the whole datagram on, header and sequence number
  // too; so must a drop-in, and the ACKs and the frames that are for one node must find that node.
  const { port } = await dispatcher(t);
  const [a, b] = [await Process.start(t, port), await Process.start(t, port)];
  await a.send(helloOf(EUI64_A));
  await b.send(helloOf(EUI64_B));
  const first = CAPTURED[0]!.node;
  const expected: [string[], string[]] = [[], []];
  for (const { node, datagram } of CAPTURED.slice(0, 200)) {
    const [sender, receiver, heard] = node === first ? [a, b, expected[1]] : [b, a, expected[0]];
    heard.push(hex(datagram));
    await sender.send(datagram);
    await receiver.hears(heard.length);
  }
  t.true(Math.min(expected[0].length, expected[1].length) > 20);
  t.deepEqual(a.heard.map((datagram) => hex(datagram)), expected[0]);
  t.deepEqual(b.heard.map((datagram) => hex(datagram)), expected[1]);
});

test('a HELLO makes a node known, and nobody hears it', async (t) => {
  // zep_dispatch would forward it too, to processes that have no use for it.
  const placed: string[] = [];
  const { port, dispatcher: opened } = await dispatcher(t, FLAT,
    { ...SILENT, placed: (_name, eui64) => void placed.push(eui64) as undefined });
  const [a, b] = [await Process.start(t, port), await Process.start(t, port)];
  await b.send(helloOf(EUI64_B));
  await a.send(helloOf(EUI64_A));
  await pause(50);
  t.deepEqual(placed, ['02:00:00:00:00:00:00:0b', '02:00:00:00:00:00:00:0a']);
  t.is(opened.counters.hellos, 2);
  t.is(b.heard.length, 0);
});

test('garbage is counted and goes to nobody', async (t) => {
  // Every strict prefix of a real datagram, one with a byte too much, and other protocols.
  const { port, dispatcher: opened } = await dispatcher(t);
  const [a, b] = [await Process.start(t, port), await Process.start(t, port)];
  await b.send(helloOf(EUI64_B));
  const garbage = [...Array.from(BROADCAST.keys(), (i) => BROADCAST.slice(0, i)), Uint8Array.of(...BROADCAST, 0),
    new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')];
  for (const datagram of garbage) await a.send(datagram);
  for (let i = 0; i < 200 && opened.counters.garbage < garbage.length; i++) await pause(5);
  t.is(opened.counters.garbage, garbage.length);
  t.is(b.heard.length, 0);
});

test('a thousand HELLOs and a peer that vanishes do no harm', async (t) => {
  // 1,500 addresses from one socket: each takes the place of the one before. The frame behind them still arrives, and
  // sending to the closed socket throws nothing.
  const { port, air, dispatcher: opened } = await dispatcher(t);
  const [a, b, gone] = [await Process.start(t, port), await Process.start(t, port), createSocket('udp6')];
  await new Promise<void>((resolve) => gone.send(helloOf(fromHex('0200000000000099')), port, '::1', () => resolve()));
  await pause(20);
  gone.close();
  for (let i = 0; i < 1500; i++) await a.send(helloOf(Uint8Array.of(2, 0, 0, 0, 0, 0, i >> 8, i)));
  await b.send(helloOf(EUI64_B));
  await pause(50);
  t.is(opened.counters.hellos, 1502);
  t.is(air.size, 3);
  await a.send(BROADCAST);
  await b.hears(1);
  t.is(b.heard.length, 1);
});

test('a board joins as a RIOT process does: HELLO first, then frames with their FCS', async (t) => {
  // The other side is a plain socket that checks the bytes, as zep_dispatch would read them.
  const remote = createSocket('udp6');
  remote.bind(0, '::1');
  await once(remote, 'listening');
  t.teardown(() => remote.close());
  const heard: Uint8Array[] = [];
  let from = 0;
  remote.on('message', (datagram, { port }) => {
    heard.push(new Uint8Array(datagram));
    from = port;
  });
  const frames: string[] = [];
  const { port } = remote.address() as AddressInfo;
  const zep = await ZepPort.join(parseEndpoint('--zep', `[::1]:${port}`), EUI64_B,
    (frame, channel, lqi) => void frames.push(`${hex(frame)} ${channel} ${lqi}`) as undefined, () => undefined);
  t.teardown(() => zep.close());
  zep.send(fromHex('0200070000'), 26);
  zep.send(fromHex('0200080000'), 26);
  for (let i = 0; i < 200 && heard.length < 3; i++) await pause(5);
  t.is(hex(heard[0]!), hex(helloOf(EUI64_B)));
  const second = parseZep(heard[1]!);
  if (typeof second === 'string') return void t.fail(second);
  t.deepEqual([second.type, second.channel, second.lqiMode, second.lqi, second.sequence, second.length],
    [1, 26, 1, 255, 0, 5]);
  t.is(hex(heard[1]!.subarray(32)), '0200070000');
  t.is(hex(heard[2]!.subarray(17, 21)), '00000001');
  // Back to it: a frame, then what is none.
  remote.send(heard[1]!, from, '::1');
  remote.send(fromHex('4558'), from, '::1');
  for (let i = 0; i < 200 && (frames.length < 1 || zep.counters.garbage < 1); i++) await pause(5);
  t.deepEqual(frames, ['0200070000 26 255']);
  t.is(zep.counters.garbage, 1);
});

test('a port that is taken is refused with the reason', async (t) => {
  // The message must tell which port, and what to do.
  const { port } = await dispatcher(t);
  const taken = parseEndpoint('test', `[::1]:${port}`);
  await t.throwsAsync(openUdp('the dispatcher', taken, 'udp6', () => undefined), {
    message: `the dispatcher: [::1]:${port} is taken by another program; end that or choose another port`,
  });
});

test('an address that is none of this host is refused with the reason', async (t) => {
  // 2001:db8::/32 is for documentation: no host has it.
  const away = parseEndpoint('test', '[2001:db8::1]:17754');
  await t.throwsAsync(openUdp('the dispatcher', away, 'udp6', () => undefined), {
    message: 'the dispatcher: [2001:db8::1]:17754 is no address of this host',
  });
});
