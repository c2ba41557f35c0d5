// What auto_init starts on a board, in RIOT's order (sys/auto_init).
import type { Blocking } from '../../kernel/blocking.ts';
import type { NetDevices } from '../../net/netdev.ts';

/** The auto_init of a board with these devices; its main thread runs it before `main()`. */
export function autoInit(devices: NetDevices): () => Blocking<void> {
  return function* () {
    void devices;
  };
}
