// The kernel's own shell commands (RIOT sys/shell/cmds). Each function registers what the module of
// its name brings; modules do so in the order of these names while the board starts.
import type { Blocking } from './blocking.ts';
import { current } from './current.ts';
import { pm_off, pm_reboot } from './periph/pm.ts';
import { ps } from './ps.ts';
import { random_init, random_uint32 } from './random.ts';
import { RIOT_VERSION } from './riot_version.ts';
import { sched_change_priority } from './sched.ts';
import { SHELL_COMMAND } from './shell.ts';
import { printf, puts } from './stdio.ts';
import { atoi } from './stdlib.ts';
import { thread_get } from './thread.ts';
import { ZTIMER_USEC, ztimer_now } from './ztimer.ts';

/** Module shell_cmd_nice: `nice`. */
export function shell_cmd_nice(): void {
  SHELL_COMMAND('nice', 'Change priority of an active thread', nice);
}

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

/** Module shell_cmd_random: `random_get` and `random_init`. */
export function shell_cmd_random(): void {
  SHELL_COMMAND('random_get', 'returns 32 bit of pseudo randomness', () => {
    printf(`${random_uint32()}\n`);
    return 0;
  });
  SHELL_COMMAND('random_init', 'initializes the PRNG', (argc, argv) => {
    const seed = argc === 1 ? ztimer_now(ZTIMER_USEC) | 0 : atoi(argv[1]);
    printf(`PRNG initialized ${argc === 1 ? 'to current time' : 'given value'}: ${seed}\n`);
    random_init(seed);
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
  if (modules.has('shell_cmd_nice')) shell_cmd_nice();
  if (modules.has('shell_cmd_pm')) shell_cmd_pm();
  if (modules.has('shell_cmd_ps')) shell_cmd_ps();
  if (modules.has('shell_cmd_random')) shell_cmd_random();
  if (modules.has('shell_cmd_sys')) shell_cmd_sys();
}

/**
 * As in RIOT a priority that is out of range is said to be so and then refused by sched_change_priority()'s assertion;
 * it is 8 bits wide: 256 is 0.
 */
function* nice(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc !== 3) {
    printf(`Usage: ${argv[0]} <THREAD_ID> <PRIORITY>\nNote: Lower number means higher priority (niceness)\n`);
    return 1;
  }
  // thread_get() of a pid of 16 bits.
  const thread = thread_get((atoi(argv[1]) << 16) >> 16);
  if (thread === null) {
    printf(`No active thread found for ID "${argv[1]}"\n`);
    return 1;
  }
  const levels = current().config.SCHED_PRIO_LEVELS;
  const priority = atoi(argv[2]) & 0xff;
  if (priority >= levels) printf(`Priority "${argv[2]}" is invalid (try 0..${levels - 1})\n`);
  yield* sched_change_priority(thread, priority);
  return 0;
}

/** Without module pm_layered, as on native, there is only `pm off`. */
function pm(_argc: number, argv: readonly string[]): number {
  if (argv[1] === 'off') pm_off();
  puts('Usage:');
  puts('\tpm off: call pm_off()');
  return 1;
}
