// Frames on their way to a real process, never two at once: what the host could not hand over for a moment would go in
// one burst. Two frames at once make RIOT's netif thread fail an assertion (submac_rx_done() while an event waits), and
// it never goes on.

/** µs between two frames; the next one is an ACK at the earliest, 192 µs behind. */
const GAP = 190;

/** What waiting takes of the host. */
export interface SpacingHost {
  /** µs; never goes back. */
  now(): number;
  /** Calls back in a millisecond or so, without keeping the processor busy: the real process needs it. */
  soon(callback: () => undefined): undefined;
}

const NODE: SpacingHost = {
  now: () => performance.now() * 1000,
  soon: (callback) => void setTimeout(callback, 1) as undefined,
};

export class Spacing {
  private readonly send: (datagram: Uint8Array) => undefined;
  private readonly host: SpacingHost;
  private readonly waiting: Uint8Array[] = [];
  /** When the last one went, µs. */
  private last = -Infinity;

  constructor(send: (datagram: Uint8Array) => undefined, host = NODE) {
    this.send = send;
    this.host = host;
  }

  /** Sends a datagram, now or once it may. */
  put(datagram: Uint8Array): undefined {
    this.waiting.push(datagram);
    if (this.waiting.length === 1) this.work();
  }

  private readonly work = (): undefined => {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const now = this.host.now();
      if (now < this.last + GAP) return this.host.soon(this.work);
      this.last = now;
      this.waiting.shift();
      this.send(next);
    }
  };
}
