import { readFileSync } from 'node:fs';

import test from 'ava';

import { CAPTURES, readCapture, type CapturedFrame } from '../../vectors/pcap.ts';
import { bytesEqual, fromHex, get16, get16le, hex } from '../../../net/wire/bytes.ts';
import {
  emitFrag1, emitFragN, firstFragmentPayload, FRAG_1_HEADER_LEN, FRAG_N_HEADER_LEN, nextFragmentPayload, parseFrag,
} from '../../../net/wire/frag.ts';
import { checkIcmpv6Checksum, ICMPV6_RTR_SOL } from '../../../net/wire/icmpv6.ts';
import {
  emitIeee802154, fcsOf, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_DATA, IEEE802154_PAYLOAD_MAX, ieee802154Length,
  NO_ADDRESS, parseIeee802154, type Ieee802154Repr,
} from '../../../net/wire/ieee802154.ts';
import { parseIpv6Packet, PROTNUM_ICMPV6, PROTNUM_UDP, type Ipv6Repr } from '../../../net/wire/ipv6.ts';
import { ndpLength, parseNdp, parseNdpOptions, type NdpRepr } from '../../../net/wire/ndp.ts';
import { compress, decompress, decompressHeaders, dispatchOf } from '../../../net/wire/sixlowpan.ts';
import { checkUdpChecksum, parseUdp } from '../../../net/wire/udp.ts';
import { emitZep, parseZep, type ZepRepr } from '../../../net/wire/zep.ts';

interface Frame extends CapturedFrame {
  mac: Ieee802154Repr;
  payload: Uint8Array;
}

function frames(name: string): Frame[] {
  return readCapture(name).map((frame) => {
    const mac = parseIeee802154(frame.mpdu);
    if (typeof mac === 'string') throw new TypeError(`${mac}: ${hex(frame.mpdu)}`);
    return { ...frame, mac, payload: frame.mpdu.subarray(mac.headerLength) };
  });
}

/** Data frames, without retransmissions: they repeat the frame to the byte. */
function dataFrames(name: string): Frame[] {
  const seen = new Set<string>();
  return frames(name).filter((frame) => {
    const id = `${frame.node} ${hex(frame.psdu)}`;
    const fresh = frame.mac.frameType === IEEE802154_FCF_TYPE_DATA && !seen.has(id);
    seen.add(id);
    return fresh;
  });
}

/** What RIOT's compression knows of the destination: nothing for a broadcast. */
function linkDst(mac: Ieee802154Repr): Uint8Array {
  return mac.dst.length === 2 ? NO_ADDRESS : mac.dst;
}

for (const name of CAPTURES) {
  test(`${name}: every frame is written again byte for byte, and its FCS is right`, (t) => {
    // real frames are the reference for the order of address bytes, the flags of RIOT, and the CRC
    const all = frames(name);
    t.true(all.length > 0);
    for (const { mac, mpdu, psdu, datagram, zep } of all) {
      const out = new Uint8Array(160);
      t.is(emitIeee802154(mac, out, 3), 3 + mac.headerLength);
      t.is(hex(out.subarray(3, 3 + mac.headerLength)), hex(mpdu.subarray(0, mac.headerLength)));
      t.is(ieee802154Length(mac), mac.headerLength);
      t.is(fcsOf(mpdu), get16le(psdu, mpdu.length));
      t.is(emitZep(parseZep(datagram) as ZepRepr, out, 0), zep.headerLength);
      t.is(hex(out.subarray(0, zep.headerLength)), hex(datagram.subarray(0, zep.headerLength)));
    }
  });

  test(`${name}: frames are as another program decoded them`, (t) => {
    // the .frames.txt was written by another decoder: number, time, length, frame control, sequence number
    const text = readFileSync(new URL(`../../vectors/riot-captures/${name}.frames.txt`, import.meta.url), 'utf8');
    const lines = text.split('\n').filter((line) => /^ *\d+ +\d+\.\d{6} /.test(line));
    const all = frames(name);
    t.is(all.length, lines.length);
    all.forEach(({ time, mac, psdu }, i) => {
      const [, seconds, length, fcf, seq] =
        /(\d+\.\d{6}) .*?len= *(\d+) .*?fc=([0-9a-f]{4}) .*?seq= *(\d+)/.exec(lines[i]!)!;
      // that decoder kept seconds as a float
      t.true(Math.abs(time - all[0]!.time - Number(seconds) * 1e6) < 1.5);
      t.is(psdu.length, Number(length));
      t.is(get16le(psdu, 0).toString(16).padStart(4, '0'), fcf!);
      t.is(mac.seq, Number(seq));
    });
  });

  test(`${name}: frames keep to RIOT's forms`, (t) => {
    // dc61 and dc71 to long addresses, d841 to ffff, ACK 0002, PAN 0023, at most 102 bytes of payload
    for (const { mac, mpdu, payload, zep, psdu } of frames(name)) {
      const fcf = get16le(mpdu, 0);
      if (mac.frameType === IEEE802154_FCF_TYPE_ACK) {
        t.is(fcf, 0x0002);
        t.is(psdu.length, 5);
        continue;
      }
      const last = dispatchOf(payload[0]!) !== 'frag1';
      t.is(fcf, mac.dst.length === 2 ? 0xd841 : last ? 0xdc61 : 0xdc71);
      t.is(mac.dstPan, 0x23);
      t.is(zep.channel, 26);
      t.true(payload.length <= IEEE802154_PAYLOAD_MAX);
    }
  });

  test(`${name}: datagrams decompress to packets with right checksums, and compress to the same bytes`, (t) => {
    // a checksum covers the decompressed addresses, ports and length, so it proves them; RIOT's encoder is the
    // reference for the compressed form
    for (const { mac, payload } of dataFrames(name)) {
      if (dispatchOf(payload[0]!) !== 'iphc') continue;
      const packet = decompress(payload, mac.src, mac.dst, null);
      if (typeof packet === 'string') return t.fail(`${packet}: ${hex(payload)}`);
      checkPacket(t, packet);
      t.is(hex(compress(packet, mac.src, linkDst(mac), null) as Uint8Array), hex(payload));
    }
  });
}

