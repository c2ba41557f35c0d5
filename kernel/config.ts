// CONFIG_* names: a table of defaults with their sources; boards and apps override by name.

/** One configurable figure. */
export interface ConfigEntry {
  /** RIOT's default. */
  readonly value: number;
  /** Inclusive bounds of what makes sense. */
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** The RIOT file that defines it. */
  readonly source: string;
}

/** One configurable text. */
export interface ConfigText {
  /** RIOT's default; '' where it has none. */
  readonly value: string;
  /** What is wrong with a text, as in `is not an IPv6 address`; null: nothing. */
  readonly check: (text: string) => string | null;
  /** The RIOT file that reads it. */
  readonly source: string;
}

export type TextTable = Readonly<Record<string, ConfigText>>;
/** What overrides figures and texts, by name. */
export type ConfigLayer = Readonly<Record<string, number | string>>;
export type ConfigTable = Readonly<Record<string, ConfigEntry>>;
export type ConfigValues<T extends ConfigTable = ConfigTable> = { readonly [K in keyof T]: number };

/** The kernel's own figures. Stack sizes are the board's, see `BoardStacks`. */
export const KERNEL_CONFIG = {
  SCHED_PRIO_LEVELS: { value: 16, min: 1, max: 32, unit: 'levels', source: 'core/include/sched.h' },
  MAXTHREADS: { value: 32, min: 1, max: 32767, unit: 'threads', source: 'core/include/sched.h' },
  SHELL_DEFAULT_BUFSIZE: { value: 128, min: 2, max: 4096, unit: 'B', source: 'sys/include/shell.h' },
  STDIO_RX_BUFSIZE: { value: 64, min: 2, max: 4096, unit: 'B', source: 'sys/include/stdio_base.h' },
  CONFIG_MSG_QUEUE_PRINT_MAX: { value: 16, min: 1, max: 65535, unit: 'messages', source: 'core/include/msg.h' },
  /** The shortest alarm that the timer peripheral is set to; native boards have 64. */
  CONFIG_ZTIMER_USEC_MIN: { value: 10, min: 1, max: 1000, unit: 'us', source: 'sys/include/ztimer/config.h' },
  /** Whether the end of the shell switches the board off; native boards have 1. */
  CONFIG_SHELL_SHUTDOWN_ON_EXIT: { value: 0, min: 0, max: 1, unit: 'bool', source: 'sys/include/shell.h' },
  CONFIG_SHELL_NO_ECHO: { value: 0, min: 0, max: 1, unit: 'bool', source: 'sys/include/shell.h' },
  CONFIG_SHELL_NO_PROMPT: { value: 0, min: 0, max: 1, unit: 'bool', source: 'sys/include/shell.h' },
  CONFIG_SKIP_BOOT_MSG: { value: 0, min: 0, max: 1, unit: 'bool', source: 'core/lib/init.c' },
} as const satisfies ConfigTable;

/**
 * The values of a board: defaults, then each layer of overrides in order.
 * @throws RangeError for a name that no table has, or a value outside its bounds; names both.
 */
export function resolveConfig(
  tables: readonly ConfigTable[],
  ...layers: readonly (Readonly<Record<string, number>> | undefined)[]
): ConfigValues {
  const known: ConfigTable = Object.assign({}, ...tables);
  const values: Record<string, number> = {};
  for (const [name, entry] of Object.entries(known)) values[name] = entry.value;
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) {
      const entry = known[name];
      if (entry === undefined) throw new RangeError(unknownName(name, Object.keys(known)));
      if (!Number.isInteger(value) || value < entry.min || value > entry.max) {
        throw new RangeError(
          `${name}: ${value} is not an integer from ${entry.min} to ${entry.max} (${entry.unit})`);
      }
      values[name] = value;
    }
  }
  return values;
}

/**
 * The texts of a board: defaults, then each layer of overrides in order. Names that the table has not are left alone.
 * @throws RangeError for a text that will not do; names it and says why
 */
export function resolveTexts(
  table: TextTable, ...layers: readonly (ConfigLayer | undefined)[]
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(table)) values[name] = value;
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) {
      const entry = table[name];
      if (entry === undefined) continue;
      const wrong = typeof value === 'string' ? entry.check(value) : 'is not a text';
      if (wrong !== null) throw new RangeError(`${name}: ${value === '' ? "''" : value} ${wrong}`);
      values[name] = String(value);
    }
  }
  return values;
}

/** A layer without what is in a table of texts: for resolveConfig(), which refuses what is no number. */
export function withoutTexts(
  table: TextTable, layer: ConfigLayer | undefined,
): Readonly<Record<string, number>> | undefined {
  if (layer === undefined) return undefined;
  const rest = Object.entries(layer).filter(([name]) => !Object.hasOwn(table, name));
  return Object.fromEntries(rest) as Record<string, number>;
}

function unknownName(name: string, names: string[]): string {
  const tail = name.replace(/^CONFIG_/, '').slice(0, 6);
  const near = names.filter((n) => n.includes(tail)).slice(0, 4);
  const hint = near.length > 0 ? near.join(', ') : names.slice(0, 4).join(', ') + ' …';
  return `unknown configuration name ${name}; there are: ${hint}`;
}
