// Power management (RIOT drivers/include/periph/pm.h): what an app can do with the whole board. The
// texts that a native board prints for it are the board's: the simulation's power() writes them.
import { current } from '../current.ts';
import { PowerLost } from '../panic.ts';

/** Switches the board off. Nothing of it runs any more: does not return. */
export function pm_off(): never {
  power('off');
}

/** Boots the board anew. Does not return. */
export function pm_reboot(): never {
  power('reboot');
}

function power(what: 'off' | 'reboot'): never {
  const kernel = current();
  kernel.platform.power(what);
  // At once: what catches the error below, a `finally` say, must not get any further.
  kernel.halted = true;
  throw new PowerLost(what);
}
