// Apps for tests of the scenario library: no network, a console only.
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { type shell_command_t, shell_run } from '../../../kernel/shell.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { ZTIMER_MSEC, ztimer_sleep } from '../../../kernel/ztimer.ts';

/** Prints `tick 0`, `tick 1` … every 100 ms, each in two parts 10 ms apart. */
export const ticker: App = {
  name: 'ticker',
  modules: [],
  * main(): Blocking<number> {
    for (let i = 0; ; i++) {
      yield* ztimer_sleep(ZTIMER_MSEC, 90);
      printf('tick ');
      yield* ztimer_sleep(ZTIMER_MSEC, 10);
      puts(`${i}`);
    }
  },
};

const say: shell_command_t = {
  name: 'say',
  desc: 'prints its argument twice',
  handler: (_argc, argv) => {
    puts(`${argv[1]} ${argv[1]}`);
    return 0;
  },
};

/** A shell with one command. */
export const speaker: App = {
  name: 'speaker',
  modules: [],
  * main(): Blocking<number> {
    puts('ready äöü');
    return yield* shell_run([say], new Uint8Array(128), 128);
  },
};
