// A recording: all that is needed to run a simulation again, as plain data that survives JSON.
import type { Profile } from '../../net/quirks.ts';
import type { JournalEntry } from './op.ts';

/** Goes up whenever the same identity and journal would give another run. */
export const RECORDING_VERSION = 2;

export interface NodeIdentity {
  readonly name: string;
  readonly board: string;
  readonly app: string;
  /** `02:00:00:00:00:00:00:0a` */
  readonly eui64: string;
  /** µs, or null when drawn from the node's stream. */
  readonly bootAt: number | null;
  /** The overrides of this node; those of board and app belong to board and app. */
  readonly config: Readonly<Record<string, number | string>>;
  /** Whether it has the board's radio, and its Ethernet ports with the segments that they are on; '' for none. */
  readonly radio: boolean;
  readonly ports: readonly { readonly wire: string; readonly eui48: string }[];
  /** What it has, the simulation's included. */
  readonly profile: Profile;
  readonly quirks: Readonly<Record<string, boolean>>;
  /** Left out unless what is undefined on RIOT is a panic. */
  readonly strict?: boolean;
}

/** What has to be equal for a replay to make sense. */
export interface Identity {
  readonly version: number;
  readonly seed: number;
  readonly profile: Profile;
  readonly nodes: readonly NodeIdentity[];
}

export interface Recording {
  readonly identity: Identity;
  readonly journal: readonly JournalEntry[];
  /** Where the run stood when it was recorded. */
  readonly end: { readonly sequence: number; readonly time: number };
  readonly digest: string;
  /** What the scenario came to; JSON data of the caller's choice, null if none was given. */
  readonly outcome: unknown;
}

/** A replay that went another way than its recording. */
export class ReplayMismatch extends Error {
  override name = 'ReplayMismatch';
  /** Where they differ: an identity field, the place of an op, or the digest at the end. */
  readonly what: string;
  readonly recorded: string;
  readonly replayed: string;

  constructor(what: string, recorded: string, replayed: string) {
    super(`replay differs in ${what}: recorded ${recorded}, replayed ${replayed}`);
    this.what = what;
    this.recorded = recorded;
    this.replayed = replayed;
  }
}

/** @throws ReplayMismatch that names the first difference of two identities. */
export function compareIdentity(recorded: Identity, replayed: Identity): void {
  // The fields of another version are not known.
  if (recorded.version !== replayed.version) {
    throw new ReplayMismatch('version', String(recorded.version), String(replayed.version));
  }
  const before = flatten(recorded);
  const after = flatten(replayed);
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const a = before.get(key) ?? 'nothing';
    const b = after.get(key) ?? 'nothing';
    if (a !== b) throw new ReplayMismatch(key, a, b);
  }
}

function flatten(identity: Identity): Map<string, string> {
  const flat = new Map<string, string>();
  flat.set('seed', String(identity.seed));
  flat.set('profile', identity.profile);
  flat.set('nodes', identity.nodes.map((node) => node.name).join(' '));
  for (const node of identity.nodes) {
    flat.set(`board of ${node.name}`, node.board);
    flat.set(`app of ${node.name}`, node.app);
    flat.set(`eui64 of ${node.name}`, node.eui64);
    flat.set(`bootAt of ${node.name}`, String(node.bootAt));
    flat.set(`radio of ${node.name}`, String(node.radio));
    flat.set(`wires of ${node.name}`, node.ports.map(({ wire, eui48 }) => `${wire} ${eui48}`).join(', '));
    for (const [name, value] of Object.entries(node.config)) {
      flat.set(`${name} of ${node.name}`, String(value));
    }
    flat.set(`profile of ${node.name}`, node.profile);
    flat.set(`strict of ${node.name}`, String(node.strict ?? false));
    for (const [id, on] of Object.entries(node.quirks)) {
      flat.set(`quirk ${id} of ${node.name}`, on ? 'on' : 'off');
    }
  }
  return flat;
}