/** Checks header, lengths and checksum of a packet. */
function checkPacket(t: import('ava').ExecutionContext, packet: Uint8Array): void {
  const ip = parseIpv6Packet(packet) as Ipv6Repr;
  t.is(ip.payloadLength, packet.length - 40);
  const body = packet.subarray(40);
  if (ip.nextHeader === PROTNUM_UDP) {
    t.like(parseUdp(body), { length: body.length });
    t.is(checkUdpChecksum(ip.src, ip.dst, body), null);
  } else {
    t.is(ip.nextHeader, PROTNUM_ICMPV6);
    t.is(checkIcmpv6Checksum(ip.src, ip.dst, body), null);
  }
}

test('fragments of the ECC handshake join to datagrams with right checksums, cut again where RIOT cut them', (t) => {
  // the UDP checksum covers the joined datagram; cutting the recompressed datagram must give the frames of the capture
  const pending = new Map<string, Frame[]>();
  let joined = 0;
  for (const frame of dataFrames('e-ecc_noverify')) {
    const kind = dispatchOf(frame.payload[0]!);
    if (kind !== 'frag1' && kind !== 'fragn') continue;
    const key = `${frame.node} ${get16(frame.payload, 2)}`;
    const parts = pending.get(key) ?? [];
    pending.set(key, [...parts, frame]);
    if (kind === 'frag1') continue;
    const packet = join(t, pending.get(key)!);
    checkPacket(t, packet);
    t.deepEqual(cut(packet, frame), pending.get(key)!.map(({ payload }) => hex(payload)));
    joined++;
  }
  t.is(joined, 6);
});

/** Joins the fragments of one datagram. */
function join(t: import('ava').ExecutionContext, parts: readonly Frame[]): Uint8Array {
  const { payload, mac } = parts[0]!;
  const first = parseFrag(payload);
  if (typeof first === 'string') throw new TypeError(first);
  const packet = new Uint8Array(first.datagramSize);
  const body = payload.subarray(first.headerLength);
  const lengths = decompressHeaders(body, first.datagramSize, mac.src, mac.dst, null, packet, 0);
  if (typeof lengths === 'string') throw new TypeError(lengths);
  packet.set(body.subarray(lengths.headerLength), lengths.uncompressedLength);
  let end = lengths.uncompressedLength + body.length - lengths.headerLength;
  for (const part of parts.slice(1)) {
    const next = parseFrag(part.payload);
    if (typeof next === 'string') throw new TypeError(next);
    t.is(next.offset, end);
    t.is(next.datagramSize, first.datagramSize);
    packet.set(part.payload.subarray(next.headerLength), next.offset);
    end += part.payload.length - next.headerLength;
  }
  t.is(end, packet.length);
  return packet;
}

/** Compresses a packet and cuts it as RIOT does; the tag comes from `like`. */
function cut(packet: Uint8Array, like: Frame): string[] {
  const compressed = compress(packet, like.mac.src, like.mac.dst, null) as Uint8Array;
  const tag = get16(like.payload, 2);
  const diff = packet.length - compressed.length;
  let at = firstFragmentPayload(IEEE802154_PAYLOAD_MAX, packet.length, compressed.length);
  const header = new Uint8Array(FRAG_1_HEADER_LEN);
  emitFrag1(packet.length, tag, header, 0);
  const cuts = [hex(header) + hex(compressed.subarray(0, at))];
  while (at < compressed.length) {
    const next = new Uint8Array(FRAG_N_HEADER_LEN);
    emitFragN(packet.length, tag, at + diff, next, 0);
    const end = Math.min(at + nextFragmentPayload(IEEE802154_PAYLOAD_MAX), compressed.length);
    cuts.push(hex(next) + hex(compressed.subarray(at, end)));
    at = end;
  }
  return cuts;
}

test('router solicitations of real nodes carry their EUI-64', (t) => {
  // each of a boot; the option is compared with the link-layer source of the frame
  let found = 0;
  for (const { mac, payload } of dataFrames('a-boot-psk')) {
    const message = (decompress(payload, mac.src, mac.dst, null) as Uint8Array).subarray(40);
    const ndp = parseNdp(message) as NdpRepr;
    t.is(ndp.type, ICMPV6_RTR_SOL);
    t.deepEqual(parseNdpOptions(message, ndpLength(ndp)), [{ kind: 'sllao', address: mac.src }]);
    found++;
  }
  t.is(found, 8);
});

test('each frame is returned once, in the order of its first appearance', (t) => {
  // in the file every frame stands twice; two nodes with their EUI-64s are in each capture
  for (const name of CAPTURES) {
    const all = frames(name);
    t.true(all.every((frame, i) => i === 0 || frame.time >= all[i - 1]!.time));
    t.is(new Set(all.map(({ node }) => node)).size, 2);
    const named = all.filter(({ mac }) => mac.src.length > 0);
    const sources = new Set(named.map(({ mac, node }) => `${node} ${hex(mac.src)}`));
    t.is(sources.size, 2);
    t.true([...sources].some((source) => bytesEqual(fromHex(source.split(' ')[1]!), fromHex('020000000000000a'))));
  }
});
