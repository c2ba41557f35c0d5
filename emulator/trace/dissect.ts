// What a frame carries, layer by layer and in one line: for the ladder, comments of captures and other views.
import { looksLikeDtls, describeDtls } from '../../net/wire/dtls-describe.ts';
import { formatFrag, parseFrag, type FragRepr } from '../../net/wire/frag.ts';
import { formatIcmpv6, parseIcmpv6 } from '../../net/wire/icmpv6.ts';
import {
  formatIeee802154, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_DATA, parseIeee802154, type Ieee802154Repr,
} from '../../net/wire/ieee802154.ts';
import { formatIpv6, IPV6_HEADER_LEN, parseIpv6, PROTNUM_ICMPV6, PROTNUM_UDP } from '../../net/wire/ipv6.ts';
import { hex } from '../../net/wire/bytes.ts';
import { formatNdp, parseNdp } from '../../net/wire/ndp.ts';
import { decompress, dispatchOf } from '../../net/wire/sixlowpan.ts';
import { parseUdpHeader, UDP_HEADER_LEN } from '../../net/wire/udp.ts';

export type FrameKind = 'data' | 'ack' | 'other' | 'malformed';

export interface Dissection {
  readonly kind: FrameKind;
  /** The MAC header; null if malformed. */
  readonly mac: Ieee802154Repr | null;
  /** One line a layer, from the MAC header up. */
  readonly layers: readonly string[];
  /** The topmost layer in one line. */
  readonly summary: string;
  /** The header of a 6LoWPAN fragment; null for a whole datagram. */
  readonly fragment: FragRepr | null;
}

/** Fragments of which a dissector keeps the first one's summary: more than a node can have under way. */
const FIRST_FRAGMENTS_MAX = 64;

/** Dissects the frames of one capture. It remembers first fragments: the others say what they are part of. */
export class Dissector {
  private readonly firsts = new Map<string, string>();

  /** @param psdu the frame with its FCS, which is not checked */
  dissect(psdu: Uint8Array): Dissection {
    const mpdu = psdu.subarray(0, Math.max(0, psdu.length - 2));
    const mac = parseIeee802154(mpdu);
    if (typeof mac === 'string') return alone('malformed', null, `malformed frame: ${mac}`);
    if (mac.frameType === IEEE802154_FCF_TYPE_ACK) return alone('ack', mac, `ACK ${mac.seq}`);
    if (mac.frameType !== IEEE802154_FCF_TYPE_DATA) return alone('other', mac, formatIeee802154(mac));
    const payload = mpdu.subarray(mac.headerLength);
    const layers = [formatIeee802154(mac)];
    const fragment = this.lowpan(payload, mac, layers);
    return { kind: 'data', mac, layers, summary: layers.at(-1)!, fragment };
  }

  /** Adds the layers above the MAC header; returns the fragment header if there is one. */
  private lowpan(payload: Uint8Array, mac: Ieee802154Repr, layers: string[]): FragRepr | null {
    if (payload.length === 0) {
      layers.push('empty frame');
      return null;
    }
    switch (dispatchOf(payload[0]!)) {
      case 'frag1':
      case 'fragn':
        return this.fragment(payload, mac, layers);
      case 'iphc':
        compressed(payload, 0, mac, layers);
        return null;
      case 'ipv6':
        ipv6(payload.subarray(1), layers);
        return null;
      default:
        layers.push(`not 6LoWPAN: dispatch ${hex(payload.subarray(0, 1))}, ${payload.length} bytes`);
        return null;
    }
  }

  private fragment(payload: Uint8Array, mac: Ieee802154Repr, layers: string[]): FragRepr | null {
    const header = parseFrag(payload);
    if (typeof header === 'string') {
      layers.push(`malformed fragment: ${header}`);
      return null;
    }
    layers.push(formatFrag(header));
    const key = `${hex(mac.src)} ${hex(mac.dst)} ${header.datagramTag}`;
    if (header.first) {
      const inner: string[] = [];
      // The rest of the datagram counts as zeros: enough to read the headers, which are all in the first fragment.
      const end = compressed(payload.subarray(header.headerLength), header.datagramSize, mac, inner);
      const top = inner.at(-1)!;
      layers.push(...inner, `${top}, part 0..${end}/${header.datagramSize}`);
      // Numbers of message and record stand at the first part only.
      this.remember(key, top.replace(/ (msg|seq|ep)\d.*$/, ''));
      return header;
    }
    const end = header.offset + payload.length - header.headerLength;
    const whole = this.firsts.get(key) ?? 'datagram without its first part';
    layers.push(`${whole}, part ${header.offset}..${end}/${header.datagramSize}`);
    return header;
  }

  private remember(key: string, summary: string): undefined {
    this.firsts.delete(key);
    this.firsts.set(key, summary);
    if (this.firsts.size > FIRST_FRAGMENTS_MAX) this.firsts.delete(this.firsts.keys().next().value!);
  }
}

function alone(kind: FrameKind, mac: Ieee802154Repr | null, summary: string): Dissection {
  return { kind, mac, layers: [summary], summary, fragment: null };
}

/** Adds the layers of a datagram with compressed headers; returns how many of its `size` bytes there are. */
function compressed(bytes: Uint8Array, size: number, mac: Ieee802154Repr, layers: string[]): number {
  const packet = decompress(bytes, mac.src, mac.dst, null);
  if (typeof packet === 'string') {
    layers.push(`malformed IPHC: ${packet}`);
    return 0;
  }
  const whole = new Uint8Array(Math.max(size, packet.length));
  whole.set(packet);
  ipv6(whole, layers);
  return packet.length;
}

function ipv6(packet: Uint8Array, layers: string[]): undefined {
  const header = parseIpv6(packet);
  if (typeof header === 'string') return void layers.push(`malformed IPv6: ${header}`);
  layers.push(formatIpv6(header));
  const body = packet.subarray(IPV6_HEADER_LEN);
  if (header.nextHeader === PROTNUM_ICMPV6) icmpv6(body, layers);
  if (header.nextHeader === PROTNUM_UDP) udp(body, layers);
}

function icmpv6(body: Uint8Array, layers: string[]): undefined {
  const ndp = parseNdp(body);
  if (typeof ndp !== 'string') return void layers.push(`ICMPv6 ${formatNdp(ndp)}`);
  const header = parseIcmpv6(body);
  if (typeof header === 'string') return void layers.push(`malformed ICMPv6: ${header}`);
  layers.push(formatIcmpv6(header).replace(/^icmpv6/, 'ICMPv6'));
}

function udp(body: Uint8Array, layers: string[]): undefined {
  const header = parseUdpHeader(body);
  if (typeof header === 'string') return void layers.push(`malformed UDP: ${header}`);
  const payload = body.subarray(UDP_HEADER_LEN);
  layers.push(`UDP ${header.srcPort} > ${header.dstPort}, ${payload.length} B`);
  if (looksLikeDtls(payload)) layers.push(`DTLS ${describeDtls(payload)}`);
}
