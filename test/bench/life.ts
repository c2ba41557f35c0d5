// Lives of boards and the cost of charging CPU time: bodies for a driver.
import { apps } from '../../apps/index.ts';
import { native } from '../../boards/native.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { TestBoard } from '../kernel/harness.ts';

/** Reboots a board with the whole network stack `n` times; each life gets as far as the shell. Returns its boots. */
export function reboots(n: number): number {
  const sim = new Simulation({ seed: 1, nodes: { a: { board: native, app: apps.dtls_sock, bootAt: 0 } } });
  const [node] = sim.nodes;
  let boots = 0;
  while (boots < n) {
    sim.runFor(100);
    if (node!.console.includes('> ')) boots++;
    node!.console = '';
    sim.apply({ type: 'reboot', node: 'a' });
  }
  return boots;
}

/** `n` charges of a microsecond each. Returns the virtual time that passed. */
export function charges(n: number): number {
  const board = new TestBoard(function* () {
    for (let i = 0; i < n; i++) yield* cpu_spend(1);
  }).run();
  return board.time;
}
