// The kernel's own shell commands (RIOT sys/shell/cmds). Each function registers what the module of
// its name brings; modules do so in the order of these names while the board starts.
import { current } from './current.ts';
import { pm_off, pm_reboot } from './periph/pm.ts';
import { ps } from './ps.ts';
import { RIOT_VERSION } from './riot_version.ts';
import { SHELL_COMMAND } from './shell.ts';
import { puts } from './stdio.ts';

/** Module shell_cmd_pm: `pm`. */
export function shell_cmd_pm(): void {
  SHELL_COMMAND('pm', 'interact with layered PM subsystem', pm);
}

/** Module shell_cmd_ps: `ps`. */
export function shell_cmd_ps(): void {
  SHELL_COMMAND('ps', 'Prints information about running threads.', () => {
    ps();
    return 0;
  });
}

/** Module shell_cmd_sys: `version` and `reboot`. */
export function shell_cmd_sys(): void {
  SHELL_COMMAND('version', 'Prints current RIOT_VERSION', () => {
    puts(RIOT_VERSION);
    return 0;
  });
  SHELL_COMMAND('reboot', 'Reboot the node', () => pm_reboot());
}

/** Registers those commands whose modules the board's image has. */
export function auto_init_shell_cmds(): void {
  const { modules } = current();
  if (modules.has('shell_cmd_pm')) shell_cmd_pm();
  if (modules.has('shell_cmd_ps')) shell_cmd_ps();
  if (modules.has('shell_cmd_sys')) shell_cmd_sys();
}

/** Without module pm_layered, as on native, there is only `pm off`. */
function pm(_argc: number, argv: readonly string[]): number {
  if (argv[1] === 'off') pm_off();
  puts('Usage:');
  puts('\tpm off: call pm_off()');
  return 1;
}
