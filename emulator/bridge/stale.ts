// A frame that a real process has repeated because no ACK came in time, while both wait here for a host that was busy.
// On the air the second one could only begin when the first one was over, so that closer ones are one frame: a board
// that acknowledged both would send two ACKs in a burst, and that ends a RIOT process (see spacing.ts).

/** µs a byte of a frame takes, and how much earlier than its end RIOT's socket_zep sends it. */
const BYTE_TIME = 32;
const LEAD = 200;

export class StaleFilter {
  private readonly now: () => number;
  private last: Uint8Array = new Uint8Array(0);
  private time = -Infinity;
  /** Frames that were not let through. */
  dropped = 0;

  /** @param now the host's clock, µs */
  constructor(now: () => number = () => performance.now() * 1000) {
    this.now = now;
  }

  /** Whether a frame (MPDU with FCS) is new: not the same as the one before within the time it takes on the air. */
  fresh(frame: Uint8Array): boolean {
    const now = this.now();
    if (now - this.time < frame.length * BYTE_TIME - LEAD && equal(frame, this.last)) {
      this.dropped++;
      return false;
    }
    this.last = frame;
    this.time = now;
    return true;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
