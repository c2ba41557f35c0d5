// What a board is: data, no code. Numbers stand in the board's file, each with its source.
import type { BoardStacks } from '../kernel/kernel.ts';

/** The radio and its driver. */
export interface BoardRadio {
  /** Which driver model; its name is the netif thread's. */
  readonly driver: 'socket_zep';
  /** Time of one byte on the air, µs. */
  readonly byteTime: number;
  /** By how much the driver shortens a frame's air time, µs; a frame shorter than this leaves at once. */
  readonly txLead: number;
  /** Link quality of every frame, 0 to 255. */
  readonly lqi: number;
  /** The weakest signal that the driver reports, dBm; two random bits are added to it. */
  readonly rssi: number;
}

/** The serial line of the console. */
export interface BoardUart {
  readonly baud: number;
  /** Time of one byte on the line, µs. */
  readonly byteTime: number;
}

export interface Board {
  readonly name: string;
  readonly cpu: string;
  readonly stacks: BoardStacks;
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
