import test from 'ava';
import { app } from '../../apps/ipc_pingpong/main.ts';
import { TestBoard } from '../kernel/harness.ts';
import { printed } from './console.ts';

/** A board on which each look at the clock takes 1 µs. */
class SlowBoard extends TestBoard {
  override now(): number {
    return this.time++;
  }
}

/** What the app prints in `rounds` rounds. */
function rounds(n: number): string {
  let text = 'Starting IPC Ping-pong example...\n1st thread started, pid: 2\n2nd thread started, pid: 3\n';
  for (let i = 0; i < n; i++) text += `2nd: Got msg from 2\n1st: Got msg with content ${i + 2}\n`;
  return text;
}

test('ipc_pingpong sends one message to and fro, and each reply counts one up', (t) => {
  // RIOT's lines in RIOT's order: the better thread speaks first, and twice before main goes on.
  const board = new SlowBoard(app.main);
  for (let i = 0; i < 2000; i++) board.kernel.runSlice();
  t.true(board.printed.length > rounds(300).length);
  t.true(rounds(1000).startsWith(board.printed));
});

test('on native, whose CPU time costs nothing, ipc_pingpong ends in the livelock panic', (t) => {
  // It never sleeps, so that without the panic the simulation would hang at the board's first instant.
  t.throws(() => printed(app),
    { message: /^a: livelock: 1000000 kernel calls at one instant; given up at 0\.000000 s\n/ });
});
