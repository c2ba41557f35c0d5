// What a board is: data, no code. Numbers stand in the board's file, each with its source.
import type { BoardStacks } from '../kernel/kernel.ts';
import type { CoreName } from './cores.ts';

/**
 * What a figure rests on. seen: it stands in the source named. unverified: hearsay, or a source that was not opened.
 * computed: from figures that were seen. fitted: to the measurement that the source names. modelled: chosen by riotbed.
 * null: not sourced; a parameter that the user sets. set: the user has set it.
 */
export type FigureStatus = 'seen' | 'unverified' | 'computed' | 'fitted' | 'modelled' | 'null' | 'set';

/** A number with its source. */
export interface Figure {
  /** null: not known, and not guessed. */
  readonly value: number | null;
  /** Where the source gives a range: its end, `value` being its start. */
  readonly upTo?: number;
  readonly unit: string;
  readonly status: FigureStatus;
  readonly source: string;
}

/** A text with its source: a part's name, a behaviour. */
export interface Fact {
  readonly value: string;
  readonly status: FigureStatus;
  readonly source: string;
}

/** Drivers of radios; the name is the netif thread's. */
export type RadioDriver = 'socket_zep' | 'at86rf2xx' | 'nrf802154' | 'cc2538_rf';

/** The radio and its driver. Currents, sensitivity and power range are among the board's figures. */
export interface BoardRadio {
  /** Which driver model; its name is the netif thread's. */
  readonly driver: RadioDriver;
  /** Time of one byte on the air, µs. */
  readonly byteTime: number;
  /** By how much socket_zep shortens a frame's air time, µs; a frame shorter than this leaves at once. */
  readonly txLead: number;
  /** Link quality of every frame, 0 to 255. */
  readonly lqi: number;
  /** The weakest signal that the driver reports, dBm; two random bits are added to it. */
  readonly rssi: number;
  /** Which chip of a driver for several, such as 'at86rf233'. */
  readonly chip?: string;
}

/** The serial line of the console. */
export interface BoardUart {
  readonly baud: number;
  /** Time of one byte on the line, µs. */
  readonly byteTime: number;
  /** Whether the writer waits for each byte, as with stdio_uart: yes when left out. Not on a host. */
  readonly blocking?: boolean;
}

/** Static variables that the image has on this board only, such as those of its peripheral drivers. */
export interface BoardStatics {
  readonly name: string;
  readonly bytes: number;
  /** Images that have them: with an interface, or with a timer. All, when left out. */
  readonly when?: 'netif' | 'ztimer';
  /** The file they stand in, and how their size was computed. */
  readonly source: string;
}

export interface Board {
  readonly name: string;
  /** RIOT_BOARD: its name among RIOT's boards. */
  readonly riotName: string;
  /** RIOT_CPU: its CPU's name among RIOT's. */
  readonly cpu: string;
  /** Whose cycles its work takes, see cores.ts. */
  readonly core: CoreName;
  /** Numbers by name: the names are those of FIGURE_NAMES in figures.ts. One that is missing is not known. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** What else is known of it: parts by name, where addresses and randomness come from. */
  readonly facts: Readonly<Record<string, Fact>>;
  /** The stack sizes among its figures, and what RIOT derives from them. */
  readonly stacks: BoardStacks;
  /** Static variables of its own. */
  readonly statics: readonly BoardStatics[];
  /** Whether the CPU needs an idle thread to sleep in; it takes the first pid then. */
  readonly idleThread: boolean;
  readonly radio: BoardRadio;
  readonly uart: BoardUart;
  /** What the start-up code prints before the kernel runs. */
  readonly startText: string;
  /** What is printed before the board boots anew by its own will or by the reset button. */
  readonly rebootText: string;
  /** What is printed when the board switches itself off. */
  readonly offText: string;
  /** Modules that every image for it has. */
  readonly modules: readonly string[];
  /** Overrides of configurable figures. */
  readonly config: Readonly<Record<string, number>>;
}
