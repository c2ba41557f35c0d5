// RIOT's example timer_periodic_wakeup.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { printf } from '../../kernel/stdio.ts';
import { ZTIMER_MSEC, ztimer_now, ztimer_periodic_wakeup } from '../../kernel/ztimer.ts';

const INTERVAL_MS = 1000;

export const app: App = { name: 'timer_periodic_wakeup', main, modules: ['ztimer_msec'] };

function* main(): Blocking<number> {
  const last_wakeup = { value: ztimer_now(ZTIMER_MSEC) };

  while (true) {
    yield* ztimer_periodic_wakeup(ZTIMER_MSEC, last_wakeup, INTERVAL_MS);
    printf(`slept until ${ztimer_now(ZTIMER_MSEC)}\n`);
  }
}
