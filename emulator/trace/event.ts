// The trace: one stream of typed events. Everything that shows a run is a reader of it.
import type { BoardEvent, KernelEvent } from '../../kernel/events.ts';
import type { NetEvent } from '../../net/events.ts';

/** Why a frame did not reach a node that could have heard it. */
export type LossReason =
  'not-listening' | 'busy' | 'wrong-channel' | 'filtered' | 'fcs' | 'collision' | 'link' | 'rule' | 'off';

/** Why a frame did not reach a port of its segment. */
export type WireLoss = 'unplugged' | 'full' | 'off';

/** What a radio does, as its current depends on it. idle: on, but neither listening nor sending. */
export type RadioState = 'off' | 'sleep' | 'idle' | 'rx' | 'tx';

/** What an MCU does, as its current depends on it. active: a thread spends CPU time. */
export type McuState = 'active' | 'sleep';

export type EnergyPart = 'MCU' | 'radio';

/** What a part of a board has taken in one of its states, over all lives of the board. */
export interface StateCharge {
  readonly part: EnergyPart;
  readonly state: McuState | RadioState;
  /** µs. */
  readonly time: number;
  /** nAs, an integer; null when the state's current is not known. */
  readonly charge: number | null;
}

export type RadioEvent =
  /** A frame has left a node: `frame` is the MPDU with FCS, `start` and `end` µs of virtual time. */
  | { layer: 'radio'; type: 'tx'; frame: Uint8Array; channel: number; start: number; end: number }
  /** A node's radio took the frame; `from` names the sender. */
  | { layer: 'radio'; type: 'rx'; from: string; frame: Uint8Array; rssi: number; lqi: number }
  /** A node's radio did not get a frame. */
  | { layer: 'radio'; type: 'lost'; from: string; frame: Uint8Array; reason: LossReason }
  /** A node's radio is in another state from now on. Radios of native boards do not tell. */
  | { layer: 'radio'; type: 'state'; state: RadioState };

export type WireEvent =
  /** A frame has come to the switch of a segment: `frame` has no FCS, `start` and `end` µs of virtual time. */
  | { layer: 'wire'; type: 'tx'; wire: string; frame: Uint8Array; start: number; end: number }
  /** A node's port took the frame; `from` names the sender. */
  | { layer: 'wire'; type: 'rx'; wire: string; from: string; frame: Uint8Array }
  /** A node's port did not take the frame, or could not send it. */
  | { layer: 'wire'; type: 'lost'; wire: string; from: string; frame: Uint8Array; reason: WireLoss };

export type SimEvent =
  /** Life of a board. */
  | { layer: 'sim'; type: 'power'; what: 'boot' | 'off' | 'reboot' | 'crash' }
  /**
   * What a board has taken so far, told when a life of it ends and when a scenario does; boards of core `host` do not
   * tell. `charge` is the sum over the states whose current is known, nAs; `complete`: all are.
   */
  | { layer: 'sim'; type: 'energy'; states: readonly StateCharge[]; charge: number; complete: boolean }
  /** A power switch or reset button that changed nothing, and why. */
  | { layer: 'sim'; type: 'no_effect'; text: string }
  /** Node host hands a datagram of a board to a program of the host. */
  | { layer: 'host'; type: 'datagram'; client: number; payload: Uint8Array }
  /** ... or loses one of a program: the node is off, or does not run the app host_udp. */
  | { layer: 'host'; type: 'datagram_lost'; client: number; bytes: number }
  /** A host action was applied; `op` is its type, `detail` one line. */
  | { layer: 'sim'; type: 'op'; op: string; detail: string }
  /** Bytes that a board wrote to its console, or that its user typed. One character is one byte. */
  | { layer: 'console'; type: 'out'; text: string }
  | { layer: 'console'; type: 'in'; text: string };

export type AnyEvent = KernelEvent | NetEvent | RadioEvent | WireEvent | SimEvent;

/** An event with its place in the run. */
export interface TraceRecord<E extends BoardEvent = AnyEvent> {
  /** sequence × 4096 + ordinal: the same whether or not anyone reads. */
  readonly id: number;
  /** Virtual time, µs. */
  readonly time: number;
  /** The node's name; '' for the simulation itself. */
  readonly node: string;
  /** The id of the event that caused the slice in which this one happened; 0 for none. */
  readonly cause: number;
  readonly event: E;
}

/** A reader of the trace. Must not change the simulation. */
export type TraceReader = (record: TraceRecord) => undefined;
