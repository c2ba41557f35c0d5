// Profiles and quirks as host code gives them: checked, and a node's put together with its simulation's.
import { PROFILES, type Profile, QUIRKS } from '../../net/quirks.ts';
import { unknownName } from '../scenario/nearest.ts';

export interface QuirkOptions {
  /** How the stack behaves where RIOT has shortcomings: 'riot', the default, as RIOT; 'rfc' as the RFCs. */
  readonly profile?: Profile;
  /** Quirks switched on or off by their ids (`riotbed quirks` lists them); they come after the profile. */
  readonly quirks?: Readonly<Record<string, boolean>>;
  /** Whether a board panics at what is undefined on RIOT; false: it says so and goes on. */
  readonly strict?: boolean;
}

/** All that decides which quirks a node has, and how strict it is. */
export interface NodeQuirks {
  readonly profile: Profile;
  readonly quirks: Readonly<Record<string, boolean>>;
  /** Left out when it is not. */
  readonly strict?: true;
}

/**
 * Checks a profile and quirks.
 * @throws RangeError for a profile or id that there is not, with the nearest one; TypeError for a value that is neither
 *   true nor false
 */
export function checkQuirks({ profile, quirks, strict }: QuirkOptions): undefined {
  if (strict !== undefined && typeof strict !== 'boolean') {
    throw new TypeError(`strict: ${String(strict)} is neither true nor false`);
  }
  if (profile !== undefined && !PROFILES.includes(profile)) {
    throw new RangeError(unknownName('profile', String(profile), PROFILES));
  }
  if (quirks === undefined) return;
  if (typeof quirks !== 'object' || quirks === null || Array.isArray(quirks)) {
    throw new TypeError(`quirks: ${String(quirks)} is not { id: true or false }`);
  }
  for (const [id, on] of Object.entries(quirks)) {
    checkQuirk(id);
    if (typeof on !== 'boolean') throw new TypeError(`quirk '${id}': ${String(on)} is neither true nor false`);
  }
}

/** @throws RangeError for an id that there is not, with the nearest one, or those that it is a part of */
export function checkQuirk(id: string): undefined {
  if (Object.hasOwn(QUIRKS, id)) return;
  const ids = Object.keys(QUIRKS);
  const alike = id === '' ? [] : ids.filter((known) => known.includes(id));
  throw new RangeError(unknownName('quirk', id, alike.length > 0 ? alike : ids));
}

/** What a node has: its own profile or else the simulation's; the simulation's quirks, and then its own. */
export function nodeQuirks(simulation: QuirkOptions, node: QuirkOptions): NodeQuirks {
  return {
    profile: node.profile ?? simulation.profile ?? 'riot',
    quirks: { ...simulation.quirks, ...node.quirks },
    ...(node.strict ?? simulation.strict ?? false ? { strict: true as const } : {}),
  };
}
