// What the network stack tells the trace. See kernel/events.ts for how to emit.
import { trace as emit } from '../kernel/events.ts';

export { tracing } from '../kernel/events.ts';

export type NetLayer = 'netdev' | 'netif' | '6lo' | 'ipv6' | 'icmpv6' | 'nib' | 'udp' | 'sock' | 'dtls';

/** A packet, message or record that goes no further, and why. `reason` is a parser's DropReason or a limit. */
export interface DropEvent {
  readonly layer: NetLayer;
  readonly type: 'drop';
  readonly reason: string;
  /** Size of what was dropped in bytes. */
  readonly bytes: number;
}

/** A bounded resource whose level has changed. */
export interface GaugeEvent {
  readonly layer: NetLayer | 'pktbuf';
  readonly type: 'gauge';
  /** RIOT's name of the limit: 'CONFIG_GNRC_PKTBUF_SIZE', 'DTLS_PEER_MAX', 'NETQ_MAXCNT' … */
  readonly name: string;
  readonly used: number;
  readonly peak: number;
  readonly limit: number;
}

export type NetifEvent =
  /** A frame could not go out at once and waits in the netif's send queue. */
  | { layer: 'netif'; type: 'queued'; depth: number; limit: number }
  /** The SubMAC sends a frame again: no ACK came. */
  | { layer: 'netif'; type: 'retry'; attempt: number; sequenceNumber: number }
  /** How a transmission ended. */
  | { layer: 'netif'; type: 'tx_done'; result: 'ok' | 'no-ack' | 'medium-busy'; bytes: number };

export type PktbufEvent =
  /** An allocation of `bytes` (rounded up) found no room: the largest free block has `largest` bytes. */
  | { layer: 'pktbuf'; type: 'full'; bytes: number; used: number; limit: number; largest: number };

export type DtlsEvent =
  | { layer: 'dtls'; type: 'state'; peer: string; role: 'client' | 'server'; from: string; to: string }
  | { layer: 'dtls'; type: 'peer'; peer: string; what: 'created' | 'freed' }
  | { layer: 'dtls'; type: 'epoch'; peer: string; direction: 'read' | 'write'; epoch: number }
  /** For a key log: lines CLIENT_RANDOM <client random> <master secret>. */
  | { layer: 'dtls'; type: 'secrets'; peer: string; clientRandom: Uint8Array; masterSecret: Uint8Array }
  /** A handshake message, CCS or alert in the clear, as its sender built it or its receiver read it. */
  | { layer: 'dtls'; type: 'message'; peer: string; direction: 'out' | 'in'; name: string; epoch: number;
      recordSequence: number; messageSequence: number | null; bytes: number }
  | { layer: 'dtls'; type: 'log'; level: string; text: string };

/** The board did as RIOT does where an RFC says otherwise; `id` is a row of net/quirks.ts. */
export interface QuirkEvent {
  readonly layer: 'quirk';
  readonly type: 'quirk';
  readonly id: string;
}

export type NetEvent = DropEvent | GaugeEvent | QuirkEvent | NetifEvent | PktbufEvent | DtlsEvent;

/** Emits an event of the network; only after `tracing()` answered true. */
export function trace(event: NetEvent): void {
  emit(event);
}
