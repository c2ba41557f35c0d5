// What an image is built for: RIOT's build system defines these two as macros.
import { current } from './current.ts';

/** The name of the board, as in `BOARD=native64`. */
export function RIOT_BOARD(): string {
  return current().riotBoard;
}

/** The name of the board's CPU among RIOT's `cpu/`. */
export function RIOT_CPU(): string {
  return current().riotCpu;
}
