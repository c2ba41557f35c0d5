// An application: what a RIOT Makefile and main.c say.
import type { Blocking } from './blocking.ts';

export interface App {
  /** The application's name, as in `APPLICATION = …`. */
  readonly name: string;
  /** `int main(void)`. */
  readonly main: () => Blocking<number>;
  /** `USEMODULE += …`: names of RIOT's modules, without what they pull in. */
  readonly modules: readonly string[];
  /** `CFLAGS += -DCONFIG_…=…`: overrides of CONFIG_ and other configurable names. */
  readonly config?: Readonly<Record<string, number>>;
  /** RAM of the app's own statics in bytes, beyond what perBoard() declares. */
  readonly ram?: number;
}
