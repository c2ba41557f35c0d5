import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { perBoard } from '../../../kernel/current.ts';
import { KernelPanic, assert, core_panic } from '../../../kernel/panic.ts';
import { pm_off, pm_reboot } from '../../../kernel/periph/pm.ts';
import { puts } from '../../../kernel/stdio.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { app, collect, shellApp, simulate, ticker } from './apps.ts';

const BANNER = `RIOT native interrupts/signals initialized.
TZ not set, setting UTC
RIOT native64 board initialized.
RIOT native hardware initialization complete.

main(): This is RIOT! (Version: `;

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Runs `main` after 1 ms beside a ticker, for 100 ms. */
function beside(then: () => void) {
  const sim = simulate({ bad: app(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    then();
    return 0;
  }), good: ticker });
  const records = collect(sim);
  sim.runUntil(100_000);
  const lives = records.filter((r) => r.event.layer === 'sim' && r.node === 'bad')
    .map((r) => [r.time, r.event.type === 'power' && r.event.what]);
  return { sim, bad: sim.node('bad'), good: sim.node('good'), lives };
}

test('a board starts with the text that a real native board starts with', (t) => {
  // The text is that of a captured console of RIOT's dtls-sock example, up to the version number.
  const sim = simulate({ a: ticker });
  sim.runUntil(0);
  t.true(sim.node('a').console.startsWith(BANNER));
});

test('a panic halts its board and no other, and leaves nothing of it in the queue', (t) => {
  // The good board's ticks go on after the panic at 1 ms; its own alarm must be the only event left.
  const { sim, bad, good, lives } = beside(() => core_panic('TEST'));
  t.deepEqual(lives, [[0, 'boot'], [1000, 'crash']]);
  t.is(bad.state, 'crashed');
  t.true(bad.console.endsWith('*** RIOT kernel panic:\nTEST\n\n*** halted.\n\n'));
  t.true(bad.failure instanceof KernelPanic);
  t.is(bad.kernel, null);
  t.is(count(good.console, 'tick'), 11);
  t.is(sim.nextAt(), 110_000);
  t.is(good.engine.queue.size, 1);
});

test('an error that an app throws crashes its board only, and is kept for who wants to see it', (t) => {
  // The TypeError is the app's, so the simulation must go on; its stack is what a developer needs.
  const { bad, good } = beside(() => {
    throw new TypeError('x is undefined');
  });
  t.is(bad.state, 'crashed');
  t.true(bad.failure instanceof TypeError);
  t.is(count(good.console, 'tick'), 11);
});

test('an app whose main() is no generator function crashes its board and is told so', (t) => {
  // JavaScript has no types that would refuse it.
  const sim = simulate({ bad: app(() => 0 as unknown as Blocking<number>), good: ticker });
  sim.runUntil(100_000);
  t.true(sim.node('bad').console.endsWith(
    '*** RIOT kernel panic:\nmain() of test is not a generator function (function* main)\n\n*** halted.\n\n'));
  t.is(count(sim.node('good').console, 'tick'), 11);
});

test('a failed assertion stops a thread, not its board', (t) => {
  // As on RIOT: only a panic halts the board.
  const { bad, lives } = beside(() => assert(false, 'main.c:7'));
  t.is(bad.state, 'on');
  t.true(bad.console.endsWith('main.c:7 => FAILED ASSERTION.\n'));
  t.is(lives.length, 1);
});

test('a board that switches itself off says so and stays off', (t) => {
  // The text is native's; no ticker runs on it, so any later output would be a leak.
  const { bad, lives } = beside(() => pm_off());
  t.deepEqual(lives, [[0, 'boot'], [1000, 'off']]);
  t.true(bad.console.endsWith('\nnative: exiting\n'));
  t.is(bad.state, 'off');
});

test('a board that reboots itself starts over with new RAM and the same console', (t) => {
  // It reboots every millisecond, so its statics are new each time: a kept counter would stop it.
  const counter = perBoard(() => ({ boots: 0 }), { bytes: 4 });
  const { bad, lives } = beside(() => {
    puts(`boots: ${++counter().boots}`);
    pm_reboot();
  });
  t.is(count(bad.console, 'boots: 1\n\n\n\t\t!! REBOOT !!\n\n' + BANNER), 100);
  t.is(count(bad.console, 'boots: 2'), 0);
  t.deepEqual(lives.slice(0, 3), [[0, 'boot'], [1000, 'reboot'], [1000, 'boot']]);
});

test('random numbers go on after a reboot instead of repeating', (t) => {
  // A board with a source of entropy never draws the same keys twice.
  const sim = simulate({ a: ticker });
  sim.runUntil(0);
  sim.apply({ type: 'reboot', node: 'a' });
  sim.runUntil(0);
  const drawn = [...sim.node('a').console.matchAll(/tick (\d+)/g)].map((m) => m[1]);
  t.is(drawn.length, 2);
  t.not(drawn[0], drawn[1]);
});

test('without power a board does nothing; with power again it boots at once', (t) => {
  // The ticker would print every 10 ms; its clock begins anew at the boot.
  const sim = simulate({ a: ticker, b: ticker });
  sim.runUntil(25_000);
  sim.apply({ type: 'power', node: 'a', on: false });
  const silent = sim.node('a').console;
  t.is(sim.node('a').state, 'off');
  sim.runUntil(55_000);
  t.is(sim.node('a').console, silent);
  sim.apply({ type: 'power', node: 'a', on: true });
  sim.runUntil(66_000);
  t.is(sim.node('a').state, 'on');
  t.regex(sim.node('a').console.slice(silent.length), /tick \d+ at 0\ntick \d+ at 10000\n$/);
  t.is(count(sim.node('b').console, 'tick'), 7);
});

test('power off before the first boot keeps a board off', (t) => {
  // Its boot event must go with it; settled must not wait for it for ever.
  const sim = simulate({ a: ticker, b: ticker }, 1, { bootAt: 1000 });
  sim.apply({ type: 'power', node: 'a', on: false });
  sim.runUntil(50_000);
  t.is(sim.node('a').console, '');
  t.true(sim.settled);
  sim.apply({ type: 'reboot', node: 'a' });
  sim.runUntil(60_000);
  t.is(sim.node('a').console, '');
});

test('power and reset boot a crashed board again', (t) => {
  // Both ways out of a crash; the other way round, power that is on already changes nothing.
  const sim = simulate({ a: app(function* () {
    puts('up');
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
    core_panic('TEST');
  }) });
  sim.runUntil(5000);
  t.is(sim.node('a').state, 'crashed');
  sim.apply({ type: 'reboot', node: 'a' });
  sim.runUntil(10_000);
  sim.apply({ type: 'power', node: 'a', on: true });
  sim.runUntil(10_500);
  sim.apply({ type: 'power', node: 'a', on: true });
  sim.runUntil(20_000);
  t.is(count(sim.node('a').console, 'up\n'), 3);
});

test('what was typed for a board that goes off is lost, and the trace says how much', (t) => {
  // Ten bytes and a newline, of which 870 µs carry ten.
  const sim = simulate({ a: shellApp });
  sim.runUntil(0);
  const records = collect(sim);
  sim.apply({ type: 'type', node: 'a', text: '0123456789' });
  sim.runUntil(870);
  sim.apply({ type: 'power', node: 'a', on: false });
  sim.apply({ type: 'type', node: 'a', text: 'xyz' });
  const lost = records.flatMap((r) => r.event.type === 'input_lost' ? [r.event.bytes] : []);
  t.deepEqual(lost, [1, 4]);
});
