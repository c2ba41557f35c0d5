// OpenMote B: a Cortex-M3 with an 802.15.4 radio (RIOT boards/openmote-b). Its second radio, an AT86RF215, which RIOT's
// netdev_default takes, is not there: the image is the one with `USEMODULE += cc2538_rf`.
import type { Board } from './board.ts';
import { CORTEXM, CORTEXM_STACKS, STDIO_UART, oqpsk } from './cortexm.ts';
import { fact, seen, stacksOf, unknown, unverified } from './figures.ts';

const DOC = 'boards/openmote-b/doc.md';

const figures = {
  clock_mhz: seen(32, 'MHz', DOC),
  ram_bytes: seen(32 * 1024, 'B', DOC),
  flash_bytes: seen(512 * 1024, 'B', DOC),
  supply_v: seen(2.0, 'V', DOC, 3.6),
  ...CORTEXM_STACKS,
  radio_sensitivity_dbm: unverified(-97, 'dBm', 'recollection'),
  rx_ma: unverified(20, 'mA', 'recollection of the CC2538 data sheet'),
  tx_0dbm_ma: unverified(24, 'mA', 'recollection'),
  mcu_active_ua_per_mhz: unknown('uA/MHz', 'not found'),
  mcu_sleep_ua: unverified(1.3, 'uA', 'recollection, PM2'),
  node_total_ma: seen(38, 'mA', 'measurement in a thread on e2e.ti.com, a router node'),
};

export const openmoteB: Board = {
  ...CORTEXM,
  name: 'openmote-b',
  riotName: 'openmote-b',
  cpu: 'cc2538',
  core: 'Cortex-M3',
  figures,
  facts: {
    mcu: fact('CC2538SF53', DOC),
    radio: fact('the MCU\'s, under SubMAC: ACK and CSMA/CA in hardware; the board has an AT86RF215 too, which is ' +
      'not emulated', 'boards/openmote-b, cpu/cc2538/radio'),
    eui64: fact('primary address in the MCU\'s information page', 'cpu/cc2538/include/cc2538_eui_primary.h'),
    hwrng: fact('periph_hwrng', 'cpu/cc2538'),
    hw_crypto: fact('AES, SHA and public keys; tinydtls does not use it', 'cpu/cc2538'),
  },
  stacks: stacksOf('openmote-b', figures),
  statics: [
    { name: 'uart_ctx', bytes: 8, source: 'cpu/cc2538/periph/uart.c, 1 UART' },
    {
      name: 'timer isr_ctx, _set_timers', bytes: 4 * 8 + 1, when: 'ztimer',
      source: 'cpu/cc2538/periph/timer.c, 4 timers',
    },
  ],
  radio: oqpsk('cc2538_rf'),
  uart: STDIO_UART,
};
