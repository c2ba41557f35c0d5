// Atmel SAM R21 Xplained Pro: a Cortex-M0+ with an AT86RF233 in one package (RIOT boards/samr21-xpro).
import type { Board } from './board.ts';
import { CORTEXM, CORTEXM_STACKS, STDIO_UART, oqpsk } from './cortexm.ts';
import { fact, seen, stacksOf, unknown, unverified } from './figures.ts';

const DOC = 'boards/samr21-xpro/doc.md';
const RADIO = 'AT86RF233 data sheet 8351';

const figures = {
  clock_mhz: seen(48, 'MHz', `${DOC} (maximum)`),
  ram_bytes: seen(32 * 1024, 'B', DOC),
  flash_bytes: seen(256 * 1024, 'B', DOC),
  supply_v: seen(1.8, 'V', DOC, 3.6),
  ...CORTEXM_STACKS,
  radio_sensitivity_dbm: seen(-101, 'dBm', RADIO),
  tx_range_dbm: seen(-17, 'dBm', RADIO, 4),
  rx_ma: seen(11.8, 'mA', `${RADIO}, RX_ON`),
  tx_0dbm_ma: unknown('mA', 'table of the data sheet not reached'),
  tx_max_ma: seen(13.8, 'mA', `${RADIO}, BUSY_TX at +4 dBm`),
  trx_off_ma: seen(0.3, 'mA', RADIO),
  radio_sleep_ua: seen(0.02, 'uA', `${RADIO}, DEEP_SLEEP`),
  mcu_active_ua_per_mhz: unverified(103, 'uA/MHz', 'Atmel blog on SAMD20 (not SAMR21)'),
  mcu_idle_ma: seen(4.09, 'mA', 'measurement in a RIOT pull request on idle of samd21', 4.22),
  mcu_sleep_ua: unverified(4, 'uA', 'hearsay, standby of SAM D21'),
  board_overhead_ma: unverified(6, 'mA', 'remark in RIOT pull request 8971'),
};

export const samr21Xpro: Board = {
  ...CORTEXM,
  name: 'samr21-xpro',
  riotName: 'samr21-xpro',
  cpu: 'samd21',
  core: 'Cortex-M0+',
  figures,
  facts: {
    mcu: fact('ATSAMR21G18A', DOC),
    radio: fact('AT86RF233; CSMA/CA, retries and ACK in the radio\'s hardware', 'drivers/at86rf2xx'),
    eui64: fact('EDBG of the board (module edbg_eui) for the first radio, else luid', 'boards/samr21-xpro'),
    hwrng: fact('none in the MCU; the radio has one', 'cpu/samd21, drivers/at86rf2xx'),
    hw_crypto: fact('AES of the radio over SPI; tinydtls does not use it', 'drivers/at86rf2xx, pkg/tinydtls'),
  },
  stacks: stacksOf('samr21-xpro', figures),
  statics: [
    { name: 'uart_ctx', bytes: 2 * 8, source: 'cpu/sam0_common/periph/uart.c, 2 UARTs' },
    {
      name: 'timer config, _oneshot', bytes: 2 * 8 + 4, when: 'ztimer',
      source: 'cpu/sam0_common/periph/timer.c, 2 timers',
    },
    { name: 'spi locks', bytes: 2 * 4, when: 'netif', source: 'cpu/sam0_common/periph/spi.c, 2 buses' },
    { name: 'gpio_config', bytes: 16 * 8, when: 'netif', source: 'cpu/sam0_common/periph/gpio.c, 16 lines' },
  ],
  radio: { ...oqpsk('at86rf2xx'), chip: 'at86rf233' },
  uart: STDIO_UART,
};
