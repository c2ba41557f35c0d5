// Where errors come from, on stack traces as Node writes them.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { Kernel } from '../../kernel/kernel.ts';
import { assert } from '../../kernel/panic.ts';
import { placeOf } from '../../kernel/place.ts';
import { puts } from '../../kernel/stdio.ts';
import { thread_create } from '../../kernel/thread.ts';
import { ROOT } from '../typescript.ts';
import { STACKS, TestBoard, runMain } from './harness.ts';

function place(calls: readonly string[], appFolder?: string): string | null {
  const board = new TestBoard(function* () {
    return 0;
  });
  const kernel = new Kernel({
    platform: board, config: board.kernel.config, stacks: STACKS, modules: new Set(), idleThread: true,
    ...(appFolder === undefined ? {} : { appFolder }),
  });
  const stack = ['TypeError: x', ...calls.map((call) => `    at ${call}`)].join('\n');
  return kernel.run(() => placeOf(Object.assign(new TypeError('x'), { stack })));
}

test('the innermost call of the app is named, not the kernel and the network that it called', (t) => {
  // Frames of the package's own code lie above and below the app's on every stack.
  const calls = [
    `msg_send (file://${ROOT}/kernel/msg.ts:48:5)`,
    `sock_udp_send (${ROOT}/net/sock/udp.ts:9:1)`,
    'helper (/home/u/sims/lib/util.ts:7:3)',
    'main (/home/u/sims/app.ts:20:3)',
    `Kernel.runThread (${ROOT}/kernel/kernel.ts:200:1)`,
  ];
  t.is(place(calls, '/home/u/sims'), 'lib/util.ts:7');
});

test('files are named from the folder of the scenario, or by their last name without one', (t) => {
  // No path of the host is left: the same text wherever the files lie.
  t.is(place(['main (/home/u/sims/app.ts:20:3)'], '/home/u/sims'), 'app.ts:20');
  t.is(place(['main (/home/u/sims/app.ts:20:3)'], '/home/u/sims/'), 'app.ts:20');
  t.is(place(['/home/u/sims/app.ts:20:3'], 'file:///home/u/sims'), 'app.ts:20');
  t.is(place(['main (/home/u/apps/a/app.ts:20:3)'], '/home/u/sims'), '../apps/a/app.ts:20');
  t.is(place(['Object.main [as run] (file:///home/a%20b%20(c)/app.ts:20:3)'], '/home/a b (c)'), 'app.ts:20');
  t.is(place(['main (/home/u/sims/app.ts:20:3)']), 'app.ts:20');
  t.is(place(['main (C:\\Users\\u\\sims\\app.ts:20:3)'], 'C:\\Users\\u\\sims'), 'app.ts:20');
});

test('apps of the package are named from its folder, whatever the scenario is', (t) => {
  // As RIOT names its own examples.
  const call = `main (file://${ROOT}/apps/hello-world/main.ts:9:3)`;
  t.is(place([call]), 'apps/hello-world/main.ts:9');
  t.is(place([call], '/home/u/sims'), 'apps/hello-world/main.ts:9');
});

test('packages and the host\'s own code are not the app\'s; without an app the emulator\'s line is named', (t) => {
  // An error of the emulator itself, in a thread of the network.
  const calls = ['Array.map (<anonymous>)', 'f (node:internal/util:1:2)', `recv (${ROOT}/net/gnrc/udp.ts:5:1)`];
  t.is(place(calls), 'net/gnrc/udp.ts:5');
  calls.push('dep (/home/u/sims/node_modules/dep/index.js:1:1)', 'main (/home/u/sims/app.ts:2:1)');
  t.is(place(calls), 'app.ts:2');
  t.is(place([]), null);
});

test('assert() without a place names the line of the app that called it', (t) => {
  // This file is the app; the thread stops there and main goes on.
  const lines = runMain(function* () {
    yield* thread_create({ length: 1024 }, 1024, 6, 0, function* () {
      assert(1 + 1 === 3);
      puts('never');
    }, null, 'other');
    puts('goes on');
  }).split('\n');
  const source = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const line = source.findIndex((text) => text.includes('assert(1 + 1')) + 1;
  t.is(lines[0], `test/kernel/place.test.ts:${line} => FAILED ASSERTION.`);
  t.is(lines[1], 'goes on');
});
