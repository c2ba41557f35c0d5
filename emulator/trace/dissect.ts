// What a frame carries, layer by layer and in one line: for the ladder, comments of captures and other views.
import {
  ETHERNET_HDR_LEN, ETHERTYPE_IPV6, type EthernetRepr, formatEthernet, parseEthernet,
} from '../../net/wire/ethernet.ts';
import { formatFrag, parseFrag, type FragRepr } from '../../net/wire/frag.ts';
import {
  formatIeee802154, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_DATA, parseIeee802154, type Ieee802154Repr,
} from '../../net/wire/ieee802154.ts';
import { hex } from '../../net/wire/bytes.ts';
import { decompress, dispatchOf } from '../../net/wire/sixlowpan.ts';
import { LearnedContexts, describeIpv6 } from './dissect-ipv6.ts';

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

/** What is above the MAC header. */
type Payload = Pick<Dissection, 'summary' | 'fragment'>;

/** Fragments of which a dissector keeps the first one's summary: more than a node can have under way. */
const FIRST_FRAGMENTS_MAX = 64;

/** What is known of a datagram since its first fragment. */
interface FirstFragment {
  readonly summary: string;
  /** Its bytes as far as they have come. */
  readonly whole: Uint8Array;
  missing: number;
}

/** An Ethernet frame; `header` is null if it is malformed. */
export interface EthernetDissection {
  readonly header: EthernetRepr | null;
  /** One line a layer, from the Ethernet header up. */
  readonly layers: readonly string[];
  /** The topmost layer in one line. */
  readonly summary: string;
}

/**
 * Dissects the frames of one capture. It remembers first fragments, of which the others say that they are part of, and
 * the compression contexts that routers advertise.
 */
export class Dissector {
  private readonly firsts = new Map<string, FirstFragment>();
  private readonly contexts = new LearnedContexts();

  /** @param psdu the frame with its FCS, which is not checked */
  dissect(psdu: Uint8Array): Dissection {
    const mpdu = psdu.subarray(0, Math.max(0, psdu.length - 2));
    const mac = parseIeee802154(mpdu);
    if (typeof mac === 'string') return alone('malformed', null, `malformed frame: ${mac}`);
    if (mac.frameType === IEEE802154_FCF_TYPE_ACK) return alone('ack', mac, `ACK ${mac.seq}`);
    if (mac.frameType !== IEEE802154_FCF_TYPE_DATA) return alone('other', mac, formatIeee802154(mac));
    const payload = mpdu.subarray(mac.headerLength);
    const layers = [formatIeee802154(mac)];
    return { kind: 'data', mac, layers, ...this.lowpan(payload, mac, layers) };
  }

  /** @param frame without FCS */
  dissectEthernet(frame: Uint8Array): EthernetDissection {
    const header = parseEthernet(frame);
    if (typeof header === 'string') {
      const summary = `malformed frame: ${header}`;
      return { header: null, layers: [summary], summary };
    }
    const layers = [formatEthernet(header)];
    if (header.type !== ETHERTYPE_IPV6) return { header, layers, summary: layers[0]! };
    return { header, layers, summary: describeIpv6(frame.subarray(ETHERNET_HDR_LEN), layers, null) };
  }

  /** Adds the layers above the MAC header. */
  private lowpan(payload: Uint8Array, mac: Ieee802154Repr, layers: string[]): Payload {
    if (payload.length === 0) return only(layers, 'empty frame');
    switch (dispatchOf(payload[0]!)) {
      case 'frag1':
      case 'fragn':
        return this.fragment(payload, mac, layers);
      case 'iphc':
      case 'ipv6':
        return { summary: datagram(payload, 0, mac, layers, this.contexts).summary, fragment: null };
      default:
        return only(layers, `not 6LoWPAN: dispatch ${hex(payload.subarray(0, 1))}, ${payload.length} bytes`);
    }
  }

  private fragment(payload: Uint8Array, mac: Ieee802154Repr, layers: string[]): Payload {
    const header = parseFrag(payload);
    if (typeof header === 'string') return only(layers, `malformed fragment: ${header}`);
    layers.push(formatFrag(header));
    const key = `${hex(mac.src)} ${hex(mac.dst)} ${header.datagramTag}`;
    const part = (whole: string, start: number, end: number): Payload => {
      const summary = `${whole}, part ${start}..${end}/${header.datagramSize}`;
      layers.push(summary);
      return { summary, fragment: header };
    };
    if (!header.first) {
      const end = header.offset + payload.length - header.headerLength;
      const first = this.firsts.get(key);
      if (first !== undefined) this.gather(first, payload.subarray(header.headerLength), header.offset);
      return part(first?.summary ?? 'datagram without its first part', header.offset, end);
    }
    // The rest of the datagram counts as zeros: enough to read the headers, which are all in the first fragment.
    const rest = payload.subarray(header.headerLength);
    const { summary: all, whole, end } = datagram(rest, header.datagramSize, mac, layers, this.contexts);
    const summary = all.replace(/, malformed: option-length-zero$/, '');
    // Numbers of message and record stand at the first part only.
    this.remember(key, { summary: summary.replace(/ (msg|seq|ep)\d.*$/, ''), whole, missing: whole.length - end });
    return part(summary, 0, end);
  }

  /** A router advertisement may have its contexts in its last part: what is whole is read again. */
  private gather(first: FirstFragment, bytes: Uint8Array, offset: number): undefined {
    if (first.missing <= 0 || offset + bytes.length > first.whole.length) return;
    first.whole.set(bytes, offset);
    first.missing -= bytes.length;
    if (first.missing <= 0) describeIpv6(first.whole, [], this.contexts);
  }

  private remember(key: string, first: FirstFragment): undefined {
    this.firsts.delete(key);
    this.firsts.set(key, first);
    if (this.firsts.size > FIRST_FRAGMENTS_MAX) this.firsts.delete(this.firsts.keys().next().value!);
  }
}

function alone(kind: FrameKind, mac: Ieee802154Repr | null, summary: string): Dissection {
  return { kind, mac, layers: [summary], summary, fragment: null };
}

function only(layers: string[], summary: string): Payload {
  layers.push(summary);
  return { summary, fragment: null };
}

/** Adds the layers of a datagram, compressed or not; `end` is how many of its `size` bytes there are. */
function datagram(
  bytes: Uint8Array, size: number, mac: Ieee802154Repr, layers: string[], contexts: LearnedContexts,
): { summary: string; whole: Uint8Array; end: number } {
  const plain = bytes.length > 0 && dispatchOf(bytes[0]!) === 'ipv6';
  const packet = plain ? bytes.subarray(1) : decompress(bytes, mac.src, mac.dst, contexts);
  if (typeof packet === 'string') {
    return { summary: only(layers, `malformed IPHC: ${packet}`).summary, whole: new Uint8Array(0), end: 0 };
  }
  const whole = new Uint8Array(Math.max(size, packet.length));
  whole.set(packet);
  return { summary: describeIpv6(whole, layers, contexts), whole, end: packet.length };
}
