// What auto_init starts on a board: what its image's modules ask for, in RIOT's order (RIOT
// sys/auto_init/include/auto_init_priorities.h). sock_dtls comes before the interfaces there; it
// starts no thread and sends nothing, so that behind them is the same.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { auto_init_event_thread } from '../../kernel/event/thread.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { auto_init_shell_cmds } from '../../kernel/shell_cmds.ts';
import { THREAD_CREATE_STACKTEST, thread_create } from '../../kernel/thread.ts';
import { thread_flags_wait_any } from '../../kernel/thread_flags.ts';
import { ztimer_init } from '../../kernel/ztimer.ts';
import { gnrc_auto_init } from '../../net/gnrc/auto_init.ts';
import type { NetDevices } from '../../net/netdev.ts';
import { auto_init_gnrc_shell_cmds, auto_init_sock_shell_cmds } from '../../net/shell/shell_cmds.ts';
import { sock_dtls_init } from '../../net/sock/dtls.ts';

/** The auto_init of a board with these devices; its main thread runs it before `main()`. */
export function autoInit(devices: NetDevices): () => Blocking<void> {
  return function* () {
    ztimer_init();
    if (current().modules.has('event_thread')) yield* auto_init_event_thread();
    yield* gnrc_auto_init(devices, usbus_auto_init);
    if (current().modules.has('sock_dtls')) sock_dtls_init();
    auto_init_gnrc_shell_cmds();
    auto_init_shell_cmds();
    auto_init_sock_shell_cmds();
  };
}

/**
 * The thread of a board whose console goes over USB (RIOT sys/auto_init/usb): it has a pid and a stack, and waits. The
 * bytes themselves take no time here.
 */
function* usbus_auto_init(): Blocking<void> {
  const { modules, stacks } = current();
  if (!modules.has('auto_init_usbus')) return;
  const size = stacks.THREAD_STACKSIZE_DEFAULT;
  yield* thread_create({ length: size }, size, THREAD_PRIORITY_MAIN - 6, THREAD_CREATE_STACKTEST, usbus, null, 'usbus');
}

function* usbus(): Blocking<null> {
  while (true) yield* thread_flags_wait_any(0xffff);
}
