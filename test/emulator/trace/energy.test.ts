import test from 'ava';
import { boards } from '../../../boards/index.ts';
import { samr21Xpro } from '../../../boards/samr21-xpro.ts';
import { withFigures } from '../../../boards/figures.ts';
import type { Board } from '../../../boards/board.ts';
import { Energy } from '../../../emulator/trace/energy.ts';
import type { AnyEvent, TraceRecord } from '../../../emulator/trace/event.ts';
import { handshakes } from '../sim/handshakes.ts';

/** A samr21-xpro with round currents and one voltage. */
const ROUND: Board = withFigures(samr21Xpro, {
  supply_v: 3, clock_mhz: 50, mcu_active_ua_per_mhz: 100, mcu_idle_ma: 1, rx_ma: 10, tx_0dbm_ma: 20, trx_off_ma: 2,
});

const MCU_MA: Record<string, number> = { active: 5, sleep: 1 };
const RADIO_MA: Record<string, number> = { off: 0, sleep: 0.02e-3, idle: 2, rx: 10, tx: 20 };

/** The energy of events at given times. */
function energyOf(events: readonly [number, AnyEvent][]): Energy {
  const energy = new Energy();
  for (const [time, event] of events) energy.read({ id: 0, time, node: 'a', cause: 0, event });
  return energy;
}

const BOOT: AnyEvent = { layer: 'sim', type: 'power', what: 'boot' };
const cpu = (state: 'active' | 'sleep'): AnyEvent => ({ layer: 'kernel', type: 'cpu', state });

test('a state takes its current times its time, and its charge times the voltage', (t) => {
  // Numbers small enough to do in the head: 2 s at 5 mA and 8 s at 1 mA are 10 and 8 mAs, at 3 V 30 and 24 mJ.
  const energy = energyOf([[1_000_000, BOOT], [2_000_000, cpu('active')], [4_000_000, cpu('sleep')]]);
  const { rows, charge, energy: mJ, complete } = energy.node({ name: 'a', board: ROUND }, 11_000_000);
  t.deepEqual(rows.map((row) => [row.part, row.state, row.time, row.current, row.charge, row.energy]), [
    ['MCU', 'active', 2_000_000, 5, 10, 30],
    ['MCU', 'sleep', 8_000_000, 1, 8, 24],
    ['radio', 'off', 10_000_000, 0, 0, 0],
  ]);
  t.deepEqual([charge, mJ, complete], [18, 54, true]);
});

test('a board without power takes nothing, also when the power goes while it works', (t) => {
  // The power cut ends the active time at 3 s; the next life begins at 10 s.
  const energy = energyOf([
    [0, BOOT], [2_000_000, cpu('active')], [3_000_000, { layer: 'sim', type: 'power', what: 'off' }],
    [10_000_000, BOOT],
  ]);
  const { rows } = energy.node({ name: 'a', board: ROUND }, 11_000_000);
  t.deepEqual(rows.slice(0, 2).map(({ state, time }) => [state, time]), [['active', 1_000_000], ['sleep', 3_000_000]]);
});

test('the energy of a run is the sum over its states, computed from the trace', (t) => {
  // Ten handshakes between two boards. The times come from the kernels' own counters and from the list of events, not
  // from the reader under test; a slice of a microsecond that is lost or counted twice shows.
  const sim = handshakes({ done: 0, failed: 0 }, { board: ROUND });
  const energy = new Energy();
  const records: TraceRecord[] = [];
  sim.trace.subscribe(energy.read);
  sim.trace.subscribe((record) => void records.push(record));
  sim.runUntil(8_000_000);
  for (const node of sim.nodes) {
    const own = records.filter((record) => record.node === node.name);
    const boot = own.find(({ event }) => event.type === 'power')!.time;
    const active = node.kernel!.cpuTime;
    let charge = (active * MCU_MA['active']! + (sim.now - boot - active) * MCU_MA['sleep']!) / 1e6;
    const changes = own.filter(({ event }) => event.layer === 'radio' && event.type === 'state');
    changes.forEach(({ time, event }, i) => {
      const end = changes[i + 1]?.time ?? sim.now;
      charge += RADIO_MA[(event as { state: string }).state]! * (end - time) / 1e6;
    });
    const sum = energy.node(node, sim.now);
    t.true(active > 100_000);
    t.true(changes.length > 10);
    t.true(Math.abs(sum.charge - charge) < 1e-9 * charge, `${sum.charge} ${charge}`);
    t.true(Math.abs(sum.energy! - 3 * charge) < 1e-8 * charge);
    t.is(sum.rows.filter(({ part }) => part === 'MCU').reduce((total, { time }) => total + time, 0), sim.now - boot);
    t.is(sum.rows.filter(({ part }) => part === 'radio').reduce((total, { time }) => total + time, 0), sim.now - boot);
  }
});

test('a current that nobody has sourced is said so, with what to set, and never guessed', (t) => {
  // iotlab-m3: active current of the MCU unknown, supply voltage a range.
  const energy = energyOf([[0, BOOT], [0, cpu('active')], [1_000_000, cpu('sleep')]]);
  const node = { name: 'a', board: boards['iotlab-m3']! };
  const { rows, complete, energy: mJ } = energy.node(node, 2_000_000);
  t.deepEqual([rows[0]!.current, rows[0]!.charge, complete, mJ], [null, null, false, null]);
  const text = energy.text([node], 2_000_000);
  t.regex(text, /MCU active current: not sourced, set --set mcu_active_ua_per_mhz/);
  t.regex(text, /sum: at least 0\.211 mAs; no energy: supply_v is not one voltage, set --set supply_v/);
  const set = { name: 'a', board: withFigures(node.board, { mcu_active_ua_per_mhz: 500, supply_v: 3.3 }) };
  t.regex(energy.text([set], 2_000_000),
    /MCU   active       1\.000000 +36\.000 +36\.000 +118\.800 +mcu_active_ua_per_mhz \(set\)/);
});

test('a native board has no energy, and the table says so', (t) => {
  // A process on a host.
  const text = energyOf([[0, BOOT]]).text([{ name: 'a', board: boards['native']! }], 1_000_000);
  t.is(text, 'Energy of a (native): a process on a host has none.');
});
