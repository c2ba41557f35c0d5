// Nordic nRF52840 DK (RIOT boards/nrf52840dk).
import type { Board } from './board.ts';
import { STDIO_UART } from './cortexm.ts';
import { stacksOf } from './figures.ts';
import { NRF52840, NRF_TIMERS, nrf52840Figures } from './nrf52840.ts';

const figures = nrf52840Figures('boards/nrf52840dk/doc.md');

export const nrf52840dk: Board = {
  ...NRF52840,
  name: 'nrf52840dk',
  riotName: 'nrf52840dk',
  figures,
  stacks: stacksOf('nrf52840dk', figures),
  statics: [
    NRF_TIMERS,
    { name: 'uart isr_ctx, rx_buf', bytes: 2 * (8 + 1), source: 'cpu/nrf5x_common/periph/uart.c, 2 UARTs' },
  ],
  uart: STDIO_UART,
};
