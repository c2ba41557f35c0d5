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
  /** P-256: key pairs made, ECDSA signatures made, Diffie-Hellman secrets, signatures verified. */
  p256Keygen: number;
  p256Sign: number;
  p256Shared: number;
  p256Verify: number;
}

/** A counter at zero. */
export function cryptoWork(): CryptoWork {
  return { sha256: 0, aes: 0, aesKey: 0, p256Keygen: 0, p256Sign: 0, p256Shared: 0, p256Verify: 0 };
}
