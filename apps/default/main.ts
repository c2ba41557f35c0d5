// RIOT's example default: a shell.
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { puts } from '../../kernel/stdio.ts';

export const app: App = { name: 'default', main, modules: ['shell', 'shell_cmds_default', 'ps'] };

function* main(): Blocking<number> {
  puts('Welcome to RIOT!');

  const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
  return yield* shell_run(null, line_buf, SHELL_DEFAULT_BUFSIZE);
}
