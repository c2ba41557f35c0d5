// An IPv6 packet layer by layer and in one line: extension headers, ICMPv6, UDP and what UDP carries.
import { describeDtls, looksLikeDtls } from '../../net/wire/dtls-describe.ts';
import { ICMPV6_RTR_ADV } from '../../net/wire/icmpv6.ts';
import type { IphcContext, IphcContexts } from '../../net/wire/iphc.ts';
import {
  formatIpv6, IPV6_EXT_OPT_PAD1, IPV6_EXT_OPT_PADN, IPV6_EXT_OPT_ROUTER_ALERT, IPV6_EXT_OPT_RPL, IPV6_HEADER_LEN,
  isExtensionHeader, parseIpv6, parseIpv6Ext, parseIpv6Frag, parseIpv6Option, PROTNUM_ICMPV6, PROTNUM_IPV6,
  PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_FRAG, PROTNUM_IPV6_EXT_HOPOPT, PROTNUM_IPV6_EXT_RH, PROTNUM_IPV6_NONXT,
  PROTNUM_UDP,
} from '../../net/wire/ipv6.ts';
import { parseIpv6Rh } from '../../net/wire/ipv6_ext.ts';
import { ipv6_addr_is_unspecified } from '../../net/wire/addr.ts';
import { parseNdpOptions } from '../../net/wire/ndp.ts';
import { parseUdpHeader, UDP_HEADER_LEN } from '../../net/wire/udp.ts';
import { describeIcmpv6 } from './dissect-icmpv6.ts';

/** Where the options of a router advertisement begin. */
const RTR_ADV_LEN = 16;
/** Packets in packets that are looked into: a made-up one may have no end. */
const NESTED_MAX = 4;

const OPTION_NAMES: ReadonlyMap<number, string> = new Map([
  [IPV6_EXT_OPT_ROUTER_ALERT, 'router alert'], [IPV6_EXT_OPT_RPL, 'RPL'],
]);

/** The contexts that routers have advertised so far: the last one of each number. */
export class LearnedContexts implements IphcContexts {
  private readonly contexts = new Map<number, IphcContext>();

  /** @param message a router advertisement */
  learn(message: Uint8Array): undefined {
    const options = parseNdpOptions(message, RTR_ADV_LEN);
    if (typeof options === 'string') return;
    for (const option of options) {
      if (option.kind !== '6co' || option.contextLength === 0) continue;
      const { id, prefix, contextLength, compress } = option;
      this.contexts.set(id, { id, prefix: prefix.slice(), prefixLength: contextLength, compress });
    }
  }

  byId(id: number): IphcContext | null {
    return this.contexts.get(id) ?? null;
  }

  /** Nothing is compressed here. */
  byAddress(): null {
    return null;
  }
}

/**
 * Adds the layers of a packet to `layers`.
 * @param contexts learn what routers advertise; null for what is no news, such as the packet that an error quotes
 * @returns the topmost layer in one line
 */
export function describeIpv6(
  packet: Uint8Array, layers: string[], contexts: LearnedContexts | null, depth = 0,
): string {
  const header = parseIpv6(packet);
  if (typeof header === 'string') return last(layers, `malformed IPv6: ${header}`);
  last(layers, formatIpv6(header));
  let protocol = header.nextHeader;
  let at = IPV6_HEADER_LEN;
  const marks: string[] = [];
  while (isExtensionHeader(protocol)) {
    const ext = parseIpv6Ext(packet, at, protocol);
    if (typeof ext === 'string') return last(layers, `malformed ${extensionName(protocol)}: ${ext}`);
    const { text, mark, ends } = describeExtension(packet, at, at + ext.length, protocol);
    last(layers, text);
    if (ends) return text;
    marks.push(mark);
    protocol = ext.nextHeader;
    at += ext.length;
  }
  const fromNone = ipv6_addr_is_unspecified(header.src);
  const summary = upperLayer(packet.subarray(at), protocol, layers, contexts, depth, fromNone);
  return marks.length === 0 ? summary : `${summary} [${marks.join(' ')}]`;
}

function upperLayer(
  body: Uint8Array, protocol: number, layers: string[], contexts: LearnedContexts | null, depth: number,
  fromNone: boolean,
): string {
  switch (protocol) {
    case PROTNUM_ICMPV6:
      if (body[0] === ICMPV6_RTR_ADV) contexts?.learn(body);
      return icmpv6(body, layers, depth, fromNone);
    case PROTNUM_UDP:
      return udp(body, layers, depth);
    case PROTNUM_IPV6:
      if (depth >= NESTED_MAX) return last(layers, 'IPv6 in IPv6 without end');
      return `IPv6 in IPv6: ${describeIpv6(body, layers, null, depth + 1)}`;
    case PROTNUM_IPV6_NONXT:
      return last(layers, `no next header, ${body.length} B`);
    default:
      return last(layers, `protocol ${protocol}, ${body.length} B`);
  }
}

