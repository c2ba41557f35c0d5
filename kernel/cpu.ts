// CPU time as virtual time. What a board's core needs for its work is charged to the thread that does it. On a host
// (native) nothing costs anything: a charge site is one branch there.
//
// What is not charged: interrupt handlers, and the app's own computing, unless it calls cpu_spend().
import { type Blocking, thread_yield_higher } from './blocking.ts';
import { current } from './current.ts';

/** What a board charges: µs, each with the fraction that the core's cycles give. */
export interface CpuCosts {
  /** A SHA-256 compression. */
  readonly sha256: number;
  /** An AES-128 block. */
  readonly aes: number;
  /** An AES-128 key expansion. */
  readonly aes_key: number;
  /** P-256: a key pair, an ECDSA signature, a Diffie-Hellman secret, the verification of a signature. */
  readonly p256_keygen: number;
  readonly p256_sign: number;
  readonly p256_shared: number;
  readonly p256_verify: number;
  /** The switch to another thread. */
  readonly context_switch: number;
  /** A packet, in either direction, in each layer. */
  readonly netif: number;
  readonly sixlowpan: number;
  readonly ipv6: number;
  readonly udp: number;
  readonly sock: number;
  /** A character on a console that blocks its writer (stdio_uart). */
  readonly uart_char: number;
}

/**
 * Whether CPU time costs anything on the running board. Ask before `cpu_charge()`:
 *
 *     if (cpu_timed()) yield* cpu_charge('udp', 1);
 */
export function cpu_timed(): boolean {
  return current().costs !== null;
}

/** What one of `kind` costs on the running board, µs; 0 on a host. For cpu_spend(). */
export function cpu_cost(kind: keyof CpuCosts): number {
  return current().costs?.[kind] ?? 0;
}

/**
 * Charges `count` of `kind` to the calling thread, see cpu_spend().
 * @param count >= 0
 */
export function* cpu_charge(kind: keyof CpuCosts, count: number): Blocking<void> {
  const { costs } = current();
  if (costs !== null && count > 0) yield* cpu_spend(costs[kind] * count);
}

/**
 * Charges CPU time to the calling thread. An interrupt that arrives meanwhile runs at its own
 * instant, a thread of higher priority takes over, the rest of the charge is spent afterwards.
 * With interrupts disabled both wait until they are restored.
 * @param us microseconds, >= 0; fractions are carried over to the board's next charge
 */
export function* cpu_spend(us: number): Blocking<void> {
  const kernel = current();
  const thread = kernel.activeThread;
  if (thread === null || kernel.inInterrupt) return;
  kernel.owe(thread, us);
  if (thread.cpuLeft === 0) return;
  kernel.alone = !kernel.irqEnabled;
  yield* thread_yield_higher();
}

/**
 * Charges CPU time where nothing can be waited for: the calling thread owes it. What it does until its next kernel call
 * that may reschedule happens at this instant still, and then the time passes, before the thread goes on, and before
 * any thread of the same or a lower priority does. Waiting does not pay the debt: whoever prints and then waits for a
 * message has printed first. Interrupts and threads of higher priority run meanwhile. In an interrupt handler: nothing.
 * @param us microseconds, >= 0; fractions are carried over to the board's next charge
 */
export function cpu_owe(us: number): void {
  const kernel = current();
  const thread = kernel.activeThread;
  if (thread !== null && !kernel.inInterrupt) kernel.owe(thread, us);
}
