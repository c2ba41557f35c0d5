// Trace records made by hand, and a captured run as records.
import type { AnyEvent, TraceRecord } from '../../../emulator/trace/event.ts';
import type { TraceNode } from '../../../emulator/trace/labels.ts';
import { readCapture } from '../../vectors/pcap.ts';

export const SERVER: TraceNode = { name: 'server', board: 'native', eui64: '02:00:00:00:00:00:00:0a' };
export const CLIENT: TraceNode = { name: 'client', board: 'native', eui64: '02:00:00:00:00:00:00:0b' };
export const NODES = [SERVER, CLIENT];

export function record(id: number, time: number, node: string, event: AnyEvent): TraceRecord {
  return { id, time, node, cause: 0, event };
}

/** A transmission as the medium traces it: at the instant at which it ends. */
export function tx(id: number, end: number, node: string, frame: Uint8Array): TraceRecord {
  return record(id, end, node, { layer: 'radio', type: 'tx', frame, channel: 26, start: end - 32 * frame.length, end });
}

/** The frames of a capture as transmissions; whoever sends first is the server. Time counts from the first frame. */
export function captured(name: string): TraceRecord[] {
  const frames = readCapture(name);
  const first = frames[0]!;
  return frames.map((frame, i) =>
    tx(i + 1, frame.time - first.time, frame.node === first.node ? 'server' : 'client', frame.psdu));
}
