// Which modules an image has: the app's, the board's, and what these pull in.

/** What is pulled in once all of some others are there (RIOT sys/shell/Makefile.dep). */
const PULLED_IN: readonly { readonly module: string; readonly by: readonly string[] }[] = [
  { module: 'shell_cmd_pm', by: ['shell_cmds_default', 'periph_pm'] },
  { module: 'shell_cmd_ps', by: ['shell_cmds_default', 'ps'] },
  { module: 'shell_cmd_sys', by: ['shell_cmds_default'] },
];

/** The modules of an image; order and repetitions do not matter. */
export function imageModules(board: readonly string[], app: readonly string[]): ReadonlySet<string> {
  const modules = new Set([...board, ...app]);
  for (const { module, by } of PULLED_IN) {
    if (by.every((name) => modules.has(name))) modules.add(module);
  }
  return modules;
}
