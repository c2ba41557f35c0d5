// What a board gives its kernel. The kernel knows no host: time, randomness, console and trace come
// through here. emulator/sim implements it.
import type { BoardEvent } from './events.ts';

export interface Platform {
  /** The CPU's own number, the same at each boot; left out where the CPU has none. */
  readonly cpuid?: Uint8Array;
  /** Virtual time in integer microseconds. */
  now(): number;
  /** Requests `kernel.alarm()` as an interrupt at virtual time `at` µs; null cancels. One alarm a board. */
  setAlarm(at: number | null): void;
  /** Requests that slices go on at `at` µs: a thread is spending CPU time until then; null cancels. */
  setCpuWake(at: number | null): void;
  /** 32 random bits from the board's stream `purpose`: adding a draw in one stream shifts no other. */
  random32(purpose: string): number;
  /** Console output: one character of `text` is one byte. */
  uartWrite(text: string): void;
  /** The board switches itself off or boots anew (periph/pm); takes effect after the current slice. */
  power(what: 'off' | 'reboot'): void;
  /** Counts an event and tells whether a reader is there: ids are the same with and without readers. */
  traced(): boolean;
  /** Emits a trace event; call only where `traced()` has just answered true. */
  trace(event: BoardEvent): void;
}
