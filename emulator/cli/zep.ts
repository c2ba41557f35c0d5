// `riotbed zep`: a dispatcher for RIOT native processes with socket_zep, in place of zep_dispatch. With a scenario its
// boards are on the same air.
import { readFileSync } from 'node:fs';
import { type Endpoint, isLoopback, parseEndpoint } from '../bridge/endpoint.ts';
import { type Topology, parseTopology } from '../bridge/topology.ts';
import { live } from './live.ts';
import { portRules } from './ports.ts';
import { quirkOptions } from './quirks.ts';
import { UsageError, usage } from './usage.ts';

export interface ZepFlags {
  readonly port: string;
  readonly listen: string;
  readonly allowRemote?: boolean;
  readonly topology?: string;
  readonly flood?: boolean;
  readonly udp?: readonly string[];
  readonly pcap?: string;
  readonly journal?: string;
  readonly seed: number;
  readonly profile?: string;
  readonly quirk?: Readonly<Record<string, boolean>>;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/**
 * Dispatches until a signal ends it.
 * @param scenario the file of a scenario whose boards share the air; none without
 * @returns the exit code
 * @throws UsageError for what the user has to mend before it can run
 */
export async function zep(scenario: string | undefined, flags: ZepFlags): Promise<number> {
  const udp = portRules(flags.udp, flags.allowRemote === true);
  if (udp.length > 0 && scenario === undefined) {
    throw new UsageError('--udp is for a board: name a scenario, or see riotbed node --help');
  }
  const { pcap, journal } = flags;
  return await live({
    seed: flags.seed, scenario: scenario ?? null, zep: localOf(flags), udp,
    topology: flags.topology === undefined ? null : readTopology(flags.topology),
    flood: flags.flood === true, quiet: flags.quiet === true, debug: flags.debug === true, ...quirkOptions(flags),
    ...(pcap === undefined ? {} : { pcap }), ...(journal === undefined ? {} : { journal }),
  });
}

function localOf({ port, listen, allowRemote }: ZepFlags): Endpoint {
  const local = usage(() => {
    const number = parseEndpoint('--port', port, { zero: true }).port;
    const host = listen.includes(':') && !listen.startsWith('[') ? `[${listen}]` : listen;
    return parseEndpoint('--listen', `${host}:${number}`, { zero: true });
  });
  if (!isLoopback(local) && allowRemote !== true) {
    throw new UsageError(
      `--listen ${local.address} lets other hosts onto the air; add --allow-remote if you want that`);
  }
  return local;
}

function readTopology(file: string): Topology {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read topology ${file}: ${(error as Error).message}`, { cause: error });
  }
  return usage(() => parseTopology(text, file));
}
