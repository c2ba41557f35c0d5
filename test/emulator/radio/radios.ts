// Three boards a, b and c whose apps do nothing; the tests drive their radios themselves.
import { native } from '../../../boards/native.ts';
import { SocketZep } from '../../../emulator/radio/socket_zep.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { App } from '../../../kernel/app.ts';
import { collect } from '../sim/apps.ts';

const EVENTS = ['TX_DONE', 'CRC_ERROR', 'TX_START', 'RX_START', 'RX_DONE'];

/** No network: its modules hold no interface, so that nobody else uses the radio. */
const idle: App = { name: 'idle', modules: [], main: function* () {
  return 0;
} };

/** The radios of three boards: on channel 26, in PAN 0023; b and c listen, a is idle. */
export function radios() {
  const eui64 = (last: number) => new Uint8Array([2, 0, 0, 0, 0, 0, 0, last]);
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app: idle, bootAt: 0, eui64: eui64(0x0a) },
    b: { board: native, app: idle, bootAt: 0, eui64: eui64(0x0b) },
    c: { board: native, app: idle, bootAt: 0, eui64: eui64(0x0c) },
  } });
  sim.runUntil(0);
  const records = collect(sim);
  /** `time node event`, as the boards are told. */
  const events: string[] = [];
  const [a, b, c] = sim.nodes.map((node): SocketZep => {
    const { radio } = node;
    if (!(radio instanceof SocketZep)) throw new TypeError(`${node.name} has no socket_zep`);
    radio.cb = (event) => {
      events.push(`${sim.now} ${node.name} ${EVENTS[event]}`);
      return undefined;
    };
    radio.on();
    radio.config_phy(26);
    radio.set_panid(0x0023);
    radio.set_ext_addr(radio.eui64);
    radio.set_short_addr(radio.eui64.subarray(6));
    return radio;
  });
  b.set_rx();
  c.set_rx();
  return { sim, records, events, a, b, c };
}
