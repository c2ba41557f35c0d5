// RIOT's example hello-world.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { RIOT_BOARD, RIOT_CPU } from '../../kernel/riot_board.ts';
import { printf, puts } from '../../kernel/stdio.ts';

export const app: App = { name: 'hello-world', main, modules: [] };

function* main(): Blocking<number> {
  puts('Hello World!');

  printf(`You are running RIOT on a(n) ${RIOT_BOARD()} board.\n`);
  printf(`This board features a(n) ${RIOT_CPU()} CPU.\n`);

  return 0;
}
