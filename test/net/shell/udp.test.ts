// The command `udp`, in both its forms, against the consoles of real boards.
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type App, runScenario, scenario, seconds } from 'riotbed';
import type { Blocking } from '../../../kernel/blocking.ts';
import { msg_init_queue, msg_queue_array } from '../../../kernel/msg.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../../kernel/shell.ts';

const CONSOLES = new URL('../../vectors/riot-consoles/', import.meta.url);
const MODULES = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'gnrc_icmpv6_echo', 'shell',
  'shell_cmds_default', 'ps'];
/** Commands whose place in `help` is looked at here. */
const OWN = /^(udp|pm|ps|version|reboot) /;

function app(...modules: string[]): App {
  return {
    name: 'udpcmd',
    modules: [...MODULES, ...modules],
    *main(): Blocking<number> {
      msg_init_queue(msg_queue_array(8), 8);
      return yield* shell_run(null, new Uint8Array(SHELL_DEFAULT_BUFSIZE), SHELL_DEFAULT_BUFSIZE);
    },
  };
}

/** The console of a board fe80::a from its boot message on, each line typed when the one before is done. */
function consoleOf(board: App, typed: readonly string[], profile: 'riot' | 'rfc' = 'riot'): string {
  const definition = scenario({
    nodes: { a: { board: 'native', app: board, bootAt: 0, eui64: '02:00:00:00:00:00:00:0a', profile } },
  }, (sim) => {
    sim.runFor(seconds(1));
    for (const line of typed) {
      sim.nodes.a.type(line);
      sim.nodes.a.expect(/\r\n[^]*> $/);
      sim.runFor(seconds(0.4));
    }
  });
  const { simulation, error } = runScenario(definition);
  if (error !== null) throw error;
  return simulation.node('a').console.replaceAll('\r', '').replace(/^[^]*?main\(\): /, 'main(): ');
}

/** Lines without what no two runs share: random ports, addresses and use of stacks; of `help` only OWN commands. */
function comparable(text: string): string[] {
  const lines: string[] = [];
  let help = false;
  for (const line of text.replace(/> \n*(native: exiting\n)?$/, '').split('\n')) {
    if (line.startsWith('> ')) help = line === '> help';
    if (help && /^[a-z0-9]+ {2,}/.test(line) && !OWN.test(line)) continue;
    lines.push(line.replace(/^(Received UDP data from .*:)\d+$/, '$1PORT')
      .replace(/\( *-?\d*\) \( *-?\d*\)/, '(USED) (FREE)')
      .replace(/0x[0-9a-f]{6} *\| +(0x[0-9a-f]{6}|-) ?$/, 'ADDRESS'));
  }
  return lines;
}

/** Types what was typed at a real board, and compares all it printed. */
function expectRecorded(t: ExecutionContext, name: string, ...modules: string[]): void {
  const file = readFileSync(new URL(`${name}.txt`, CONSOLES), 'utf8').replaceAll('\r', '');
  const recorded = file.replace(/^[^]*?main\(\): /, 'main(): ');
  const typed = [...recorded.matchAll(/^> (.+)$/gm)].map(([, line]) => line!);
  t.true(typed.length > 30);
  t.deepEqual(comparable(consoleOf(app(...modules), typed)), comparable(recorded));
}

test('udp over socks: usage, errors, server, text, hexadecimal, repetitions, itself, as on a real board', (t) => {
  // 33 lines typed at native64 with shell_cmd_udp_server: every line that it printed, but for what is random.
  expectRecorded(t, 'udp_cmd', 'shell_cmd_udp_server');
});

test('udp of GNRC: usage, errors, and what pktdump prints of each packet, checksums too, as on a real board', (t) => {
  // 36 lines typed at native64 with shell_cmd_gnrc_udp: every line that it printed.
  expectRecorded(t, 'gnrc_udp_cmd', 'shell_cmd_gnrc_udp');
});

test('udp server is refused in an image without module shell_cmd_udp_server', (t) => {
  // Recorded on native64 with sock_udp and shell_cmds_default only, which bring the command.
  const refused = 'Error: server command not supported in this build. Add shell_cmd_udp_server to USEMODULE.\n';
  const text = consoleOf(app('sock_udp'), ['udp server start 5', 'udp server', 'udp send [::1]:5 x']);
  t.true(text.endsWith(`> udp server start 5\n${refused}> udp server\n${refused}` +
    '> udp send [::1]:5 x\nSuccess: sent 1 byte over UDP to [::1]:5\n> '));
});

test('udp send without data is undefined on RIOT, and nothing here', (t) => {
  // sys/shell/cmds/udp.c takes three words for enough and then measures a NULL string: a real board crashes.
  const text = consoleOf(app('sock_udp'), ['udp send [::1]:5', 'udp send -b', 'udp send -b [::1]:5', 'udp send x']);
  t.is([...text.matchAll(/undefined on RIOT: udp send/g)].length, 3);
  t.true(text.endsWith('> udp send x\nError: unable to parse destination address\n> '));
});
