import test from 'ava';
import { apps } from '../../apps/index.ts';
import { boards } from '../../boards/index.ts';
import { scenario } from '../../emulator/scenario/definition.ts';
import { runScenario } from '../../emulator/scenario/run.ts';
import { seconds } from '../../emulator/scenario/time.ts';
import { Simulation } from '../../emulator/sim/index.ts';
import { RIOT_VERSION } from '../../kernel/riot_version.ts';

const MCU = ['samr21-xpro', 'iotlab-m3', 'nrf52840dk', 'nrf52840dongle', 'openmote-b'];
const NETIF: Readonly<Record<string, string>> = {
  'samr21-xpro': 'at86rf2xx', 'iotlab-m3': 'at86rf2xx', nrf52840dk: 'nrf802154', nrf52840dongle: 'nrf802154',
  'openmote-b': 'cc2538_rf',
};

/** A board that has booted with the app and waits. */
function booted(board: string, app: string): Simulation {
  const simulation = new Simulation({ seed: 7, nodes: { a: { board: boards[board]!, app: apps[app]! } } });
  simulation.runFor(2_000_000);
  return simulation;
}

function threadsOf(simulation: Simulation): string[] {
  const { threads } = simulation.node('a').kernel!;
  return threads.filter((thread) => thread !== null).map(({ pid, name, stackSize }) => `${pid} ${name} ${stackSize}`);
}

for (const board of MCU.filter((name) => name !== 'nrf52840dongle')) {
  test(`${board} has no idle thread: main is 1 and the interface 5, with the stacks of a Cortex-M`, (t) => {
    // RIOT numbers threads by the lowest free pid; thread_config.h: DEFAULT 1024, the app doubles LARGE for main.
    t.deepEqual(threadsOf(booted(board, 'dtls_sock')), [
      '1 main 4096', '2 6lo 960', '3 ipv6 960', '4 udp 448', `5 ${NETIF[board]} 896`,
    ]);
  });
}

test('on nrf52840dongle the thread of its USB console stands before the interface', (t) => {
  // auto_init_priorities.h: AUTO_INIT_PRIO_MOD_USBUS is less than that of GNRC_NETIF; USBUS_PRIO is above all others.
  const simulation = booted('nrf52840dongle', 'dtls_sock');
  t.deepEqual(threadsOf(simulation), [
    '1 main 4096', '2 6lo 960', '3 ipv6 960', '4 udp 448', '5 usbus 1024', '6 nrf802154 896',
  ]);
  t.is(simulation.node('a').kernel!.threads[5]!.priority, 1);
});

test('the first line of an MCU board is that of main(); its name is its own', (t) => {
  // Start-up texts are native's; RIOT_BOARD and RIOT_CPU are what the build system defines.
  for (const name of MCU) {
    const { console } = booted(name, 'hello_world').node('a');
    t.is(console, `main(): This is RIOT! (Version: ${RIOT_VERSION})\nHello World!\n` +
      `You are running RIOT on a(n) ${name} board.\nThis board features a(n) ${boards[name]!.cpu} CPU.\n`);
  }
});

test('reboot prints nothing of its own on an MCU board', (t) => {
  // NVIC_SystemReset() in cpu/cortexm_common; native's text is native's.
  for (const name of MCU) {
    const run = runScenario(scenario({ nodes: { a: { board: name, app: 'default' } } }, (sim) => {
      sim.nodes.a.expect('> ', { within: seconds(1) });
      sim.nodes.a.type('reboot');
      sim.nodes.a.expect('reboot\r\nmain(): This is RIOT!', { within: seconds(1) });
    }));
    t.is(run.error, null, name);
  }
});

test('ps shows a Cortex-M board\'s stacks, and nothing made up about their use', (t) => {
  // No real board's table is at hand: each use is "-", and so is the sum. There is no row of idle.
  const run = runScenario(scenario({ nodes: { a: { board: 'samr21-xpro', app: 'default' } } }, (sim) => {
    sim.nodes.a.expect('> ', { within: seconds(1) });
    sim.nodes.a.type('ps');
    sim.nodes.a.expect('SUM', { within: seconds(1) });
    sim.runFor(seconds(0.1));
  }));
  t.is(run.error, null);
  const { console } = run.simulation.node('a');
  const lines = console.slice(console.indexOf('\tpid')).replace(/0x[0-9a-f]+/g, '0xADDRES').split('\n');
  t.is(lines[1], '\t  - | isr_stack            | -        - |   - |    512 (    -) (    -) |   0xADDRES |   0xADDRES');
  t.is(lines[2], '\t  1 | main                 | running  Q |   7 |   1536 (    -) (    -) |   0xADDRES |          - ');
  t.is(lines[3], '\t    | SUM                  |            |     |   2048 (    -) (    -)');
});

test('ps on native shows what the stack\'s threads use on a real node, and "-" for the app\'s', (t) => {
  // The figures of a native64 node with this app; main runs the app's own code.
  const app = { ...apps['dtls_sock']!, modules: [...apps['dtls_sock']!.modules, 'ps'] };
  const run = runScenario(scenario({ nodes: { a: { board: 'native', app } } }, (sim) => {
    sim.nodes.a.type('ps');
    sim.nodes.a.expect('SUM', { within: seconds(1) });
  }));
  t.is(run.error, null);
  const rows = run.simulation.node('a').console.split('\n').filter((line) => /^\t +\d/.test(line)).map((line) => {
    const [, name, , , stack] = line.split('|').map((cell) => cell.trim());
    return `${name} ${stack!.replaceAll(/ +/g, ' ')}`;
  });
  t.deepEqual(rows, [
    'idle 16384 ( 1328) (15056)', 'main 65536 ( -) ( -)', '6lo 16320 ( 1792) (14528)', 'ipv6 16320 ( 4712) (11608)',
    'udp 8128 ( 1408) ( 6720)', 'socket_zep 16256 ( 4520) (11736)',
  ]);
});

test('what is typed reaches an MCU board at 115200 Bd', (t) => {
  // Ten bits a byte: 87 µs. "help" and its newline take 5 bytes; the echo of the first cannot come before 87 µs.
  for (const name of MCU) {
    const simulation = new Simulation({ seed: 3, nodes: { a: { board: boards[name]!, app: apps['default']! } } });
    simulation.runFor(1_000_000);
    const before = simulation.node('a').console.length;
    simulation.apply({ type: 'type', node: 'a', text: 'help' });
    simulation.runFor(4 * 87);
    t.false(simulation.node('a').console.slice(before).includes('\n'), name);
    simulation.runFor(200_000);
    t.true(simulation.node('a').console.slice(before).includes('Prints information about running threads'), name);
  }
});
