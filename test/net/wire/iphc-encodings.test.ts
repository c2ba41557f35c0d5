// All encodings of IPHC against an oracle of its own: tables of RFC 6282 §3.1.1 as rules on text, not on bits.
import test from 'ava';

import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  type AskSixlowpan, asRfc, emitIphc, NEXT_HEADER_COMPRESSED, parseIphc, type SixlowpanQuirk,
} from '../../../net/wire/iphc.ts';
import { compress, decompress, decompressHeaders } from '../../../net/wire/sixlowpan.ts';
import { contextTable } from './contexts.ts';

const LINK_SRC = fromHex('020000000000000b');
const LINK_DST = fromHex('0011223344556677');
const IID_SRC = '000000000000000b';
const IID_DST = '0211223344556677';
const CONTEXTS = contextTable([['2001:db8:1:2::', 64], ['2001:db8:aaaa::', 48], ['2001:db8:5:6:7:8:9:0', 112]]);
const PREFIXES: readonly string[] = ['20010db800010002', '20010db8aaaa', '20010db8000500060007000800090000'
  .slice(0, 28)];

/** Numbers that are always the same: xorshift32. */
function numbers(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

function textOf({ trafficClass, flowLabel, nextHeader, hopLimit, src, dst }: Expected): string {
  return [trafficClass, flowLabel, nextHeader, hopLimit, src, dst].join(' ');
}

interface Expected {
  trafficClass: number;
  flowLabel: number;
  nextHeader: number;
  hopLimit: number;
  src: string;
  dst: string;
}

/** Takes hex digits off the front. */
class Inline {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  take(bytes: number): string {
    const part = this.text.slice(this.at, this.at + 2 * bytes);
    this.at += 2 * bytes;
    return part.padEnd(2 * bytes, '0');
  }
}

/** The prefix of a context over an address that has its last bytes only. */
function withPrefix(id: number, address: string): string | null {
  const prefix = PREFIXES[id];
  return prefix === undefined ? null : prefix + address.slice(prefix.length);
}

function unicast(stateful: boolean, mode: string, id: number, iid: string, inline: Inline): string | null {
  if (mode === '00') return stateful ? '0'.repeat(32) : inline.take(16);
  const tails: Record<string, () => string> = {
    '01': () => inline.take(8), '10': () => `000000fffe00${inline.take(2)}`, '11': () => iid,
  };
  const tail = tails[mode]!();
  return stateful ? withPrefix(id, `0000000000000000${tail}`) : `fe80000000000000${tail}`;
}

function multicast(mode: string, inline: Inline): string {
  const forms: Record<string, () => string> = {
    '00': () => inline.take(16),
    '01': () => `ff${inline.take(1)}${'00'.repeat(9)}${inline.take(5)}`,
    10: () => `ff${inline.take(1)}${'00'.repeat(11)}${inline.take(3)}`,
    11: () => `ff02${'00'.repeat(13)}${inline.take(1)}`,
  };
  return forms[mode]!();
}

/** RFC 3306: flags and scope, RIID, length of the prefix, prefix in 64 bits, group. */
function prefixBased(id: number, inline: Inline, skip: number): string | null {
  const prefix = PREFIXES[id];
  if (prefix === undefined) return null;
  const [scope, riid] = [inline.take(1), inline.take(1)];
  const length = Math.min(64, prefix.length * 4).toString(16).padStart(2, '0');
  const group = new Inline(inline.text, inline.at + 2 * skip).take(4);
  inline.take(4);
  return `ff${scope}${riid}${length}${prefix.slice(0, 16).padEnd(16, '0')}${group}`;
}

/** The octet of the IPv6 header of what IPHC has inline: ECN before DSCP. */
function classOf(octet: number, riot: boolean): number {
  return riot ? octet : ((octet & 0x3f) << 2) | (octet >> 6);
}

/** What a header says by the RFC, or as RIOT reads it; the reason when it is to be refused. */
function oracle(base: number, text: string, riot = false): Expected | 'reserved' | 'unknown context' {
  const bits = base.toString(2).padStart(16, '0');
  const inline = new Inline(text, 4);
  const [tf, nh, hlim, cid] = [bits.slice(3, 5), bits[5], bits.slice(6, 8), bits[8]];
  const [sac, sam, m, dac, dam] = [bits[9], bits.slice(10, 12), bits[12], bits[13], bits.slice(14, 16)];
  const reserved = dac === '1' && (m === '1' ? dam !== '00' : dam === '00');
  if (reserved && !riot) return 'reserved';
  const ids = cid === '1' ? inline.take(1) : '00';
  let [octet, flowLabel] = [0, 0];
  if (tf === '00') [octet, flowLabel] = [parseInt(inline.take(1), 16), parseInt(inline.take(3), 16) & 0xfffff];
  if (tf === '01') {
    const word = parseInt(inline.take(3), 16);
    [octet, flowLabel] = [(word >> 16) & 0xc0, word & 0xfffff];
  }
  if (tf === '10') octet = parseInt(inline.take(1), 16);
  const nextHeader = nh === '1' ? NEXT_HEADER_COMPRESSED : parseInt(inline.take(1), 16);
  const hops: Record<string, number> = { '01': 1, 10: 64, 11: 255 };
  const hopLimit = hops[hlim] ?? parseInt(inline.take(1), 16);
  const src = unicast(sac === '1', sam, parseInt(ids[0]!, 16), IID_SRC, inline);
  if (src === null) return 'unknown context';
  const id = parseInt(ids[1]!, 16);
  let dst: string | null;
  if (reserved) dst = m === '1' && PREFIXES[id] === undefined ? null : '0'.repeat(32);
  else if (m === '1') dst = dac === '1' ? prefixBased(id, inline, riot ? 2 : 0) : multicast(dam, inline);
  else dst = unicast(dac === '1', dam, id, IID_DST, inline);
  if (dst === null) return 'unknown context';
  return { trafficClass: classOf(octet, riot), flowLabel, nextHeader, hopLimit, src, dst };
}

const REASONS = { reserved: 'iphc-reserved', 'unknown context': 'iphc-unknown-context' } as const;
const asRiot: AskSixlowpan = () => true;

/** The header that these 16 bits announce, with inline bytes that differ from base to base. */
function sample(base: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(48);
  for (let i = 0; i < bytes.length; i += 4) {
    const word = random();
    for (let j = 0; j < 4; j++) bytes[i + j] = word >>> (8 * j);
  }
  bytes[0] = base >> 8;
  bytes[1] = base;
  // Half of the identifiers are those of contexts that are there.
  if ((base & 0x80) !== 0 && (bytes[3]! & 1) === 0) bytes[2] = ((bytes[2]! >> 4) % 3 << 4) | ((bytes[2]! & 15) % 3);
  return bytes;
}

for (const [profile, ask, riot] of [['the RFC', undefined, false], ['RIOT', asRiot, true]] as const) {
  test(`all 8,192 encodings are decoded as ${profile} has it, or refused`, (t) => {
    // The oracle knows the RFC's tables as text and shares nothing with the codec; contexts with 48, 64 and 112 bits.
    const random = numbers(42);
    const seen = { values: 0, reserved: 0, 'unknown context': 0 };
    for (let base = 0x6000; base < 0x8000; base++) {
      const bytes = sample(base, random);
      const expected = oracle(base, hex(bytes), riot);
      const parsed = parseIphc(bytes, 0, LINK_SRC, LINK_DST, CONTEXTS, ask);
      if (typeof expected === 'string') {
        seen[expected]++;
        if (parsed !== REASONS[expected]) t.fail(`${hex(bytes)}: ${JSON.stringify(parsed)} instead of ${expected}`);
        continue;
      }
      seen.values++;
      if (typeof parsed === 'string') return t.fail(`${hex(bytes)}: ${parsed}`);
      const found = textOf({ ...parsed, src: hex(parsed.src), dst: hex(parsed.dst) });
      if (found !== textOf(expected)) t.fail(`${hex(bytes)}: ${found} instead of ${textOf(expected)}`);
    }
    t.is(seen.reserved, riot ? 0 : 2048);
    t.true(seen.values > 4000 && seen['unknown context'] > 300, JSON.stringify(seen));
  });
}

test('what the codec writes the oracle reads', (t) => {
  // The other direction: emitIphc against the same tables.
  const random = numbers(7);
  for (let i = 0; i < 5000; i++) {
    const repr = {
      trafficClass: random() % 3 === 0 ? 0 : random() & 0xff, flowLabel: random() % 3 === 0 ? 0 : random() & 0xfffff,
      nextHeader: random() % 2 === 0 ? NEXT_HEADER_COMPRESSED : random() & 0xff,
      hopLimit: [1, 64, 255, 7][random() & 3]!,
      src: anyUnicast(random), dst: random() % 2 === 0 ? anyUnicast(random) : anyMulticast(random),
    };
    const out = new Uint8Array(64);
    const ids = emitIphc(repr, LINK_SRC, LINK_DST, CONTEXTS, out, 0);
    const base = (out[0]! << 8) | out[1]!;
    const read = oracle(base, hex(out.subarray(0, ids)));
    if (typeof read === 'string') return t.fail(read);
    const expected = textOf({ ...repr, src: hex(repr.src), dst: hex(repr.dst) });
    if (textOf(read) !== expected) t.fail(`${hex(out.subarray(0, ids))}: ${textOf(read)} instead of ${expected}`);
  }
  t.pass();
});

/** Addresses of every shape, from the pools that compression tells apart. */
function anyUnicast(random: () => number): Uint8Array {
  const addr = ipv6_addr_from_str(['fe80::', '2001:db8:1:2::', '2001:db8:aaaa::', '2001:db8:5:6:7:8:9:0', '2001:db8::']
    [random() % 5]!)!;
  const tails = [IID_SRC, IID_DST, '000000fffe001234', '1122334455667788', '0000000000000001'];
  if (addr[7] !== 6) addr.set(fromHex(tails[random() % 5]!), 8);
  else addr[15] = random();
  return random() % 20 === 0 ? new Uint8Array(16) : addr;
}

function anyMulticast(random: () => number): Uint8Array {
  const addr = new Uint8Array(16);
  addr[0] = 0xff;
  addr[1] = random() % 2 === 0 ? 0x02 : random();
  const kind = random() % 6;
  const from = [15, 13, 11, 2, 12, 12][kind]!;
  for (let i = from; i < 16; i++) addr[i] = random();
  if (kind >= 4) addr.set(fromHex(kind === 4 ? '004020010db800010002' : '003020010db8aaaa0000'), 2);
  return addr;
}

/** An IPv6 packet with UDP, ICMPv6, extension headers or IPv6 within. */
function anyPacket(random: () => number, depth = 0): Uint8Array {
  const [nextHeader, payload] = anyBody(random, depth);
  const packet = new Uint8Array(40 + payload.length);
  const trafficClass = random() % 3 === 0 ? random() & 0xff : 0;
  const flowLabel = random() % 3 === 0 ? random() & 0xfffff : 0;
  packet[0] = 0x60 | (trafficClass >> 4);
  packet[1] = (trafficClass << 4) | (flowLabel >> 16);
  packet[2] = flowLabel >> 8;
  packet[3] = flowLabel;
  packet[4] = payload.length >> 8;
  packet[5] = payload.length;
  packet[6] = nextHeader;
  packet[7] = [1, 64, 255, random() & 0xff][random() & 3]!;
  packet.set(anyUnicast(random), 8);
  packet.set(random() % 2 === 0 ? anyUnicast(random) : anyMulticast(random), 24);
  packet.set(payload, 40);
  return packet;
}

function anyBody(random: () => number, depth: number): [number, Uint8Array] {
  const kind = random() % 8;
  if (kind === 0 && depth < 3) return [41, anyPacket(random, depth + 1)];
  if (kind < 3 && depth < 4) {
    const header = [0, 43, 60, 135, 44][random() % 5]!;
    const [next, rest] = anyBody(random, depth + 1);
    const units = header === 44 ? 0 : random() % 4;
    const bytes = new Uint8Array(8 * (units + 1) + rest.length);
    for (let i = 2; i < 8 * (units + 1); i++) bytes[i] = random();
    bytes[0] = next;
    bytes[1] = units;
    bytes.set(rest, 8 * (units + 1));
    return [header, bytes];
  }
  const length = random() % 40;
  const bytes = new Uint8Array(8 + length).map(() => random());
  if (kind > 5) return [58, bytes];
  if (random() % 2 === 0) bytes[0] = 0xf0;
  if (random() % 2 === 0) bytes[2] = 0xf0;
  if (random() % 2 === 0) bytes[1] = bytes[3] = 0xb0 | (random() & 15);
  bytes[4] = 0;
  bytes[5] = bytes.length;
  return [17, bytes];
}

test('100,000 random packets come back from compression as they were', (t) => {
  // The identity on the IPv6 side: any field that is lost or moved shows. With contexts and without.
  const random = numbers(1);
  let compressedBytes = 0;
  let bytes = 0;
  for (let i = 0; i < 100_000; i++) {
    const packet = anyPacket(random);
    const contexts = i % 2 === 0 ? CONTEXTS : null;
    const compressed = compress(packet, LINK_SRC, LINK_DST, contexts);
    if (typeof compressed === 'string') return t.fail(`${compressed}: ${hex(packet)}`);
    const back = decompress(compressed, LINK_SRC, LINK_DST, contexts);
    if (typeof back === 'string' || !same(back, packet)) return t.fail(`${hex(packet)}: ${hex(compressed)}`);
    bytes += packet.length;
    compressedBytes += compressed.length;
  }
  t.true(compressedBytes < 0.8 * bytes);
});

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

test('every strict prefix of the compressed headers of random packets is refused', (t) => {
  // Cut anywhere within them there is no datagram, by the RFC and for RIOT; from their end on there is one.
  const random = numbers(3);
  for (let i = 0; i < 1000; i++) {
    const whole = compress(anyPacket(random), LINK_SRC, LINK_DST, CONTEXTS);
    if (typeof whole === 'string') return t.fail(whole);
    for (const ask of [asRfc, asRiot]) {
      const parse = (length: number) =>
        decompressHeaders(whole.slice(0, length), 0, LINK_SRC, LINK_DST, CONTEXTS, new Uint8Array(1280), 0, ask);
      const lengths = parse(whole.length);
      if (typeof lengths === 'string') return t.fail(`${hex(whole)}: ${lengths}`);
      for (let length = 0; length <= whole.length; length++) {
        if ((typeof parse(length) === 'string') !== length < lengths.headerLength) t.fail(`${hex(whole)}: ${length}`);
      }
    }
  }
  t.pass();
});

/** What an encoder asks of RIOT's departures while it compresses. */
function asked(packet: string, on: readonly SixlowpanQuirk[] = []): { ids: string[]; result: string } {
  const ids: string[] = [];
  const out = new Uint8Array(64);
  const bytes = fromHex(packet);
  const repr = {
    trafficClass: ((bytes[0]! & 15) << 4) | (bytes[1]! >> 4), flowLabel: 0, nextHeader: 58, hopLimit: 64,
    src: bytes.subarray(8, 24), dst: bytes.subarray(24, 40),
  };
  const end = emitIphc(repr, LINK_SRC, LINK_DST, CONTEXTS, out, 0, (id) => {
    ids.push(id);
    return on.includes(id);
  });
  return { ids, result: hex(out.subarray(0, end)) };
}

test('a departure is asked for only where it makes a difference', (t) => {
  // A trace that names a quirk must mean that the bytes are others because of it.
  const addresses = `fe80000000000000${IID_SRC}fe80000000000000${IID_DST}`;
  t.deepEqual(asked(`600000000000${'3a40'}${addresses}`).ids, []);
  t.deepEqual(asked(`600000000000${'3a40'}${addresses}`).result, '7a333a');
  // A traffic class of 0, 55, aa or ff is the same in both orders.
  t.deepEqual(asked(`6aa000000000${'3a40'}${addresses}`).ids, []);
  t.deepEqual(asked(`6b9000000000${'3a40'}${addresses}`), { ids: ['iphc-traffic-class'], result: '72336e3a' });
  t.is(asked(`6b9000000000${'3a40'}${addresses}`, ['iphc-traffic-class']).result, '7233b93a');
});
