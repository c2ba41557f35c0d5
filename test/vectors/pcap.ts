// Reads the captures in riot-captures/: classic pcap files of Ethernet / IPv6 / UDP / ZEP, as written on the loopback
// interface beside zep_dispatch.

import { readFileSync } from 'node:fs';

import { hex } from '../../net/wire/bytes.ts';
import { fcsOk } from '../../net/wire/ieee802154.ts';
import { IPV6_HEADER_LEN, parseIpv6Packet } from '../../net/wire/ipv6.ts';
import { parseUdp, UDP_HEADER_LEN } from '../../net/wire/udp.ts';
import { parseZep, ZEP_PORT_DEFAULT, ZEP_V2_TYPE_DATA, type ZepRepr } from '../../net/wire/zep.ts';

const GLOBAL_HEADER_LEN = 24;
const RECORD_HEADER_LEN = 16;
const ETHERNET_HEADER_LEN = 14;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_ETHERNET = 1;

/** A frame as a node sent it. */
export interface CapturedFrame {
  /** µs since the epoch, by the clock of the capturing host */
  time: number;
  /** UDP port of the sending node: tells the nodes of a capture apart */
  node: number;
  zep: ZepRepr;
  /** the whole ZEP datagram */
  datagram: Uint8Array;
  /** the frame with its FCS */
  psdu: Uint8Array;
  /** the frame without it */
  mpdu: Uint8Array;
}

/** A record of a pcap file. */
export interface PcapRecord {
  time: number;
  data: Uint8Array;
}

/** All records of a little-endian pcap file with microsecond times. */
export function readPcap(path: string | URL): PcapRecord[] {
  const file = new Uint8Array(readFileSync(path));
  const view = new DataView(file.buffer);
  if (view.getUint32(0, true) !== MAGIC_MICROSECONDS) throw new TypeError(`${path}: not a little-endian pcap`);
  if (view.getUint32(20, true) !== LINKTYPE_ETHERNET) throw new TypeError(`${path}: not of Ethernet`);
  const records: PcapRecord[] = [];
  for (let at = GLOBAL_HEADER_LEN; at < file.length;) {
    const length = view.getUint32(at + 8, true);
    const start = at + RECORD_HEADER_LEN;
    if (length !== view.getUint32(at + 12, true) || start + length > file.length) {
      throw new TypeError(`${path}: cut record at ${at}`);
    }
    const time = view.getUint32(at, true) * 1_000_000 + view.getUint32(at + 4, true);
    records.push({ time, data: file.subarray(start, start + length) });
    at = start + length;
  }
  return records;
}

/**
 * The 802.15.4 frames of a capture in riot-captures/, in the order in which they were sent. Each stands in the file
 * twice, on its way to the dispatcher and from it: this returns the first of the two. Hellos to the dispatcher are left
 * out.
 */
export function readCapture(name: string): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  for (const record of readPcap(new URL(`riot-captures/${name}.pcap`, import.meta.url))) {
    const packet = record.data.subarray(ETHERNET_HEADER_LEN);
    const ip = parseIpv6Packet(packet);
    if (typeof ip === 'string') throw new TypeError(`${name}: ${ip} at ${record.time}`);
    const datagram = packet.subarray(IPV6_HEADER_LEN, IPV6_HEADER_LEN + ip.payloadLength);
    const udp = parseUdp(datagram);
    if (typeof udp === 'string') throw new TypeError(`${name}: ${udp} at ${record.time}`);
    if (udp.dstPort !== ZEP_PORT_DEFAULT) continue;
    const body = datagram.subarray(UDP_HEADER_LEN, udp.length);
    const zep = parseZep(body);
    if (typeof zep === 'string') throw new TypeError(`${name}: ${zep} at ${record.time}`);
    if (zep.type !== ZEP_V2_TYPE_DATA) continue;
    const psdu = body.subarray(zep.headerLength);
    if (!fcsOk(psdu)) throw new TypeError(`${name}: bad FCS at ${record.time}: ${hex(psdu)}`);
    const mpdu = psdu.subarray(0, psdu.length - 2);
    frames.push({ time: record.time, node: udp.srcPort, zep, datagram: body, psdu, mpdu });
  }
  return frames;
}

/** The captures in riot-captures/. */
export const CAPTURES = [
  'a-boot-gnrc', 'a-boot-psk', 'b-ping-psk', 'c-udp', 'd-psk', 'e-ecc_noverify', 'f-noserver', 'f-wrongid',
  'f-wrongkey',
] as const;
