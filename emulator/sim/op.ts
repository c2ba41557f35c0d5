// Host actions: the only way in from outside. An op is plain data that survives JSON, so that a
// journal of them replays anywhere.

export type Op =
  /** A line typed by a user: `text` and a newline, paced so that nothing is lost. UTF-8 on the wire. */
  | { readonly type: 'type'; readonly node: string; readonly text: string }
  /** Bytes thrown at the console all at once, one character of `bytes` a byte; what does not fit is lost. */
  | { readonly type: 'type_raw'; readonly node: string; readonly bytes: string }
  /** Bytes from a terminal or a pipe, one character of `bytes` a byte, paced so that nothing is lost. */
  | { readonly type: 'keys'; readonly node: string; readonly bytes: string }
  /** What SIGINT is to a native process: the board says its last words and switches off. */
  | { readonly type: 'stop'; readonly node: string }
  /** Power on or off. RAM is gone with the power; what is so already stays so. */
  | { readonly type: 'power'; readonly node: string; readonly on: boolean }
  /** The reset button. Boots a crashed board too; without power nothing happens. */
  | { readonly type: 'reboot'; readonly node: string }
  /**
   * What `to` hears of `from`: nothing unless `up`, and each frame is lost with probability `loss`
   * (0 to 1). What is left out stays as it is; at first all links are up and lose nothing.
   */
  | { readonly type: 'link'; readonly from: string; readonly to: string;
      readonly up?: boolean; readonly loss?: number }
  /**
   * A frame from outside reaches a node's antenna. `frame` is the MPDU *with* its FCS, in hexadecimal
   * (1 to 127 bytes; nothing else is checked); `channel` 11 to 26, if left out the one it listens to; `lqi` 0 to 255,
   * if left out the board's.
   */
  | { readonly type: 'frame'; readonly node: string; readonly frame: string; readonly channel?: number;
      readonly lqi?: number }
  /**
   * A program of the host sends a UDP datagram; `node` runs the app host_udp and sends it on to the board of the IPv6
   * address `to`. `client` tells programs apart, `payload` is hexadecimal.
   */
  | { readonly type: 'datagram'; readonly node: string; readonly client: number; readonly to: string;
      readonly port: number; readonly payload: string }
  /**
   * A frame from outside comes to the switch of an Ethernet segment. `frame` begins with the Ethernet header and has no
   * FCS, in hexadecimal (14 to 1514 bytes; nothing else is checked).
   */
  | { readonly type: 'wire_frame'; readonly wire: string; readonly frame: string };

/** An op with its place in the run: it came after `sequence` steps, at `time` µs. */
export interface JournalEntry {
  readonly sequence: number;
  readonly time: number;
  readonly op: Op;
}

/** One line for the trace, without the node that the record names anyway. */
export function describeOp(op: Op): string {
  switch (op.type) {
    case 'type':
      return JSON.stringify(op.text);
    case 'type_raw':
    case 'keys':
      return JSON.stringify(op.bytes);
    case 'power':
      return op.on ? 'on' : 'off';
    case 'reboot':
    case 'stop':
      return '';
    case 'link':
      return `${op.from} > ${op.to}` + (op.up === undefined ? '' : op.up ? ' up' : ' down') +
        (op.loss === undefined ? '' : ` loss ${op.loss}`);
    case 'frame':
      return `${op.frame.length / 2} bytes`;
    case 'datagram':
      return `${op.payload.length / 2} bytes of program ${op.client} to [${op.to}]:${op.port}`;
    case 'wire_frame':
      return `${op.wire}, ${op.frame.length / 2} bytes`;
  }
}
