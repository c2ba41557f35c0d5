// The charge and energy that boards take: for each state of MCU and radio, its time and its current. A node meters its
// own times; a reader of the trace does so, too, from the changes of state alone. Currents are the boards' figures, and
// where one is not known there is no number, but the figure's name.
//
// Modelled: the MCU is active while a thread spends CPU time and asleep otherwise; a board that crashed takes nothing;
// a radio sends with 0 dBm, and takes the current of TRX_OFF while it neither listens nor sends; a range counts with
// its middle; a change of state takes no charge of its own; other parts of a board take nothing.
import type { Board, Figure } from '../../boards/board.ts';
import type { EnergyPart, McuState, RadioState, SimEvent, TraceReader } from './event.ts';

export type { EnergyPart, McuState };

/** What a part of a board took in one of its states. */
export interface EnergyRow {
  readonly part: EnergyPart;
  readonly state: McuState | RadioState;
  /** µs. */
  readonly time: number;
  /** mA; null when it is not known. */
  readonly current: number | null;
  /** mAs; null when the current is not known, and needed. */
  readonly charge: number | null;
  /** mJ; null when charge or voltage is not known. */
  readonly energy: number | null;
  /** What the current rests on, or how to set it. */
  readonly basis: string;
}

export interface NodeEnergy {
  readonly rows: readonly EnergyRow[];
  /** Supply voltage, V; null when it is not known, or known as a range only. */
  readonly voltage: number | null;
  /** Sums of what is known, mAs and mJ; `energy` is null without voltage. */
  readonly charge: number;
  readonly energy: number | null;
  /** Whether nothing is missing in the sums. */
  readonly complete: boolean;
}

/** A node with what its energy depends on. */
export interface PoweredNode {
  readonly name: string;
  readonly board: Board;
}

/** The figures that a state's current may come from: the first that is known, and the factor that makes it mA. */
interface Source {
  readonly figure: string;
  readonly milliamperes: number;
  /** A figure to multiply with. */
  readonly times?: string;
}

/** What a current is when nobody has sourced it; the first figure is the one to set. */
const MCU_SOURCES: Readonly<Record<McuState, readonly Source[]>> = {
  active: [
    { figure: 'mcu_active_ua_per_mhz', milliamperes: 1e-3, times: 'clock_mhz' },
    { figure: 'mcu_active_ma', milliamperes: 1 },
  ],
  // With its timers and its UART on, RIOT lets the MCU idle; deeper sleep is the best there is for others.
  sleep: [{ figure: 'mcu_idle_ma', milliamperes: 1 }, { figure: 'mcu_sleep_ua', milliamperes: 1e-3 }],
};

const RADIO_SOURCES: Readonly<Record<Exclude<RadioState, 'off'>, readonly Source[]>> = {
  sleep: [{ figure: 'radio_sleep_ua', milliamperes: 1e-3 }],
  idle: [{ figure: 'trx_off_ma', milliamperes: 1 }],
  rx: [{ figure: 'rx_ma', milliamperes: 1 }],
  tx: [{ figure: 'tx_0dbm_ma', milliamperes: 1 }],
};

const MCU_STATES: readonly McuState[] = ['active', 'sleep'];
const RADIO_STATES: readonly RadioState[] = ['off', 'sleep', 'idle', 'rx', 'tx'];

/** How long a part was in each of its states. */
export class Meter<S extends string> {
  private readonly times = new Map<S, number>();
  private state: S | null = null;
  private since = 0;

  get powered(): boolean {
    return this.state !== null;
  }

  /** @param state null without power */
  enter(state: S | null, now: number): void {
    if (this.state !== null) this.times.set(this.state, (this.times.get(this.state) ?? 0) + now - this.since);
    this.state = state;
    this.since = now;
  }

  time(state: S, now: number): number {
    return (this.times.get(state) ?? 0) + (this.state === state ? now - this.since : 0);
  }
}

/** The times of a node. */
export class NodeMeters {
  readonly mcu = new Meter<McuState>();
  readonly radio = new Meter<RadioState>();
}

/** What a board has taken up to `now` µs. */
export function energyOf(board: Board, { mcu, radio }: NodeMeters, now: number): NodeEnergy {
  const voltage = single(board.figures['supply_v']);
  const rows = [
    ...MCU_STATES.map((state) => row(board, voltage, 'MCU', state, mcu.time(state, now), MCU_SOURCES[state])),
    ...RADIO_STATES.map((state) =>
      row(board, voltage, 'radio', state, radio.time(state, now), state === 'off' ? null : RADIO_SOURCES[state])),
  ].filter(({ time }) => time > 0);
  const charge = rows.reduce((sum, { charge }) => sum + (charge ?? 0), 0);
  return {
    rows,
    voltage,
    charge,
    energy: voltage === null ? null : charge * voltage,
    complete: rows.every(({ charge }) => charge !== null),
  };
}

