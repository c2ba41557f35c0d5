// What auto_init starts on a board: what its image's modules ask for, in RIOT's order (RIOT
// sys/auto_init/include/auto_init_priorities.h). sock_dtls comes before the interfaces there; it
// starts no thread and sends nothing, so that behind them is the same.
import type { Blocking } from '../../kernel/blocking.ts';
import { current } from '../../kernel/current.ts';
import { auto_init_shell_cmds } from '../../kernel/shell_cmds.ts';
import { ztimer_init } from '../../kernel/ztimer.ts';
import { gnrc_auto_init } from '../../net/gnrc/auto_init.ts';
import type { NetDevices } from '../../net/netdev.ts';
import { sock_dtls_init } from '../../net/sock/dtls.ts';

/** The auto_init of a board with these devices; its main thread runs it before `main()`. */
export function autoInit(devices: NetDevices): () => Blocking<void> {
  return function* () {
    ztimer_init();
    yield* gnrc_auto_init(devices);
    if (current().modules.has('sock_dtls')) sock_dtls_init();
    auto_init_shell_cmds();
  };
}
