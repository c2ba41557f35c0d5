// Power management (RIOT drivers/include/periph/pm.h): what an app can do with the whole board. The
// texts that a native board prints for it are the board's: the simulation's power() writes them.
import { current } from '../current.ts';
import { PowerLost } from '../panic.ts';

/** Switches the board off. Nothing of it runs any more: does not return. */
export function pm_off(): never {
  current().platform.power('off');
  throw new PowerLost('off');
}

/** Boots the board anew. Does not return. */
export function pm_reboot(): never {
  current().platform.power('reboot');
  throw new PowerLost('reboot');
}
