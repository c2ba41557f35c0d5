// RIOT's tests/sys/ztimer_periodic and ztimer_mutex_lock_timeout, written anew.
import test from 'ava';
import { ECANCELED } from '../../../kernel/errno.ts';
import { MUTEX_INIT, MUTEX_INIT_LOCKED, mutex_lock, mutex_unlock } from '../../../kernel/mutex.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import {
  ZTIMER_MSEC, ZTIMER_USEC, ztimer_is_set, ztimer_mutex_lock_timeout, ztimer_now,
} from '../../../kernel/ztimer.ts';
import {
  ZTIMER_PERIODIC_KEEP_GOING, ZTIMER_PERIODIC_STOP, ztimer_periodic_start, ztimer_periodic_stop,
  ztimer_periodic_t,
} from '../../../kernel/ztimer/periodic.ts';
import { TestBoard } from '../../kernel/harness.ts';
import { expectRiotConsole, riotConsole } from './console.ts';

test('ztimer_periodic: five periods of 100 ms and five of 10 ms, each to the tick', (t) => {
  // RIOT's own console: for the millisecond clock line by line, for the microsecond clock without
  // the times that the host's scheduling added there.
  const main = function* () {
    const lock = MUTEX_INIT_LOCKED();
    for (const [clock, interval] of [[ZTIMER_MSEC, 100], [ZTIMER_USEC, 10_000]] as const) {
      const times: number[] = [];
      printf(`Testing clock: ${clock.name}\n`);
      const timer = new ztimer_periodic_t(clock, function* () {
        times.push(ztimer_now(clock));
        if (times.length < 5) return ZTIMER_PERIODIC_KEEP_GOING;
        yield* mutex_unlock(lock);
        return ZTIMER_PERIODIC_STOP;
      }, null, interval);
      ztimer_periodic_start(timer);
      let last = timer.last - interval;
      t.true(ztimer_is_set(clock, timer.timer));
      yield* mutex_lock(lock);
      for (const [i, time] of times.entries()) {
        printf(`i: ${i} time: ${time} offset: ${Math.abs(time - interval - last)}\n`);
        last = time;
      }
      ztimer_periodic_stop(timer);
    }
    printf('Test successful.\n');
  };
  const ours = new TestBoard(main).run().console.split('\n');
  const theirs = riotConsole('ztimer_periodic').split('\n');
  t.deepEqual(ours.slice(0, 8), theirs.slice(0, 8));
  const withoutTimes = (line: string): string => line.replace(/time: \d+ offset: \d+/, '');
  t.deepEqual(ours.map(withoutTimes), theirs.map(withoutTimes));
  t.deepEqual(ours.slice(8, 10), ['i: 0 time: 510000 offset: 0', 'i: 1 time: 520000 offset: 0']);
});

test('ztimer_mutex_lock_timeout: free and locked mutexes, no time, little and much', (t) => {
  // RIOT's own console; return values and elapsed times are checked at each step as RIOT's test does.
  const lock = MUTEX_INIT();
  expectRiotConsole(t, 'ztimer_mutex_lock_timeout', function* () {
    puts('Test Application for ztimer_mutex_lock_timeout_timeout()');
    puts('================================================\n');
    const steps: [text: string, locked: boolean, timeout: number, least: number][] = [
      ['Test on unlocked mutex with zero timeout', false, 0, 0],
      ['Test on unlocked mutex with small timeout', false, 100, 0],
      ['Test on unlocked mutex with large timeout', false, 500_000, 0],
      ['Test on locked mutex with zero timeout', true, 0, 64],
      ['Test on locked mutex with small timeout', true, 100, 100],
      ['Test on locked mutex with large timeout', true, 500_000, 500_000],
    ];
    for (const [text, locked, timeout, elapsed] of steps) {
      printf(`${text}: `);
      if (!locked) yield* mutex_unlock(lock);
      const before = ztimer_now(ZTIMER_USEC);
      t.is(yield* ztimer_mutex_lock_timeout(ZTIMER_USEC, lock, timeout), locked ? -ECANCELED : 0);
      t.is(ztimer_now(ZTIMER_USEC) - before, elapsed);
      puts('OK');
    }
    puts('TEST PASSED');
  }, { options: { config: { CONFIG_ZTIMER_USEC_MIN: 64 } } });
});
