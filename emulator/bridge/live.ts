// A live run as the main thread sees it: the simulation runs in a worker, sockets and terminals stay here.
import { Worker } from 'node:worker_threads';
import {
  BELL, COUNTERS, type FromLive, type LiveEnd, type LiveSession, type LiveWorkerData, type ToLive, WRITTEN,
} from './protocol.ts';

/** How long a run may take to end after it was told to, ms. */
const STOP_WITHIN = 2000;

/** What a run tells while it runs. */
export interface LiveListener {
  /** A board has printed: one character of `text` is one byte. */
  out(node: string, text: string): undefined;
  /** So many bytes of `input` messages have reached the board. */
  taken(node: string, bytes: number): undefined;
  /** Anything else that a run tells while it runs. */
  other?(message: Exclude<FromLive, LiveEnd | { type: 'out' | 'taken' }>): undefined;
}

export class LiveRun {
  /** How it ended; never rejects. */
  readonly end: Promise<LiveEnd>;
  private names: readonly string[];
  private readonly listener: LiveListener;
  private readonly worker: Worker;
  private readonly counters = new Int32Array(new SharedArrayBuffer(COUNTERS * Int32Array.BYTES_PER_ELEMENT));
  private finish: (end: LiveEnd) => undefined = () => undefined;
  private stopping: 'no' | 'asked' | 'forced' = 'no';

  /** Starts it: virtual time begins to run once the worker has loaded. Needs the built package. */
  constructor(session: LiveSession, listener: LiveListener) {
    this.names = Object.keys(session.nodes);
    this.listener = listener;
    const data: LiveWorkerData = { session, counters: this.counters };
    // Without the options of this process: a condition for sources would make the built worker load some.
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: data, execArgv: [] });
    this.end = new Promise((resolve) => {
      this.finish = (end) => resolve(end) as undefined;
    });
    this.worker.on('message', (message: FromLive) => this.take(message));
    this.worker.on('error', (error) => this.failed(error));
    this.worker.on('exit', () => this.finish({ type: 'killed' }));
  }

  send(message: ToLive): undefined {
    this.worker.postMessage(message);
    Atomics.add(this.counters, BELL, 1);
    Atomics.notify(this.counters, BELL);
  }

  /**
   * Ends the run; by force if it does not answer within 2 s, or when asked a second time.
   * @param gently the boards say their last words, as at SIGINT; otherwise they lose power
   */
  stop(gently: boolean): undefined {
    if (this.stopping !== 'no') return this.kill();
    this.stopping = 'asked';
    for (const node of this.names) {
      this.send({ type: 'op', op: gently ? { type: 'stop', node } : { type: 'power', node, on: false } });
    }
    setTimeout(() => this.kill(), STOP_WITHIN).unref();
  }

  private kill(): undefined {
    if (this.stopping === 'forced') return;
    this.stopping = 'forced';
    void this.worker.terminate();
  }

  private take(message: FromLive): undefined {
    switch (message.type) {
      case 'out':
        this.listener.out(message.node, message.text);
        Atomics.add(this.counters, WRITTEN, message.text.length);
        Atomics.notify(this.counters, WRITTEN);
        return;
      case 'taken':
        return this.listener.taken(message.node, message.bytes);
      case 'boards':
        this.names = message.boards.map(({ name }) => name);
        return this.listener.other?.(message);
      case 'played':
      case 'air':
      case 'datagram':
      case 'wire':
      case 'secrets':
        return this.listener.other?.(message);
      default:
        return this.finish(message);
    }
  }

  private failed(error: unknown): undefined {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    this.finish({ type: 'failed', stack, recording: null, apps: null });
  }
}
