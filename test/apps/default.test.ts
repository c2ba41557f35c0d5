import test from 'ava';
import { printed } from './console.ts';

test('default has a shell with the commands of its modules', (t) => {
  // In the order in which a captured native64 node lists them.
  t.is(printed('default', ['help']), 'Welcome to RIOT!\n> help\r\n' +
    'Command              Description\n' +
    '---------------------------------------\n' +
    'pm                   interact with layered PM subsystem\n' +
    'ps                   Prints information about running threads.\n' +
    'version              Prints current RIOT_VERSION\n' +
    'reboot               Reboot the node\n' +
    '> ');
});

test('ps shows the threads idle and main with the stacks of native64', (t) => {
  // Pid, name, state and stack size of each row; the sum is that of the three stacks.
  const rows = printed('default', ['ps']).split('\n').slice(2, -1).map((row) => row.split('|').map((s) => s.trim()));
  t.deepEqual(rows.map(([pid, name, state, prio, stack]) => [pid, name, state, prio, stack!.split(' ', 1)[0]]), [
    ['pid', 'name', 'state    Q', 'pri', 'stack'],
    ['-', 'isr_stack', '-        -', '-', '16384'],
    ['1', 'idle', 'pending  Q', '15', '16384'],
    ['2', 'main', 'running  Q', '7', '20480'],
    ['', 'SUM', '', '', '53248'],
  ]);
});

test('pm off ends the board as it ends a native process', (t) => {
  // No prompt comes any more, which the scenario that waits for it reports with the last line.
  t.throws(() => printed('default', ['pm off']),
    { message: /a is off[^]*\n {2}\| > pm off\n.*\n {2}\| native: exiting$/ });
});
