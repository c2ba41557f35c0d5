// The digest of a run: a rolling hash of (sequence, time, node, kind, frame bytes), always on. Two
// runs with equal digests took the same steps at the same times with the same frames.

/** Sorts of steps and of what else is mixed in. Their numbers are part of every recording. */
export const KIND_SLICE = 0;
export const KIND_BOOT = 1;
export const KIND_ALARM = 2;
export const KIND_CPU = 3;
export const KIND_RADIO = 4;
export const KIND_UART = 5;
export const KIND_OP = 6;
export const KIND_FRAME = 7;
export const KIND_WIRE = 8;

export class Digest {
  private a = 0x6a09e667;
  private b = 0xbb67ae85 | 0;

  /** One step or host action: `time` in µs, `node` an index (0 to 2^20 - 1), `kind` below 256. */
  step(sequence: number, time: number, node: number, kind: number): void {
    this.mix(sequence | 0);
    this.mix(time | 0);
    // The high part of the time is zero for the first 71 virtual minutes.
    this.mix(Math.imul(Math.floor(time / 0x1_0000_0000), 0x9e3779b1) ^ (node << 8) ^ kind);
  }

  /** The bytes of a frame on the air. */
  frame(bytes: Uint8Array): void {
    const length = bytes.length;
    const whole = length & ~3;
    this.mix(length ^ (KIND_FRAME << 16));
    for (let i = 0; i < whole; i += 4) {
      this.mix(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
    }
    let rest = 0;
    for (let i = whole; i < length; i++) rest = (rest << 8) | bytes[i];
    this.mix(rest);
  }

  /** Text of a host action: it decides what the run does next. */
  text(text: string): void {
    this.mix(text.length);
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    return hex8(finish(this.a)) + hex8(finish(this.b));
  }

  private mix(word: number): void {
    const a = Math.imul(this.a ^ word, 0x9e3779b1);
    this.a = a ^ (a >>> 15);
    const b = Math.imul(this.b + word, 0x85ebca77);
    this.b = ((b << 13) | (b >>> 19)) ^ word;
  }
}

function finish(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex8(word: number): string {
  return word.toString(16).padStart(8, '0');
}
