import test from 'ava';
import { Chunks, PcapngWriter } from '../../../emulator/trace/pcapng.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { NODES, captured, record, tx } from './records.ts';

interface Block {
  type: number;
  body: DataView;
}

/** The blocks of a file; every length is checked twice, as the format has it twice. */
function blocksOf(bytes: Uint8Array): Block[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (length % 4 !== 0 || view.getUint32(at + length - 4, true) !== length) throw new Error(`bad block at ${at}`);
    const body = new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - 12);
    blocks.push({ type: view.getUint32(at, true), body });
    at += length;
  }
  return blocks;
}

function text({ body }: Block): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
}

function written(records: ReturnType<typeof captured>): Uint8Array {
  const chunks = new Chunks();
  const writer = new PcapngWriter(NODES, chunks.add);
  for (const entry of records) writer.read(entry);
  writer.end();
  return chunks.bytes();
}

test('a file has a section, an interface a node, and a packet a transmission', (t) => {
  // Block types by number: 0x0a0d0d0a, 1 and 6 (draft-ietf-opsawg-pcapng §4).
  const records = captured('d-psk').slice(0, 10);
  const blocks = blocksOf(written(records));
  t.deepEqual(blocks.map(({ type }) => type), [0x0a0d0d0a, 1, 1, ...records.map(() => 6)]);
  t.deepEqual(blocks.slice(1, 3).map(({ body }) => body.getUint16(0, true)), [283, 283]);
  t.regex(text(blocks[1]!), /server.*native 02:00:00:00:00:00:00:0a/s);
  t.deepEqual(blocks.slice(3).map(({ body }) => body.getUint32(0, true)), [0, 1, 0, 1, 1, 0, 0, 1, 1, 0]);
});

test('a packet bears the time of its end in microseconds since the start, beyond 32 bits too', (t) => {
  // 5 × 10^9 µs is 83 virtual minutes: the high word counts.
  const frame = Uint8Array.of(2, 0, 7, 0, 0);
  const packet = blocksOf(written([tx(1, 5_000_000_123, 'server', frame)]))[3]!;
  t.is(packet.body.getUint32(4, true), 1);
  t.is(packet.body.getUint32(8, true), 5_000_000_123 - 2 ** 32);
});

test('a packet has the whole frame behind a TAP header with FCS type, strength and channel', (t) => {
  // Literal bytes of the TLVs: type, length, value, padding.
  const frame = Uint8Array.of(2, 0, 7, 0x12, 0x34);
  const rx = record(2, 9, 'client', { layer: 'radio', type: 'rx', from: 'server', frame, rssi: -28, lqi: 255 });
  const hello = captured('d-psk')[7]!;
  const first = blocksOf(written([tx(1, 9, 'server', frame), hello]))[3]!;
  t.regex(hexOf(first), /^0{8}0{8}090000001900000019000000000014000000010001000000030003001a0000000200071234/);
  const broadcast = captured('d-psk')[0]!;
  const second = blocksOf(written([broadcast, { ...rx, event: { ...rx.event, from: 'server' } } as typeof rx]))[3]!;
  t.regex(hexOf(second), /00001c000000010001000000010004000000e0c1030003001a000000/);
});

function hexOf({ body }: Block): string {
  return hex(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
}

test('each packet has a comment with names, message, attempt and event', (t) => {
  // A retry is told by its bytes: they are those of the frame before.
  const hello = captured('d-psk')[4]!;
  const blocks = blocksOf(written([hello, { ...hello, id: 77 }]));
  t.regex(text(blocks[3]!), /client > server {2}DTLS ClientHello msg0 seq0 ep0, attempt 1, event 5/);
  t.regex(text(blocks[4]!), /client > server {2}DTLS ClientHello msg0 seq0 ep0, attempt 2, event 77/);
});

test('secrets stand once, behind the packets before them and ahead of those after', (t) => {
  // Wireshark does not decrypt what stands before the secrets.
  const [a, b] = captured('d-psk').slice(4, 6);
  const secrets = (node: string) => record(9, 1, node, {
    layer: 'dtls', type: 'secrets', peer: '', clientRandom: new Uint8Array(32).fill(0xab),
    masterSecret: new Uint8Array(48).fill(0xcd),
  });
  const blocks = blocksOf(written([a!, secrets('client'), secrets('server'), b!]));
  t.deepEqual(blocks.slice(3).map(({ type }) => type), [6, 10, 6]);
  t.is(blocks[4]!.body.getUint32(0, true), 0x544c534b);
  t.is(text(blocks[4]!).slice(8, 8 + 175).trimEnd(), `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`);
});

test('a frame from outside stands on the interface of the node that got it', (t) => {
  // No node sent it, so there is no transmission in the trace.
  const frame = Uint8Array.of(1, 2, 3, 4);
  const rx = record(3, 50, 'client', { layer: 'radio', type: 'rx', from: '', frame, rssi: -28, lqi: 255 });
  const packet = blocksOf(written([rx]))[3]!;
  t.is(packet.body.getUint32(0, true), 1);
  t.regex(text(packet), /outside > client {2}malformed frame/);
});

test('equal runs give equal bytes', (t) => {
  // No host time and no counters from elsewhere may get in.
  t.deepEqual(written(captured('d-psk')), written(captured('d-psk')));
});
