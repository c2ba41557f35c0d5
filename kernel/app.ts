// An application: what a RIOT Makefile and main.c say.
import type { Blocking } from './blocking.ts';
import type { ConfigLayer, ConfigValues } from './config.ts';
import type { BoardStacks } from './kernel.ts';

export interface App {
  /** The application's name, as in `APPLICATION = …`. */
  readonly name: string;
  /** `int main(void)`. */
  readonly main: () => Blocking<number>;
  /** `USEMODULE += …`: names of RIOT's modules, without what they pull in. */
  readonly modules: readonly string[];
  /** `CFLAGS += -DCONFIG_…=…`: overrides of CONFIG_ and other configurable names. */
  readonly config?: ConfigLayer;
  /** `CFLAGS += -DTHREAD_STACKSIZE_…=…`: stack sizes that depend on the board's. */
  readonly stacks?: (stacks: BoardStacks) => Partial<BoardStacks>;
  /**
   * RAM of the app's own statics in bytes: buffers, stacks of its threads, whatever it keeps with perBoard(). A function
   * of the image's figures (stack sizes, SIZEOF_POINTER, CONFIG_…) where it depends on them.
   */
  readonly ram?: number | ((figures: ConfigValues) => number);
}
