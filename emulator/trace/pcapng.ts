// Writes a run as pcapng, for Wireshark (draft-ietf-opsawg-pcapng): one interface a node and one for each of its
// Ethernet ports behind them all, one packet a transmission on the sender's interface, and the TLS secrets. Radios have
// link type 283, IEEE802_15_4_TAP: each frame has its FCS and channel; ports have link type 1 and no FCS.
//
// Times count from epoch 0 = start of the run. A packet bears the time at which its frame had left: a ZEP sniffer
// beside real nodes sees it then. Equal runs give equal bytes.
import { fromHex } from '../../net/wire/bytes.ts';
import { Dissector } from './dissect.ts';
import type { RadioEvent, TraceReader, TraceRecord, WireEvent } from './event.ts';
import { KeyLog } from './keylog.ts';
import { FrameLabels, type TraceNode } from './labels.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;
const LINKTYPE_IEEE802_15_4_TAP = 283;
/** Secrets type "TLSK": a TLS key log. */
const SECRETS_TLS_KEY_LOG = 0x544c534b;

const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_MACADDR = 6;
const IF_EUIADDR = 7;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const FLAG_INBOUND = 1;
const FLAG_OUTBOUND = 2;
/** Time stamps in 10^-6 s. */
const MICROSECONDS = 6;

/** TLVs of the TAP header (github.com/jkcko/ieee802.15.4-tap). */
const TAP_FCS_TYPE = 0;
const TAP_RSS = 1;
const TAP_CHANNEL = 3;
const FCS_16_BIT = 1;

type TxEvent = Extract<RadioEvent, { type: 'tx' }>;
type RxEvent = Extract<RadioEvent, { type: 'rx' }>;
type WireTxEvent = Extract<WireEvent, { type: 'tx' }>;
type Option = readonly [code: number, value: Uint8Array];

interface Packet {
  /** Number of the interface. */
  readonly on: number;
  /** Of the radio: with a header that tells channel and strength. */
  readonly tap: boolean;
  readonly flags: number;
  readonly time: number;
  readonly channel: number | null;
  rssi: number | null;
  readonly frame: Uint8Array;
  readonly comment: string;
}

/** A reader of the trace that writes pcapng. Subscribe `read`, call `end()` when the run is over. */
export class PcapngWriter {
  private readonly write: (chunk: Uint8Array) => undefined;
  private readonly interfaces: Map<string, number>;
  /** Numbers of the interfaces of ports, by node and segment. */
  private readonly ports = new Map<string, number>();
  private readonly dissector = new Dissector();
  private readonly labels: FrameLabels;
  private readonly keyLog = new KeyLog();
  /** The last transmission: it is written once the strength is known with which its receiver got it. */
  private pending: { packet: Packet; sender: string; to: string } | null = null;

  /**
   * @param nodes one interface each, in this order
   * @param write gets one chunk a block, first the header
   */
  constructor(nodes: readonly TraceNode[], write: (chunk: Uint8Array) => undefined) {
    this.write = write;
    this.interfaces = new Map(nodes.map((node, i) => [node.name, i]));
    this.labels = new FrameLabels(nodes);
    write(sectionHeader());
    for (const node of nodes) write(interfaceDescription(node));
    for (const { name, ports = [] } of nodes) {
      for (const port of ports) {
        if (port.wire === '') continue;
        this.ports.set(`${name} ${port.wire}`, this.interfaces.size + this.ports.size);
        write(portDescription(name, port.wire, port.eui48));
      }
    }
  }

  readonly read: TraceReader = (record) => {
    const { event } = record;
    if (event.layer === 'radio' && event.type === 'tx') return this.transmission(record, event);
    if (event.layer === 'radio' && event.type === 'rx') return this.reception(record, event);
    if (event.layer === 'wire' && event.type === 'tx') return this.wireTransmission(record, event);
    if (event.type !== 'secrets') return;
    const line = this.keyLog.add(event);
    if (line === null) return;
    // Wireshark decrypts only packets behind the secrets: they come now, ahead of the Finished.
    this.end();
    this.write(secretsBlock(line));
  };

  /** Writes what is still held back. */
  end(): undefined {
    if (this.pending !== null) this.write(enhancedPacket(this.pending.packet));
    this.pending = null;
  }

  private transmission(record: TraceRecord, { frame, channel, end }: TxEvent): undefined {
    this.end();
    const on = this.interfaces.get(record.node);
    if (on === undefined) return;
    const label = this.labels.of(record.node, frame, this.dissector.dissect(frame));
    const attempt = label.attempt === null ? '' : `, attempt ${label.attempt}`;
    const comment = `${label.from} > ${label.to}  ${label.summary}${attempt}, event ${record.id}`;
    this.pending = {
      packet: { on, tap: true, flags: FLAG_OUTBOUND, time: end, channel, rssi: null, frame, comment },
      sender: record.node,
      to: label.to,
    };
  }

  /** One from outside stands on the interface of the first port of its segment. */
  private wireTransmission({ id, node }: TraceRecord, { wire, frame, end }: WireTxEvent): undefined {
    this.end();
    const outside = node === '';
    const on = outside ? this.firstPort(wire) : this.ports.get(`${node} ${wire}`);
    if (on === undefined) return;
    const label = this.labels.ofEthernet(node, this.dissector.dissectEthernet(frame));
    const comment = `${outside ? 'outside' : label.from} > ${label.to}  ${label.summary}, event ${id}`;
    const flags = outside ? FLAG_INBOUND : FLAG_OUTBOUND;
    this.write(enhancedPacket({ on, tap: false, flags, time: end, channel: null, rssi: null, frame, comment }));
  }

