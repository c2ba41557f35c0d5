// What commands of the network print on one board, or on the first of two.
import { type App, runScenario, scenario, seconds } from 'riotbed';
import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { shell_run } from '../../../kernel/shell.ts';

/** Modules of RIOT's example gnrc_networking, without RPL. */
export const NETWORKING: readonly string[] = [
  'netdev_default', 'auto_init_gnrc_netif', 'gnrc_icmpv6_error', 'gnrc_ipv6_router_default', 'gnrc_icmpv6_echo',
  'shell', 'shell_cmds_default', 'shell_cmd_udp_server', 'ps', 'netstats_l2', 'netstats_ipv6',
];

export interface ConsoleOptions {
  readonly board?: string;
  readonly modules?: readonly string[];
  /** Modules besides these. */
  readonly more?: readonly string[];
  readonly config?: Readonly<Record<string, number>>;
  /** Lines for a second board, typed after each line of the first. */
  readonly peer?: readonly string[];
  /** µs before the first line, 1 s when left out. */
  readonly start?: number;
}

/** An app that is a shell. */
export function shellApp(modules: readonly string[], config: Readonly<Record<string, number>> = {}): App {
  return {
    name: 'shell', modules, config, ram: 128,
    main: function* () {
      msg_init_queue(msg_queue_array(8), 8);
      return yield* shell_run(null, new Uint8Array(128), 128);
    },
  };
}

/** What the first board prints for each of the lines, without echo, prompt and carriage returns. */
export function answers(lines: readonly string[], options: ConsoleOptions = {}): string[] {
  const { board = 'native', modules = NETWORKING, more = [], config, peer, start = seconds(1) } = options;
  const app = shellApp([...modules, ...more], config);
  const spec = (last: string) => ({ board, app, eui64: `02:00:00:00:00:00:00:${last}`, bootAt: 0 });
  const printed: string[] = [];
  const { error } = runScenario(scenario({ nodes: { a: spec('0a'), b: spec('0b') } }, (sim) => {
    sim.runUntil(start);
    for (const [i, line] of lines.entries()) {
      const before = sim.nodes.a.output.length;
      sim.nodes.a.type(line);
      sim.runFor(200_000);
      printed.push(sim.nodes.a.output.slice(before).replaceAll('\r', '').replace(/^[^\n]*\n/, '').replace(/> $/, ''));
      if (peer?.[i] !== undefined) sim.nodes.b.type(peer[i]);
      sim.runFor(100_000);
    }
  }));
  if (error !== null) throw error;
  return printed;
}

/** The only answer. */
export function answer(line: string, options: ConsoleOptions = {}): string {
  return answers([line], options)[0]!;
}