/** The event that tells it. Charges are whole nAs: 1 mA for 1 µs. */
export function energyEvent({ rows, complete }: NodeEnergy): SimEvent {
  const states = rows.map(({ part, state, time, current }) =>
    ({ part, state, time, charge: current === null ? null : Math.round(current * time) }));
  const charge = states.reduce((sum, { charge }) => sum + (charge ?? 0), 0);
  return { layer: 'sim', type: 'energy', states, charge, complete };
}

/** A reader of the trace. Subscribe `read` before the run, then ask for a node's energy or for the `text()`. */
export class Energy {
  private readonly meters = new Map<string, NodeMeters>();

  readonly read: TraceReader = ({ time, node, event }) => {
    switch (event.type) {
      case 'power': {
        const { mcu, radio } = this.of(node);
        mcu.enter(event.what === 'boot' ? 'sleep' : null, time);
        // A chip that is on as soon as it has power has said so already.
        if (event.what !== 'boot') radio.enter(null, time);
        else if (!radio.powered) radio.enter('off', time);
        return;
      }
      case 'cpu':
        return void this.of(node).mcu.enter(event.state, time);
      case 'state':
        // The DTLS engine has states, too. A radio that is unplugged tells so before its board does.
        if (event.layer === 'radio') this.of(node).radio.enter(event.state, time);
        return;
    }
  };

  /** What a node has taken up to `now` µs. */
  node({ name, board }: PoweredNode, now: number): NodeEnergy {
    return energyOf(board, this.of(name), now);
  }

  /** A table for each node. */
  text(nodes: readonly PoweredNode[], now: number): string {
    return nodes.map((node) => this.table(node, now)).join('\n\n');
  }

  private table(node: PoweredNode, now: number): string {
    const { name, board } = node;
    if (board.core === 'host') return `Energy of ${name} (${board.name}): a process on a host has none.`;
    const { rows, voltage, charge, energy, complete } = this.node(node, now);
    const lines = rows.map(({ part, state, time, current, charge, energy, basis }) => [
      part.padEnd(5), state.padEnd(6), (time / 1e6).toFixed(6).padStart(14), number(current, 3, 11),
      number(charge, 3, 12), number(energy, 3, 11), ` ${basis}`,
    ].join(' '));
    const atLeast = complete ? '' : 'at least ';
    const volts = voltage === null ? 'no energy: supply_v is not one voltage, set --set supply_v'
      : `${atLeast}${energy!.toFixed(3)} mJ at ${voltage} V`;
    return [
      `Energy of ${name} (${board.name}):`,
      'part  state          time s  current mA   charge mAs   energy mJ  current from',
      ...lines,
      `sum: ${atLeast}${charge.toFixed(3)} mAs; ${volts}`,
    ].join('\n');
  }

  private of(node: string): NodeMeters {
    let meters = this.meters.get(node);
    if (meters === undefined) {
      meters = new NodeMeters();
      this.meters.set(node, meters);
    }
    return meters;
  }
}

function row(
  board: Board, voltage: number | null, part: EnergyPart, state: McuState | RadioState, time: number,
  sources: readonly Source[] | null,
): EnergyRow {
  const { current, basis } = sources === null
    ? { current: 0, basis: 'no power' }
    : currentOf(board, part, state, sources);
  const charge = current === null ? null : current * time / 1e6;
  const energy = charge === null || voltage === null ? null : charge * voltage;
  return { part, state, time, current, charge, energy, basis };
}

function currentOf(
  board: Board, part: EnergyPart, state: string, sources: readonly Source[],
): { current: number | null; basis: string } {
  for (const { figure: name, milliamperes, times } of sources) {
    const figure = board.figures[name];
    const value = middle(figure);
    const factor = times === undefined ? 1 : middle(board.figures[times]);
    if (figure === undefined || value === null || factor === null) continue;
    const range = figure.upTo === undefined ? '' : `, middle of ${figure.value} to ${figure.upTo}`;
    return { current: value * factor * milliamperes, basis: `${name} (${figure.status}${range})` };
  }
  return { current: null, basis: `${part} ${state} current: not sourced, set --set ${sources[0]!.figure}` };
}

function middle(figure: Figure | undefined): number | null {
  if (figure === undefined || figure.value === null) return null;
  return figure.upTo === undefined ? figure.value : (figure.value + figure.upTo) / 2;
}

function single(figure: Figure | undefined): number | null {
  return figure === undefined || figure.upTo !== undefined ? null : figure.value;
}

function number(value: number | null, digits: number, width: number): string {
  return (value === null ? '-' : value.toFixed(digits)).padStart(width);
}
