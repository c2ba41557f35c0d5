/** Byte arrays of the engine's own. */

export const EMPTY: Uint8Array = new Uint8Array(0);

/** A copy of bytes[start..end). Not slice(): that of node's Buffer, which a host may hand in, is a view. */
export function copyOf(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  const copy = new Uint8Array(end - start);
  for (let i = 0; i < copy.length; i++) copy[i] = bytes[start + i];
  return copy;
}
