// What the boards with an nRF52840 have in common (RIOT cpu/nrf52).
import type { Board, BoardStatics, Figure } from './board.ts';
import { CORTEXM, CORTEXM_STACKS, EUI64_LUID, oqpsk } from './cortexm.ts';
import { fact, seen, unknown, unverified } from './figures.ts';

const PS = 'nRF52840 product specification';

/** @param doc the board's page in RIOT */
export const nrf52840Figures = (doc: string): Readonly<Record<string, Figure>> => ({
  clock_mhz: seen(64, 'MHz', doc),
  ram_bytes: seen(256 * 1024, 'B', doc),
  flash_bytes: seen(1024 * 1024, 'B', doc),
  supply_v: seen(1.7, 'V', doc, 5.5),
  ...CORTEXM_STACKS,
  radio_sensitivity_dbm: unknown('dBm', 'not found for 802.15.4; the -95 of RIOT\'s page is for BLE'),
  rx_ma: seen(6.53, 'mA', `${PS}, RX 802.15.4, DC/DC`),
  tx_0dbm_ma: seen(6.4, 'mA', `${PS}, IRADIO_TX5, DC/DC`),
  tx_8dbm_ma: seen(16.4, 'mA', `${PS}, DC/DC`),
  rx_ldo_ma: seen(10.1, 'mA', PS),
  tx_0dbm_ldo_ma: seen(10.8, 'mA', PS),
  cpu_and_rx_ma: seen(8.6, 'mA', `${PS}, DC/DC`),
  cpu_and_tx_ma: seen(8.1, 'mA', `${PS}, DC/DC`),
  mcu_active_ma: unverified(3.3, 'mA', 'recollection: 64 MHz, DC/DC, CoreMark'),
  mcu_active_ua_per_mhz: unknown('uA/MHz', 'data sheet not reached'),
  mcu_sleep_ua: unverified(1.5, 'uA', 'web page (embedwise), System ON'),
});

export const NRF52840: Pick<Board, 'cpu' | 'core' | 'radio' | 'facts'> & typeof CORTEXM = {
  ...CORTEXM,
  cpu: 'nrf52',
  core: 'Cortex-M4F',
  radio: oqpsk('nrf802154'),
  facts: {
    mcu: fact('nRF52840', 'boards/nrf52840dk/doc.md, boards/nrf52840dongle/doc.md'),
    radio: fact('the MCU\'s, under SubMAC: CSMA/CA and ACK timer in software, CCA in hardware',
      'cpu/nrf52/radio/nrf802154'),
    eui64: EUI64_LUID,
    hwrng: fact('periph_hwrng', 'cpu/nrf5x_common'),
    hw_crypto: fact('CryptoCell-310; tinydtls does not use it', 'cpu/nrf52/Makefile.features'),
  },
};

/** Static variables of the timers' driver. */
export const NRF_TIMERS: BoardStatics = {
  name: 'timer ctx', bytes: 4 * 12, when: 'ztimer', source: 'cpu/nrf5x_common/periph/timer.c, 4 timers',
};
