import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ipv6_addr_to_str } from '../../net/wire/addr.ts';
import { fromHex, hex } from '../../net/wire/bytes.ts';
import { NEXT_HEADER_COMPRESSED, type ParsedIphc, parseIphc } from '../../net/wire/iphc.ts';
import { contextTable } from '../net/wire/contexts.ts';
import { hasTool, needsTool } from '../tools.ts';

const LINK_SRC = fromHex('020000000000000b');
const LINK_DST = fromHex('0011223344556677');
const PREFIXES: readonly [string, number][] = [['2001:db8:1:2::', 64], ['2001:db8:aaaa::', 48]];
const CONTEXTS = contextTable(PREFIXES);
const PROTNUM_UDP = 17;
const LINKTYPE_IEEE802_15_4_NOFCS = 230;
/** What follows a header whose next header is compressed: UDP, all inline, with a payload of 2 bytes. */
const UDP = fromHex('f012345678abcd0102');

/** A frame for each IPHC header that is not reserved and whose contexts are there, with the values it stands for. */
function frames(): { frame: Uint8Array; header: ParsedIphc }[] {
  const made: { frame: Uint8Array; header: ParsedIphc }[] = [];
  for (let base = 0x6000; base < 0x8000; base++) {
    const bytes = new Uint8Array(48).map((_, i) => (i * 37 + base * 11) & 0xff);
    bytes[0] = base >> 8;
    bytes[1] = base;
    if ((base & 0x80) !== 0) bytes[2] = (base & 0x100) !== 0 ? 0x10 : 0x01;
    // A next header of 59 ends the packet: it stands where TF and CID leave it.
    if ((base & 0x400) === 0) bytes[2 + ((base & 0x80) >> 7) + [4, 3, 1, 0][(base >> 11) & 3]!] = 59;
    const header = parseIphc(bytes, 0, LINK_SRC, LINK_DST, CONTEXTS);
    if (typeof header === 'string') continue;
    const behind = header.nextHeader === NEXT_HEADER_COMPRESSED ? UDP : new Uint8Array(0);
    made.push({ frame: frameOf([...bytes.subarray(0, header.headerLength), ...behind], made.length), header });
  }
  return made;
}

/** IEEE 802.15.4: data, PAN 0023, both addresses long, least byte first. */
function frameOf(payload: readonly number[], sequence: number): Uint8Array {
  const addresses = [...LINK_DST.slice().reverse(), ...LINK_SRC.slice().reverse()];
  return Uint8Array.of(0x41, 0xcc, sequence, 0x23, 0x00, ...addresses, ...payload);
}

/** A pcap file of frames without FCS. */
function pcap(all: readonly Uint8Array[]): Uint8Array {
  const words = (...values: number[]): number[] =>
    values.flatMap((value) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24]);
  const head = words(0xa1b2c3d4, 0x00040002, 0, 0, 65535, LINKTYPE_IEEE802_15_4_NOFCS);
  return Uint8Array.from([...head, ...all.flatMap((frame, i) =>
    [...words(i >> 10, i & 1023, frame.length, frame.length), ...frame])]);
}

function tshark(t: ExecutionContext, file: Uint8Array, ...fields: string[]): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-tshark-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const capture = path.join(folder, 'x.pcap');
  writeFileSync(capture, file);
  const contexts = PREFIXES.flatMap(([prefix, length], id) => ['-o', `6lowpan.context${id}:${prefix}/${length}`]);
  const args = ['-r', capture, ...contexts, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const out = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return out.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

test('tshark makes the same of every IPHC header that is not reserved', (t) => {
  // An independent dissector. All 13 bits; contexts 0 and 1 with 64 and 48 bits; one capture of some thousand frames.
  if (!needsTool(t, 'tshark', hasTool('tshark'))) return;
  const made = frames();
  t.true(made.length > 5000, `${made.length}`);
  const rows = tshark(t, pcap(made.map(({ frame }) => frame)),
    'ipv6.src', 'ipv6.dst', 'ipv6.tclass', 'ipv6.flow', 'ipv6.nxt', 'ipv6.hlim');
  t.is(rows.length, made.length);
  const wrong = rows.flatMap((row, i) => {
    const { header, frame } = made[i]!;
    const { src, dst, trafficClass, flowLabel, nextHeader, hopLimit } = header;
    const next = nextHeader === NEXT_HEADER_COMPRESSED ? PROTNUM_UDP : nextHeader;
    const expected = [ipv6_addr_to_str(src), ipv6_addr_to_str(dst), trafficClass, flowLabel, next, hopLimit].join();
    const found = [row[0], row[1], ...row.slice(2).map(Number)].join();
    return found === expected ? [] : [`${hex(frame.subarray(21))}: ${found} instead of ${expected}`];
  });
  t.deepEqual(wrong.slice(0, 5), [], `${wrong.length} of ${rows.length}`);
});
