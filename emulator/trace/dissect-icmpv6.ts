// ICMPv6 messages and neighbour discovery in one line, and the options of neighbour discovery in one line each.
import { ipv6_addr_to_str } from '../../net/wire/addr.ts';
import { get16 } from '../../net/wire/bytes.ts';
import {
  formatIcmpv6, ICMPV6_DAC, ICMPV6_DAR, ICMPV6_DST_UNR, ICMPV6_ECHO_LEN, ICMPV6_NBR_ADV, ICMPV6_NBR_SOL,
  ICMPV6_PARAM_PROB, ICMPV6_PKT_TOO_BIG, ICMPV6_RPL_CTRL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL, ICMPV6_TIME_EXC,
  type Icmpv6ErrorRepr, parseIcmpv6, parseIcmpv6Echo, parseIcmpv6Error,
} from '../../net/wire/icmpv6.ts';
import {
  NDP_NBR_ADV_FLAGS_O, NDP_NBR_ADV_FLAGS_R, NDP_NBR_ADV_FLAGS_S, NDP_OPT_PI_FLAGS_A, NDP_OPT_PI_FLAGS_L,
  NDP_OPT_PI_LTIME_INF, type NdpAroRepr, type NdpOptionRepr, type NdpRepr, ndpLength, parseNdp, parseNdpOptions,
} from '../../net/wire/ndp.ts';
import { hex } from '../../net/wire/bytes.ts';

/** What a message is about. */
export interface Icmpv6Description {
  /** `NA fd00::b ARO success 15 min` */
  readonly summary: string;
  /** One line an option. */
  readonly details: readonly string[];
  /** Where an error's quoted packet begins; null for other messages. */
  readonly quotedAt: number | null;
}

const UNREACHABLE = [
  'no route', 'prohibited', 'beyond scope', 'address unreachable', 'port unreachable', 'source policy',
  'route rejected',
];
const TIMES = ['hop limit exceeded', 'reassembly time exceeded'];
const PARAMETERS = ['header field', 'next header', 'option', 'header chain'];
const ARO_STATUS = ['success', 'duplicate', 'cache full'];
const RPL_CODES: ReadonlyMap<number, string> = new Map([[0, 'DIS'], [1, 'DIO'], [2, 'DAO'], [3, 'DAO-ACK']]);
/** DAR and DAC: status, lifetime, EUI-64 and address behind the header (RFC 6775 §4.4). */
const DAR_LEN = 32;

/**
 * Describes an ICMPv6 message.
 * @param fromNone whether its source is the unspecified address: an NS is for duplicate address detection then
 */
export function describeIcmpv6(body: Uint8Array, fromNone: boolean): Icmpv6Description {
  const ndp = parseNdp(body);
  if (typeof ndp !== 'string') return describeNdp(ndp, body, fromNone);
  const header = parseIcmpv6(body);
  if (typeof header === 'string') return { summary: `malformed ICMPv6: ${header}`, details: [], quotedAt: null };
  const error = parseIcmpv6Error(body);
  if (typeof error !== 'string') {
    return { summary: `ICMPv6 ${describeError(error)}`, details: [], quotedAt: ICMPV6_ECHO_LEN };
  }
  const summary = describeOther(body) ?? formatIcmpv6(header).replace(/^icmpv6/, 'ICMPv6');
  return { summary, details: [], quotedAt: null };
}

function describeError({ type, code, parameter }: Icmpv6ErrorRepr): string {
  switch (type) {
    case ICMPV6_DST_UNR: return UNREACHABLE[code] ?? `unreachable code ${code}`;
    case ICMPV6_PKT_TOO_BIG: return `packet too big, MTU ${parameter}`;
    case ICMPV6_TIME_EXC: return TIMES[code] ?? `time exceeded code ${code}`;
    case ICMPV6_PARAM_PROB:
    default: return `parameter problem, ${PARAMETERS[code] ?? `code ${code}`} at ${parameter}`;
  }
}

/** Echo, RPL and address confirmation; null for other messages, and for cut ones. */
function describeOther(body: Uint8Array): string | null {
  const echo = parseIcmpv6Echo(body);
  if (typeof echo !== 'string') {
    const name = echo.type & 1 ? 'reply' : 'request';
    return `ICMPv6 echo ${name} id ${echo.identifier} seq ${echo.sequence}, ${body.length - ICMPV6_ECHO_LEN} B`;
  }
  const [type, code] = body;
  if (type === ICMPV6_RPL_CTRL) return `RPL ${RPL_CODES.get(code!) ?? `code ${code}`}`;
  if ((type !== ICMPV6_DAR && type !== ICMPV6_DAC) || body.length < DAR_LEN) return null;
  const status = type === ICMPV6_DAC ? ` ${statusName(body[4]!)}` : '';
  const address = ipv6_addr_to_str(body.subarray(16, 32));
  return `${type === ICMPV6_DAR ? 'DAR' : 'DAC'} ${address}${status} ${get16(body, 6)} min`;
}