function icmpv6(body: Uint8Array, layers: string[], depth: number, fromNone: boolean): string {
  const { summary, details, quotedAt } = describeIcmpv6(body, fromNone);
  last(layers, summary);
  for (const detail of details) last(layers, detail);
  if (quotedAt === null || body.length <= quotedAt || depth >= NESTED_MAX) return summary;
  // What lies in the error is cut, and happened before.
  return `${summary}: ${describeIpv6(body.subarray(quotedAt), layers, null, NESTED_MAX)}`;
}

function udp(body: Uint8Array, layers: string[], depth: number): string {
  const header = parseUdpHeader(body);
  if (typeof header === 'string') return last(layers, `malformed UDP: ${header}`);
  const payload = body.subarray(UDP_HEADER_LEN);
  // A quoted datagram is not there as a whole.
  const size = depth === NESTED_MAX ? Math.max(0, header.length - UDP_HEADER_LEN) : payload.length;
  const text = last(layers, `UDP ${header.srcPort} > ${header.dstPort}, ${size} B`);
  return depth < NESTED_MAX && looksLikeDtls(payload) ? last(layers, `DTLS ${describeDtls(payload)}`) : text;
}

interface Extension {
  readonly text: string;
  /** How the line of the upper layer names it. */
  readonly mark: string;
  /** Nothing that can be read follows. */
  readonly ends: boolean;
}

function describeExtension(packet: Uint8Array, start: number, end: number, protocol: number): Extension {
  const name = extensionName(protocol);
  switch (protocol) {
    case PROTNUM_IPV6_EXT_HOPOPT:
    case PROTNUM_IPV6_EXT_DST:
      return {
        text: `${name}: ${optionNames(packet, start + 2, end)}`,
        mark: protocol === PROTNUM_IPV6_EXT_HOPOPT ? 'HbH' : 'DstOpt', ends: false,
      };
    case PROTNUM_IPV6_EXT_RH: {
      const rh = parseIpv6Rh(packet, start);
      if (typeof rh === 'string') return { text: `malformed ${name}: ${rh}`, mark: 'RH', ends: true };
      return { text: `${name} type ${rh.type}, ${rh.segmentsLeft} left`, mark: `RH${rh.type}`, ends: false };
    }
    case PROTNUM_IPV6_EXT_FRAG: {
      const frag = parseIpv6Frag(packet, start);
      if (typeof frag === 'string') return { text: `malformed ${name}: ${frag}`, mark: 'Frag', ends: true };
      const { offset, more, identification } = frag;
      const part = `${offset}..${offset + packet.length - end}${more ? '' : ' end'}`;
      return { text: `${name} ${part} id ${identification}`, mark: `Frag ${part}`, ends: offset > 0 };
    }
    default:
      return { text: `${name}, ${end - start} B`, mark: `ext ${protocol}`, ends: false };
  }
}

function extensionName(protocol: number): string {
  switch (protocol) {
    case PROTNUM_IPV6_EXT_HOPOPT: return 'hop-by-hop options';
    case PROTNUM_IPV6_EXT_RH: return 'routing header';
    case PROTNUM_IPV6_EXT_FRAG: return 'IPv6 fragment';
    case PROTNUM_IPV6_EXT_DST: return 'destination options';
    default: return `extension header ${protocol}`;
  }
}

/** The options of a header but for padding: `RPL, 0x8b`. */
function optionNames(packet: Uint8Array, start: number, end: number): string {
  const names: string[] = [];
  for (let at = start; at < end;) {
    const option = parseIpv6Option(packet, at, end);
    if (typeof option === 'string') {
      names.push(`malformed: ${option}`);
      break;
    }
    if (option.type !== IPV6_EXT_OPT_PAD1 && option.type !== IPV6_EXT_OPT_PADN) {
      names.push(OPTION_NAMES.get(option.type) ?? `0x${option.type.toString(16).padStart(2, '0')}`);
    }
    at = option.next;
  }
  return names.length === 0 ? 'padding' : names.join(', ');
}

function last(layers: string[], line: string): string {
  layers.push(line);
  return line;
}
