/**
 * Counts what the primitives do, so that a board can be charged the CPU time of it.
 *
 * The numbers are those of the firmware, not of this implementation: an HMAC counts the two
 * compressions of its pads each time, and a sealed record one key expansion, though both are
 * computed once here and kept.
 */
export interface CryptoWork {
  /** SHA-256 compressions: blocks of 64 bytes. */
  sha256: number;
  /** AES-128 block encryptions. */
  aes: number;
  /** AES-128 key expansions. */
  aesKey: number;
}

/** A counter at zero. */
export function cryptoWork(): CryptoWork {
  return { sha256: 0, aes: 0, aesKey: 0 };
}
