// The numbers that CPUs have from their makers. Modelled: random, the same at each boot of a node and in each run with
// its seed. On native64 it is the process's.
import { stream } from './prng.ts';

/** CPUID_LEN by RIOT's name of the CPU: cpu/native, sam0_common, nrf5x_common, stm32 and cc2538, periph_cpu*.h. */
const LENGTHS: Readonly<Record<string, number>> = { native: 4, samd21: 16, nrf52: 8, stm32: 12, cc2538: 8 };

/** The number of the CPU of a node; empty for a CPU that has none. */
export function cpuidOf(seed: number, node: string, cpu: string): Uint8Array {
  const random = stream(seed, node, 'cpuid');
  return Uint8Array.from({ length: LENGTHS[cpu] ?? 0 }, () => random.below(256));
}
