// What a live run is made of, and what its worker and the main thread tell each other: plain data.
import type { DtlsEvent } from '../../net/events.ts';
import type { Op, Recording } from '../sim/index.ts';
import type { QuirkOptions } from '../sim/quirks.ts';

/** One node, as in a scenario: by names only, so that it survives JSON. */
export interface LiveNode extends QuirkOptions {
  readonly board: string;
  /** One of our apps by its name, or a path to a module that exports `app`, relative to the working folder. */
  readonly app: string;
  /** Eight pairs of hexadecimal digits with colons. */
  readonly eui64?: string;
  /** µs of virtual time. */
  readonly bootAt?: number;
  readonly config?: Readonly<Record<string, number>>;
  /** Figures of the board, as in a scenario. */
  readonly set?: Readonly<Record<string, number>>;
  /** Ethernet segments that it has a port on. */
  readonly wires?: readonly string[];
}

/** Profile and quirks are those of all nodes, before what a node says itself. */
export interface LiveSession extends QuirkOptions {
  /** A non-negative integer. */
  readonly seed: number;
  readonly nodes: Readonly<Record<string, LiveNode>>;
  /** A scenario's file that is played instead; `nodes` is empty then. The run goes on when its function returns. */
  readonly scenario?: string;
  /** Whether what boards send is told to the outside, and the secrets of their DTLS connections. */
  readonly outside?: boolean;
  /** Whether there is a node `host` besides, which stands for programs of the host. */
  readonly host?: boolean;
}

/** A board of a run, as its scenario or the session made it. */
export interface LiveBoard {
  readonly name: string;
  readonly board: string;
  /** `02:00:00:00:00:00:00:0a` */
  readonly eui64: string;
  /** `fe80::a` */
  readonly linkLocal: string;
}

export type SecretsEvent = Extract<DtlsEvent, { type: 'secrets' }>;

/** From outside into the run. Bytes are strings, one character a byte. */
export type ToLive =
  /** A host action, applied as soon as it comes. */
  | { readonly type: 'op'; readonly op: Op }
  /** Input of a program for a node: goes in line by line, each once the board has read the one before. */
  | { readonly type: 'input'; readonly node: string; readonly bytes: string }
  /** There is no more input: the node ends once it has worked that off. */
  | { readonly type: 'end_of_input'; readonly node: string }
  /** Ctrl-C on the node's terminal: for the shell if it reads, else the node ends. */
  | { readonly type: 'ctrl_c'; readonly node: string };

/** From the run to the outside. */
export type FromLive =
  | { readonly type: 'out'; readonly node: string; readonly text: string }
  /** So many bytes of `input` have gone in. */
  | { readonly type: 'taken'; readonly node: string; readonly bytes: number }
  /** Virtual time begins to run; these boards are there. */
  | { readonly type: 'boards'; readonly boards: readonly LiveBoard[] }
  /** The scenario's function has returned or thrown; `message` tells what. */
  | { readonly type: 'played'; readonly passed: boolean; readonly message: string }
  /** A board has sent a frame, the MPDU with FCS. */
  | { readonly type: 'air'; readonly node: string; readonly frame: Uint8Array; readonly channel: number }
  /** A board has sent an Ethernet frame, without FCS. */
  | { readonly type: 'wire'; readonly wire: string; readonly frame: Uint8Array }
  /** Node host has a datagram for a program of the host. */
  | { readonly type: 'datagram'; readonly client: number; readonly payload: Uint8Array }
  /** A board has made the keys of a DTLS connection; `time` is virtual, µs. */
  | { readonly type: 'secrets'; readonly node: string; readonly time: number; readonly event: SecretsEvent }
  | LiveEnd;

export type LiveEnd =
  /** The session cannot be: something that the user has to mend. */
  | { readonly type: 'refused'; readonly message: string }
  /** All nodes are off or have crashed. */
  | {
    readonly type: 'ended'; readonly crashed: readonly LiveCrash[];
    readonly recording: Recording;
    /** SHA-256 of the bundles of apps that are files; null without any. */
    readonly apps: string | null;
  }
  /** A bug of the emulator; the recording goes up to it. */
  | {
    readonly type: 'failed'; readonly stack: string;
    readonly recording: Recording | null; readonly apps: string | null;
  }
  /** The run did not answer and was ended by force. */
  | { readonly type: 'killed' };

export interface LiveCrash {
  readonly node: string;
  /** RIOT's table of its threads and what each was doing, in lines. */
  readonly threads: readonly string[];
  /** Where it happened, for a developer; '' if that is not known. */
  readonly stack: string;
}

/** Name of the node that stands for programs of the host. */
export const HOST = 'host';

/** What the worker is started with. */
export interface LiveWorkerData {
  readonly session: LiveSession;
  /** Shared counters, see BELL and WRITTEN. */
  readonly counters: Int32Array;
}

/** Counter of messages to the worker, which sleeps on it. */
export const BELL = 0;
/** Counter of output characters that the main thread has dealt with. */
export const WRITTEN = 1;
export const COUNTERS = 2;
