// What RIOT itself made of packets, on native64: compressed ones as they came up, others as they went out.
import { readFileSync } from 'node:fs';
import test from 'ava';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import type { SixlowpanQuirk } from '../../../net/wire/iphc.ts';
import { compressHeaders, decompressHeaders } from '../../../net/wire/sixlowpan.ts';
import { contextTable } from './contexts.ts';

/** Pairs of input and output in hex; '-' when RIOT dropped it. */
type Pairs = readonly (readonly [string, string])[];

const VECTORS = JSON.parse(readFileSync(new URL('../../vectors/6lowpan-riot.json', import.meta.url), 'utf8')) as
  { received: Pairs; sent: Pairs; sentToGroup: Pairs };
const OWN = fromHex('020000000000000a');
const PEER = fromHex('020000000000000c');
const NONE = new Uint8Array(0);
const CONTEXTS = contextTable([['2001:db8:1:2::', 64], ['2001:db8:aaaa::', 48], ['2001:db8:5:6:7:8:9:0', 112]]);

/** Departures that were asked for. */
const asked = new Set<SixlowpanQuirk>();
const ask = (id: SixlowpanQuirk): boolean => {
  asked.add(id);
  return true;
};

function decompressed(bytes: Uint8Array): string {
  const out = new Uint8Array(2048);
  const lengths = decompressHeaders(bytes, 0, PEER, OWN, CONTEXTS, out, 0, ask);
  if (typeof lengths === 'string') return '-';
  return hex(out.subarray(0, lengths.uncompressedLength)) + hex(bytes.subarray(lengths.headerLength));
}

function compressed(packet: Uint8Array, linkDst: Uint8Array): string {
  const out = new Uint8Array(2048);
  const lengths = compressHeaders(packet, packet.length, OWN, linkDst, CONTEXTS, out, 0, ask);
  if (typeof lengths === 'string') return '-';
  return hex(out.subarray(0, lengths.headerLength)) + hex(packet.subarray(lengths.uncompressedLength));
}

test('with all departures the codec makes of packets what RIOT made of them', (t) => {
  // Real bytes: IPHC headers of all kinds with anything behind, packets with extension headers, UDP and IPv6 within.
  const differing: string[] = [];
  const compare = (pairs: Pairs, code: (bytes: Uint8Array) => string): void => {
    for (const [input, output] of pairs) if (code(fromHex(input)) !== output) differing.push(input);
  };
  compare(VECTORS.received, decompressed);
  compare(VECTORS.sent, (packet) => compressed(packet, PEER));
  compare(VECTORS.sentToGroup, (packet) => compressed(packet, NONE));
  t.deepEqual(differing, []);
  t.true(VECTORS.received.length + VECTORS.sent.length + VECTORS.sentToGroup.length > 800);
  // The vectors show these departures; those of short headers and of datagram sizes are not among them.
  for (const id of ['iphc-traffic-class', 'iphc-reserved-accepted', 'iphc-multicast-group', 'iphc-multicast-context-id',
    'iphc-multicast-prefix', 'nhc-unknown-accepted', 'nhc-inner-addresses', 'nhc-inner-length', 'nhc-udp-length',
    'nhc-ipv6-refused'] as const) t.true(asked.has(id), id);
});
