import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';
import { boards } from '../../../boards/index.ts';
import { samr21Xpro } from '../../../boards/samr21-xpro.ts';
import { withFigures } from '../../../boards/figures.ts';
import type { Board } from '../../../boards/board.ts';
import { Energy } from '../../../emulator/trace/energy.ts';
import type { AnyEvent, StateCharge, TraceRecord } from '../../../emulator/trace/event.ts';
import { app } from '../sim/apps.ts';
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

/** What the events of energy in a run say, with whose they are. */
function told(records: readonly TraceRecord[]) {
  return records.flatMap(({ node, time, event }) => event.type === 'energy' ? [{ node, time, ...event }] : []);
}

test('the trace tells the energy of a board whenever a life of it ends', (t) => {
  // The power goes at odd times, amid work, and the button is pressed. What the trace says must be the sum over the
  // states as the changes of state in the same trace give it, which another meter adds up.
  const sim = handshakes({ done: 0, failed: 0 }, { board: ROUND });
  const energy = new Energy();
  const records: TraceRecord[] = [];
  const expected: object[] = [];
  sim.trace.subscribe(energy.read);
  sim.trace.subscribe((record) => void records.push(record));
  const actions = [[2_222_222, 'reboot'], [2_333_333, 'off'], [3_333_333, 'on'], [5_555_555, 'off']] as const;
  for (const [at, what] of actions) {
    sim.runUntil(at);
    sim.apply(what === 'reboot' ? { type: 'reboot', node: 'server' }
      : { type: 'power', node: 'server', on: what === 'on' });
    if (what === 'on') continue;
    const { rows } = energy.node(sim.node('server'), at);
    const states = rows.map(({ part, state, time, charge }): StateCharge =>
      ({ part, state, time, charge: Math.round(charge! * 1e6) }));
    const charge = states.reduce((sum, row) => sum + row.charge!, 0);
    expected.push({ node: 'server', time: at, layer: 'sim', type: 'energy', states, charge, complete: true });
  }
  t.deepEqual<object[], object[]>(told(records), expected);
  const last = told(records).at(-1)!;
  t.true(last.states.some(({ part, state, time }) => part === 'MCU' && state === 'active' && time > 20_000));
  // On for 2,222,222 µs in its first life, 111,111 in its second and 2,222,222 in its third.
  for (const part of ['MCU', 'radio']) {
    const times = last.states.filter((state) => state.part === part).map(({ time }) => time);
    t.is(times.reduce((sum, time) => sum + time, 0), 4_555_555);
  }
});

test('the trace tells the energy of boards that run when a scenario ends, and unknown currents as null', (t) => {
  // iotlab-m3 has no sourced current of an active MCU; native is a process on a host and tells nothing; the board that
  // was switched off told it then. A reader changes nothing: the digest is the same without.
  const records: TraceRecord[] = [];
  const node = { app: app(function* () { return 0; }), bootAt: 0 };
  const definition = scenario({ nodes: {
    m3: { ...node, board: 'iotlab-m3' }, off: { ...node, board: 'iotlab-m3' }, host: { ...node, board: 'native' },
  } }, (sim) => {
    sim.nodes.off.powerOff();
    sim.runFor(seconds(1));
  });
  const { recording, simulation } = runScenario(definition, {
    readers: () => [(record) => void records.push(record)],
  });
  t.is(runScenario(definition).recording.digest, recording.digest);
  const energies = told(records);
  t.deepEqual(energies.map(({ node, complete }) => [node, complete]), [['off', false], ['m3', false]]);
  const m3 = energies[1]!;
  t.is(m3.time, simulation.now);
  const active = m3.states.find(({ state }) => state === 'active')!;
  t.is(active.charge, null);
  t.true(active.time > 0);
  t.is(m3.charge, m3.states.reduce((sum, { charge }) => sum + (charge ?? 0), 0));
  t.true(m3.charge > 0);
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
