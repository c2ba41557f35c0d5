// The radio of a board, by the driver that the board names.
import type { BoardRadio } from '../../boards/board.ts';
import { At86Rf2xx } from './at86rf2xx.ts';
import { Cc2538Rf } from './cc2538_rf.ts';
import type { Medium } from './medium.ts';
import { Nrf802154 } from './nrf802154.ts';
import type { Radio, RadioHost } from './port.ts';
import { SocketZep } from './socket_zep.ts';

/** Makes the radio of a node that has just got power. @param eui64 network order */
export function createRadio(host: RadioHost, medium: Medium, eui64: Uint8Array, radio: BoardRadio): Radio {
  switch (radio.driver) {
    case 'socket_zep': return new SocketZep(host, medium, eui64, radio);
    case 'nrf802154': return new Nrf802154(host, medium, eui64, radio);
    case 'cc2538_rf': return new Cc2538Rf(host, medium, eui64, radio);
    case 'at86rf2xx': return new At86Rf2xx(host, medium, eui64, radio);
  }
}