function describeNdp(ndp: NdpRepr, body: Uint8Array, fromNone: boolean): Icmpv6Description {
  const parsed = parseNdpOptions(body, ndpLength(ndp));
  const options = typeof parsed === 'string' ? [] : parsed;
  const aro = options.find((option) => option.kind === 'aro');
  const wrong = typeof parsed === 'string' ? `, malformed: ${parsed}` : '';
  return {
    summary: `${headline(ndp, aro, options, fromNone)}${wrong}`, details: options.map(formatNdpOption), quotedAt: null,
  };
}

function headline(
  ndp: NdpRepr, aro: NdpAroRepr | undefined, options: readonly NdpOptionRepr[], fromNone: boolean,
): string {
  switch (ndp.type) {
    case ICMPV6_RTR_SOL: return 'RS';
    case ICMPV6_RTR_ADV: {
      const router = ndp.routerLifetime === 0 ? 'no default router' : formatSeconds(ndp.routerLifetime);
      return ['RA', router, ...options.map(inShort).filter((text) => text !== null)].join(' ');
    }
    case ICMPV6_NBR_SOL: {
      const registers = aro === undefined ? '' : aro.lifetime === 0 ? ' ARO deregister' : ` ARO ${aro.lifetime} min`;
      return `NS ${ipv6_addr_to_str(ndp.target)}${fromNone ? ' DAD' : ''}${registers}`;
    }
    case ICMPV6_NBR_ADV: {
      const what = aro === undefined ? naFlags(ndp.flags) : ` ARO ${statusName(aro.status)} ${aro.lifetime} min`;
      return `NA ${ipv6_addr_to_str(ndp.target)}${what}`;
    }
  }
}

/** ` RSO`: router, solicited, override. */
function naFlags(flags: number): string {
  const letters = (flags & NDP_NBR_ADV_FLAGS_R ? 'R' : '') + (flags & NDP_NBR_ADV_FLAGS_S ? 'S' : '') +
    (flags & NDP_NBR_ADV_FLAGS_O ? 'O' : '');
  return letters === '' ? '' : ` ${letters}`;
}

function statusName(status: number): string {
  return ARO_STATUS[status] ?? `status ${status}`;
}

/** What a router advertisement's line has of an option; null for nothing. */
function inShort(option: NdpOptionRepr): string | null {
  switch (option.kind) {
    case 'pio': return prefixText(option.prefix, option.prefixLength);
    case '6co': return `6CO ${option.id}`;
    case 'abro': return 'ABRO';
    case 'rio': return `route ${prefixText(option.prefix, option.prefixLength)}`;
    case 'rdnss': return 'RDNSS';
    default: return null;
  }
}

/** One line for an option: `prefix 2001:db8::/64 LA, valid 1 h, preferred 30 min`. */
function formatNdpOption(option: NdpOptionRepr): string {
  switch (option.kind) {
    case 'sllao': return `source link address ${hex(option.address, ':')}`;
    case 'tllao': return `target link address ${hex(option.address, ':')}`;
    case 'pio': {
      const flags = (option.flags & NDP_OPT_PI_FLAGS_L ? 'L' : '') + (option.flags & NDP_OPT_PI_FLAGS_A ? 'A' : '');
      return `prefix ${prefixText(option.prefix, option.prefixLength)} ${flags}`.trimEnd() +
        `, valid ${formatSeconds(option.validLifetime)}, preferred ${formatSeconds(option.preferredLifetime)}`;
    }
    case 'mtu': return `MTU ${option.mtu}`;
    case 'rio':
      return `route ${prefixText(option.prefix, option.prefixLength)}, ${formatSeconds(option.routeLifetime)}`;
    case 'rdnss':
      return `name servers ${option.servers.map(ipv6_addr_to_str).join(' ')}, ${formatSeconds(option.lifetime)}`;
    case 'aro': return `registration ${hex(option.eui64, ':')} ${statusName(option.status)}, ${option.lifetime} min`;
    case '6co': return `context ${option.id} ${prefixText(option.prefix, option.contextLength)}` +
      `${option.compress ? '' : ' for decompression only'}, ${option.lifetime} min`;
    case 'abro':
      return `border router ${ipv6_addr_to_str(option.address)} version ${option.version}, ${option.lifetime} min`;
    case 'raw': return `option ${option.type}, ${option.data.length + 2} B`;
  }
}

function prefixText(prefix: Uint8Array, length: number): string {
  return `${ipv6_addr_to_str(prefix)}/${length}`;
}

/** `30 min`: in the largest unit of which it is a multiple. */
function formatSeconds(seconds: number): string {
  if (seconds === NDP_OPT_PI_LTIME_INF) return 'for ever';
  for (const [unit, name] of [[86_400, 'd'], [3600, 'h'], [60, 'min']] as const) {
    if (seconds > 0 && seconds % unit === 0) return `${seconds / unit} ${name}`;
  }
  return `${seconds} s`;
}
