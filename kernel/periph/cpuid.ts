// The number that a CPU has from its maker (RIOT drivers/include/periph/cpuid.h).
import { current } from '../current.ts';

/** Its length on this board in bytes; 0 where the CPU has none. */
export function CPUID_LEN(): number {
  return current().platform.cpuid?.length ?? 0;
}

/** Copies it into `id`, which has room for CPUID_LEN() bytes. */
export function cpuid_get(id: Uint8Array): void {
  const { cpuid } = current().platform;
  if (cpuid !== undefined) id.set(cpuid);
}
