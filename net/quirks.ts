// Quirks: where RIOT departs from an RFC, or from what its users would expect. Profile `riot` (the default) has them, as
// the boards do; profile `rfc` has none. Each can be set on its own by its id.
//
// A quirk that would accept what is not authentic is off in both profiles (`default: 'off'`), and on by its name only.
//
// Code asks `quirk('id')` only where the quirk makes a difference for the packet at hand: the trace then names it.
import { current } from '../kernel/current.ts';
import { trace, tracing } from './events.ts';

/** One departure. */
export interface Quirk {
  /** The part of the stack: '802.15.4', '6lowpan', 'ipv6', 'icmpv6', 'nib', 'udp', 'sock', 'dtls'. */
  readonly layer: string;
  /** What RIOT does, as a sentence. */
  readonly riot: string;
  /** What profile `rfc` does instead, with RFC and section. */
  readonly rfc: string;
  /** Where RIOT's behaviour was seen: a file and function of RIOT, or a capture. */
  readonly seen: string;
  /** 'off': in both profiles off. */
  readonly default?: 'off';
}

export const QUIRKS = {
  // IEEE 802.15.4 and the interface

  // 6LoWPAN

  // IPv6, ICMPv6, UDP
  'icmpv6-error-tail': {
    layer: 'icmpv6',
    riot: 'An error about a received packet quotes 40 bytes more than the packet had; they are what lay in the buffer.',
    rfc: 'The packet is quoted as it came, as far as the minimum MTU allows (RFC 4443 §2.4 c).',
    seen: 'sys/net/gnrc/network_layer/icmpv6/error/gnrc_icmpv6_error.c, _fit; a real node quoted 54 bytes as 94',
  },

  // neighbour information base

  // sock
} as const satisfies Record<string, Quirk>;

export type QuirkId = keyof typeof QUIRKS;

/** What a board does where RIOT has shortcomings: as RIOT, or as the RFCs. */
export type Profile = 'riot' | 'rfc';

export const PROFILES: readonly Profile[] = ['riot', 'rfc'];

/** Whether the running board has a quirk; tells the trace so if it has. */
export function quirk(id: QuirkId): boolean {
  const { quirks } = current();
  const on = quirks === null ? hasByDefault(id) : quirks.has(id);
  if (on && tracing()) trace({ layer: 'quirk', type: 'quirk', id });
  return on;
}

function hasByDefault(id: QuirkId): boolean {
  return (QUIRKS[id] as Quirk).default !== 'off';
}

/**
 * The quirks of a board.
 * @param own  quirks switched on or off by their ids; they come after the profile
 * @returns their ids; null for profile `riot` without exceptions
 * @throws RangeError for an id that there is not; names it and those that there are
 */
export function quirksOf(
  profile: Profile, own: Readonly<Record<string, boolean>> = {},
): ReadonlySet<string> | null {
  const ids = Object.keys(QUIRKS) as QuirkId[];
  const exceptions = Object.entries(own);
  if (profile === 'riot' && exceptions.length === 0) return null;
  const quirks = new Set<string>(profile === 'riot' ? ids.filter(hasByDefault) : []);
  for (const [id, on] of exceptions) {
    if (!(id in QUIRKS)) throw new RangeError(`unknown quirk ${id}; there are: ${ids.join(', ')}`);
    if (on) quirks.add(id);
    else quirks.delete(id);
  }
  return quirks;
}