  private firstPort(wire: string): number | undefined {
    for (const [key, on] of this.ports) if (key.endsWith(` ${wire}`)) return on;
    return undefined;
  }

  private reception({ id, node, time }: TraceRecord, { from, frame, rssi }: RxEvent): undefined {
    if (from === '') return this.fromOutside(id, node, time, frame, rssi);
    if (this.pending === null || this.pending.sender !== from) return;
    const { packet, to } = this.pending;
    // A frame to one node bears what that node measured, a broadcast what its first receiver did.
    if (to === node || (to === '*' && packet.rssi === null)) packet.rssi = rssi;
  }

  /** A frame that no node sent: it stands on the interface of the node that got it. */
  private fromOutside(id: number, node: string, time: number, frame: Uint8Array, rssi: number): undefined {
    this.end();
    const on = this.interfaces.get(node);
    if (on === undefined) return;
    const comment = `outside > ${node}  ${this.dissector.dissect(frame).summary}, event ${id}`;
    this.write(enhancedPacket({ on, tap: true, flags: FLAG_INBOUND, time, channel: null, rssi, frame, comment }));
  }
}

/** Collects chunks and joins them. */
export class Chunks {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  readonly add = (chunk: Uint8Array): undefined => {
    this.chunks.push(chunk);
    this.length += chunk.length;
  };

  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

function sectionHeader(): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  // Section length unknown: -1.
  view.setUint32(8, 0xffffffff, true);
  view.setUint32(12, 0xffffffff, true);
  return block(SECTION_HEADER, body, [[SHB_USERAPPL, utf8('riotbed')]]);
}

function interfaceDescription(node: TraceNode): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setUint16(0, LINKTYPE_IEEE802_15_4_TAP, true);
  return block(INTERFACE_DESCRIPTION, body, [
    [IF_NAME, utf8(node.name)],
    [IF_DESCRIPTION, utf8(`${node.board} ${node.eui64}`)],
    [IF_EUIADDR, fromHex(node.eui64.replaceAll(':', ''))],
    [IF_TSRESOL, Uint8Array.of(MICROSECONDS)],
  ]);
}

function portDescription(node: string, wire: string, eui48: string): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setUint16(0, LINKTYPE_ETHERNET, true);
  return block(INTERFACE_DESCRIPTION, body, [
    [IF_NAME, utf8(`${node} ${wire}`)],
    [IF_DESCRIPTION, utf8(`port of ${node} on ${wire}, ${eui48}`)],
    [IF_MACADDR, fromHex(eui48.replaceAll(':', ''))],
    [IF_TSRESOL, Uint8Array.of(MICROSECONDS)],
  ]);
}

function enhancedPacket({ on, tap: radio, flags, time, channel, rssi, frame, comment }: Packet): Uint8Array {
  const tap = radio ? tapHeader(channel, rssi) : new Uint8Array(0);
  const length = tap.length + frame.length;
  const body = new Uint8Array(20 + padded(length));
  const view = new DataView(body.buffer);
  view.setUint32(0, on, true);
  view.setUint32(4, Math.floor(time / 0x1_0000_0000), true);
  view.setUint32(8, time >>> 0, true);
  view.setUint32(12, length, true);
  view.setUint32(16, length, true);
  body.set(tap, 20);
  body.set(frame, 20 + tap.length);
  return block(ENHANCED_PACKET, body, [[EPB_FLAGS, Uint8Array.of(flags, 0, 0, 0)], [OPT_COMMENT, utf8(comment)]]);
}

function tapHeader(channel: number | null, rssi: number | null): Uint8Array {
  const out = new Uint8Array(12 + (rssi === null ? 0 : 8) + (channel === null ? 0 : 8));
  const view = new DataView(out.buffer);
  view.setUint16(2, out.length, true);
  let at = tlv(view, 4, TAP_FCS_TYPE, 1);
  out[at - 4] = FCS_16_BIT;
  if (rssi !== null) {
    at = tlv(view, at, TAP_RSS, 4);
    view.setFloat32(at - 4, rssi, true);
  }
  if (channel !== null) {
    at = tlv(view, at, TAP_CHANNEL, 3);
    view.setUint16(at - 4, channel, true);
  }
  return out;
}

/** The header of a TLV whose value takes 4 bytes with its padding; returns the offset behind the value. */
function tlv(view: DataView, at: number, type: number, length: number): number {
  view.setUint16(at, type, true);
  view.setUint16(at + 2, length, true);
  return at + 8;
}

function secretsBlock(keyLog: string): Uint8Array {
  const data = utf8(keyLog);
  const body = new Uint8Array(8 + padded(data.length));
  const view = new DataView(body.buffer);
  view.setUint32(0, SECRETS_TLS_KEY_LOG, true);
  view.setUint32(4, data.length, true);
  body.set(data, 8);
  return block(DECRYPTION_SECRETS, body, []);
}

function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  let size = body.length + (options.length > 0 ? 4 : 0);
  for (const [, value] of options) size += 4 + padded(value.length);
  const out = new Uint8Array(12 + size);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, out.length, true);
  out.set(body, 8);
  let at = 8 + body.length;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    out.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(out.length - 4, out.length, true);
  return out;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
