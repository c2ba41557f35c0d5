// What a core needs for its work: cycles a primitive, a packet, a thread switch. Data; each figure with its source.
//
// RIOT's own crypto was not measured on these cores, but for P-256 on a Cortex-M0+. Where nothing better is known, a
// figure is another implementation's, or scaled from another core, and its status says `unverified`. One number is
// fitted, LAYER_CYCLES: see there.
import type { CpuCosts } from '../kernel/cpu.ts';
import type { Figure } from './board.ts';

/** `host`: the process of a native board. Its CPU time costs nothing. */
export type CoreName = 'host' | 'Cortex-M0+' | 'Cortex-M3' | 'Cortex-M4F';

/** A number of cycles, and what it rests on. `unverified` here: not measured for RIOT's code on this core. */
export interface CycleFigure extends Figure {
  readonly value: number;
  readonly status: 'seen' | 'unverified' | 'fitted';
}

/** Everything that is charged by cycles. */
export type CycleKind = Exclude<keyof CpuCosts, 'uart_char'>;

export type CoreCycles = Readonly<Record<CycleKind, CycleFigure>>;

/**
 * Cycles that each of the five layers netif, 6lo, ipv6, udp and sock takes for a packet, in either direction, on a
 * Cortex-M3: one number for all of them, and the only fitted one.
 *
 * It is fitted to the PSK handshake of an iotlab-m3 over one hop: 133 ms (median) from ClientHello to the server's
 * Finished, less the 51 ms between the client's Finished and the server's ChangeCipherSpec, which are a Linux server
 * and its path: 82 ms. Two emulated iotlab-m3 take 82 ms with the same interval left out, and 95 ms with it. So the
 * number holds whatever else took time there: the driver's SPI transfers, the handling of records, interrupts.
 */
export const LAYER_CYCLES = 60_000;

const CIFRA = 'cifra README (SHA-256, AES-128 at -Os on STM32F030, STM32F103, STM32F303)';
const MBEDTLS = 'mbed TLS benchmark on FRDM-K64F (Cortex-M4F): SHA-256 59, AES-CBC-128 86 cycles a byte';
const YIELD = 'RIOT pull request 15788: bench_thread_yield_pingpong, two switches in 546 cycles (samr21-xpro), ' +
  '399 (nrf52dk)';
const TINYDTLS = 'tinydtls issue 224: about 6 s at 48 MHz on a samr21-xpro for a key generation and for a signature';
const CURVE = 'ratio of cifra\'s tweetnacl Curve25519: 73.3 to 30.7 to 27.1 million cycles';

/** What measured cycles have in common. */
function figures(
  block: { sha256: number; aes: number; aes_key: number }, how: { symmetric: string; curve: string },
  multiplication: number, p256: CycleFigure['status'], contextSwitch: CycleFigure, layer: CycleFigure,
): CoreCycles {
  const symmetric = (value: number, unit: string): CycleFigure =>
    ({ value, unit, status: 'unverified', source: how.symmetric });
  const curve = (value: number, status: CycleFigure['status'], more = ''): CycleFigure =>
    ({ value, unit: 'cycles', status, source: how.curve + more });
  return {
    sha256: symmetric(block.sha256, 'cycles a compression'),
    aes: symmetric(block.aes, 'cycles a block'),
    aes_key: { value: block.aes_key, unit: 'cycles a key', status: 'unverified', source: CIFRA },
    p256_keygen: curve(multiplication, p256),
    p256_sign: curve(multiplication, p256),
    p256_shared: curve(multiplication, 'unverified', '; taken as one multiplication, as a key generation is'),
    p256_verify: curve(2 * multiplication, 'unverified', '; taken as two multiplications'),
    context_switch: contextSwitch,
    netif: layer,
    sixlowpan: layer,
    ipv6: layer,
    udp: layer,
    sock: layer,
  };
}

const scaledLayer = (value: number, ratio: string): CycleFigure => ({
  value,
  unit: 'cycles a packet',
  status: 'unverified',
  source: `the fitted figure of Cortex-M3, ${ratio}`,
});

/** The cores but for the host's. */
export const cores: Readonly<Record<Exclude<CoreName, 'host'>, CoreCycles>> = {
  'Cortex-M0+': figures(
    { sha256: 5431, aes: 2364, aes_key: 2113 },
    { symmetric: `${MBEDTLS}; scaled by the ratio of ${CIFRA}`, curve: TINYDTLS },
    288_000_000, 'seen',
    { value: 273, unit: 'cycles a switch', status: 'seen', source: YIELD },
    scaledLayer(Math.round(LAYER_CYCLES * 546 / 399), `times 546/399: ${YIELD}`),
  ),
  'Cortex-M3': figures(
    { sha256: 3844, aes: 1468, aes_key: 1595 },
    { symmetric: `${MBEDTLS}; scaled by the ratio of ${CIFRA}`, curve: `${TINYDTLS}; ${CURVE}` },
    120_500_000, 'unverified',
    { value: 200, unit: 'cycles a switch', status: 'unverified', source: `taken as the Cortex-M4F's: ${YIELD}` },
    {
      value: LAYER_CYCLES,
      unit: 'cycles a packet',
      status: 'fitted',
      source: 'iotlab-m3 PSK handshake over one hop, 133 ms less 51 ms of a Linux server: 82 ms',
    },
  ),
  'Cortex-M4F': figures(
    { sha256: 3776, aes: 1376, aes_key: 1553 },
    { symmetric: MBEDTLS, curve: `${TINYDTLS}; ${CURVE}` },
    106_600_000, 'unverified',
    { value: 200, unit: 'cycles a switch', status: 'seen', source: YIELD },
    scaledLayer(LAYER_CYCLES, 'taken as it is'),
  ),
};

/**
 * What a board charges, in µs.
 * @param clockMhz the clock of its core, MHz
 * @param uartChar time of one character on a console that blocks its writer, µs; 0 for one that does not
 * @returns null for a host: nothing is charged
 */
export function cpuCosts(core: CoreName, clockMhz: number, uartChar: number): CpuCosts | null {
  if (core === 'host') return null;
  const us = Object.entries(cores[core]).map(([kind, { value }]) => [kind, value / clockMhz]);
  return { ...Object.fromEntries(us) as Record<CycleKind, number>, uart_char: uartChar };
}
