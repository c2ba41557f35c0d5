// IoT-LAB M3: a Cortex-M3 with an AT86RF231 (RIOT boards/iotlab-m3).
import type { Board } from './board.ts';
import { CORTEXM, CORTEXM_STACKS, EUI64_LUID, STDIO_UART, oqpsk } from './cortexm.ts';
import { fact, seen, stacksOf, unknown, unverified } from './figures.ts';

const DOC = 'boards/iotlab-m3/doc.md';
const RADIO = 'AT86RF231 data sheet';
const AVRORA = 'avrora AT86RF231Energy.java';
const STM32F1 = 'measurement in a Zephyr commit on STM32F1';

const figures = {
  clock_mhz: seen(72, 'MHz', DOC),
  ram_bytes: seen(64 * 1024, 'B', DOC),
  flash_bytes: seen(512 * 1024, 'B', DOC),
  supply_v: unverified(2.0, 'V', 'STM32F103 data sheet, not opened', 3.6),
  ...CORTEXM_STACKS,
  radio_sensitivity_dbm: seen(-101, 'dBm', RADIO),
  rx_ma: seen(12.3, 'mA', RADIO),
  tx_0dbm_ma: seen(11.6, 'mA', `${AVRORA}, at 3.3 V`),
  tx_max_ma: seen(14, 'mA', `${RADIO}, at +3 dBm`),
  trx_off_ma: seen(0.4, 'mA', RADIO),
  pll_on_ma: seen(5.6, 'mA', AVRORA),
  radio_sleep_ua: seen(0.02, 'uA', RADIO),
  mcu_active_ua_per_mhz: unknown('uA/MHz', 'not found'),
  mcu_active_max_ma: unverified(69, 'mA', 'recollection of the data sheet\'s maximum at 72 MHz'),
  mcu_sleep_ua: seen(206, 'uA', `${STM32F1}, stop`, 217),
  mcu_standby_ua: seen(3.5, 'uA', STM32F1),
};

export const iotlabM3: Board = {
  ...CORTEXM,
  name: 'iotlab-m3',
  riotName: 'iotlab-m3',
  cpu: 'stm32',
  core: 'Cortex-M3',
  figures,
  facts: {
    mcu: fact('STM32F103REY6', DOC),
    radio: fact('AT86RF231; CSMA/CA, retries and ACK in the radio\'s hardware', 'drivers/at86rf2xx'),
    eui64: EUI64_LUID,
    hwrng: fact('none in the MCU; the radio has one', 'cpu/stm32'),
    hw_crypto: fact('AES of the radio over SPI; tinydtls does not use it', 'drivers/at86rf2xx, pkg/tinydtls'),
  },
  stacks: stacksOf('iotlab-m3', figures),
  statics: [
    { name: 'uart isr_ctx', bytes: 2 * 12, source: 'cpu/stm32/periph/uart.c, 2 UARTs' },
    { name: 'timer isr_ctx', bytes: 2 * 8, when: 'ztimer', source: 'cpu/stm32/periph/timer.c, 2 timers' },
    {
      name: 'spi locks, clocks, prescalers', bytes: 2 * (4 + 4 + 1), when: 'netif',
      source: 'cpu/stm32/periph/spi.c, 2 buses',
    },
    { name: 'exti_ctx', bytes: 16 * 8, when: 'netif', source: 'cpu/stm32/periph/gpio_f1.c, 16 lines' },
  ],
  radio: { ...oqpsk('at86rf2xx'), chip: 'at86rf231' },
  uart: STDIO_UART,
};
