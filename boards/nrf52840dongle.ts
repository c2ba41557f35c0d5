// Nordic nRF52840 Dongle: its console is a serial port over USB (RIOT boards/nrf52840dongle).
import type { Board } from './board.ts';
import { STDIO_UART } from './cortexm.ts';
import { stacksOf } from './figures.ts';
import { NRF52840, NRF_TIMERS, nrf52840Figures } from './nrf52840.ts';

const figures = nrf52840Figures('boards/nrf52840dongle/doc.md');
const USBUS = 'sizes of the structs of sys/include/usb, 32 bit';

export const nrf52840dongle: Board = {
  ...NRF52840,
  name: 'nrf52840dongle',
  riotName: 'nrf52840dongle',
  figures,
  stacks: stacksOf('nrf52840dongle', figures),
  statics: [
    NRF_TIMERS,
    { name: 'usbus', bytes: 432, source: `sys/auto_init/usb; ${USBUS}` },
    { name: 'cdcacm', bytes: 336, source: `sys/usb/usbus/cdc/acm/cdc_acm_stdio.c; ${USBUS}` },
    { name: '_cdc_tx_buf_mem', bytes: 128, source: 'sys/include/usb/usbus/cdc/acm.h' },
  ],
  // boards/common/makefiles/stdio_cdc_acm.dep.mk. USB asks for a thread: it starts before the interfaces.
  modules: [...NRF52840.modules, 'stdio_cdc_acm', 'usbus', 'usbus_cdc_acm', 'auto_init_usbus'],
  // Modelled: the speed of a serial line; USB would be faster. A writer goes on at once (cdc_acm_stdio.c).
  uart: { ...STDIO_UART, blocking: false },
};
