// How long a handshake takes as a sniffer beside the boards sees it.
import type { Board } from '../../boards/board.ts';
import { Dissector } from '../../emulator/trace/dissect.ts';
import { handshakes } from '../emulator/sim/handshakes.ts';

export interface HandshakeTimes {
  /** From the first ClientHello to the server's Finished, µs; ends of frames. */
  readonly whole: number;
  /** From the client's Finished to the server's ChangeCipherSpec, µs. */
  readonly serverTurn: number;
}

/** The times of `count` PSK handshakes between two boards. */
export function handshakeTimes(board: Board, count: number, seed = 1): HandshakeTimes[] {
  const progress = { done: 0, failed: 0 };
  const sim = handshakes(progress, { board, seed });
  const dissector = new Dissector();
  const times: HandshakeTimes[] = [];
  let hello = -1;
  let clientFinished = 0;
  let serverCcs = 0;
  sim.trace.subscribe(({ node, event }) => {
    if (event.type !== 'tx') return;
    const { kind, summary } = dissector.dissect(event.frame);
    if (kind !== 'data') return;
    if (node === 'client' && hello < 0 && summary.includes('ClientHello')) hello = event.end;
    // Finished is the only encrypted handshake message; the client's close_notify is an alert.
    if (node === 'client' && /Finished|encrypted handshake/i.test(summary)) clientFinished = event.end;
    if (node === 'server' && summary.includes('ChangeCipherSpec')) serverCcs = event.end;
    if (node === 'server' && /Finished|encrypted handshake/i.test(summary)) {
      times.push({ whole: event.end - hello, serverTurn: serverCcs - clientFinished });
      hello = -1;
    }
  });
  while (times.length < count) sim.runFor(100_000);
  return times;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
