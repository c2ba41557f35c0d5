// Boards with real radios whose CPU takes no time. Their apps do nothing and have no interface, so that a test drives
// the radios itself; or they send datagrams through the whole stack.
import { apps } from '../../../apps/index.ts';
import type { Board } from '../../../boards/board.ts';
import { iotlabM3 } from '../../../boards/iotlab-m3.ts';
import { native } from '../../../boards/native.ts';
import { nrf52840dk } from '../../../boards/nrf52840dk.ts';
import { openmoteB } from '../../../boards/openmote-b.ts';
import { At86Rf2xx } from '../../../emulator/radio/at86rf2xx.ts';
import { Cc2538Rf } from '../../../emulator/radio/cc2538_rf.ts';
import { Nrf802154 } from '../../../emulator/radio/nrf802154.ts';
import { SocketZep } from '../../../emulator/radio/socket_zep.ts';
import type { SimNode } from '../../../emulator/sim/node.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import type { App } from '../../../kernel/app.ts';
import { AT86RF2XX_STATE_RX_AACK_ON, type ieee802154_dev_t } from '../../../net/netdev.ts';
import { collect } from '../sim/apps.ts';

const free = (board: Board): Board => ({ ...board, core: 'host' });

/** Boards by their radio. */
export const BOARDS = {
  socket_zep: native, at86rf2xx: free(iotlabM3), nrf802154: free(nrf52840dk), cc2538_rf: free(openmoteB),
} as const;

export type Driver = keyof typeof BOARDS;

const idle: App = { name: 'idle', modules: [], main: function* () {
  return 0;
} };

export const eui64 = (last: number) => new Uint8Array([2, 0, 0, 0, 0, 0, 0, last]);

/** An MPDU without FCS of `length` bytes to the node whose address ends with `to`; it asks for an ACK. */
export function unicast(to: number, length = 32, seq = 7): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set([0x61, 0xdc, seq, 0x23, 0, to, 0, 0, 0, 0, 0, 0, 2, 0x0a, 0, 0, 0, 0, 0, 0, 2]);
  return frame;
}

/** Nodes a (0a), b (0b), c (0c) … with these radios: all listen on channel 26 in PAN 0023, but for a. */
export function bench(drivers: readonly Driver[], seed = 1) {
  const sim = new Simulation({ seed, nodes: Object.fromEntries(drivers.map((driver, i) => [
    'abcdefgh'[i], { board: BOARDS[driver], app: idle, bootAt: 0, eui64: eui64(0x0a + i) },
  ])) });
  sim.runUntil(0);
  const records = collect(sim);
  /** `time node event`, as the boards are told. */
  const events: string[] = [];
  const tell = (node: SimNode, event: string): undefined => void events.push(`${sim.now} ${node.name} ${event}`);
  const radios = sim.nodes.map((node, i) => {
    const { radio } = node;
    if (radio instanceof At86Rf2xx) {
      radio.irq = () => tell(node, 'IRQ');
      radio.reset();
    } else if (radio instanceof SocketZep || radio instanceof Nrf802154 || radio instanceof Cc2538Rf) {
      radio.cb = (event) => tell(node, ['TX_DONE', 'CRC_ERROR', 'TX_START', 'RX_START', 'RX_DONE'][event]);
      radio.on();
    } else {
      throw new TypeError(`${node.name} has another radio`);
    }
    radio.config_phy(26, 0);
    radio.set_panid(0x0023);
    radio.set_ext_addr(radio.eui64);
    radio.set_short_addr(radio.eui64.subarray(6));
    if (i > 0) listen(radio);
    return radio;
  });
  sim.runFor(1000);
  return { sim, records, events, radios };
}

export type Bench = ReturnType<typeof bench>;

export function listen(radio: Bench['radios'][number]): void {
  if (radio instanceof At86Rf2xx) radio.set_state(AT86RF2XX_STATE_RX_AACK_ON);
  else radio.set_rx();
}

/** Node `index`'s radio, which must be one of the radio HAL. */
export function hal({ radios }: Bench, index: number): ieee802154_dev_t {
  const radio = radios[index];
  if (radio instanceof At86Rf2xx) throw new TypeError('an at86rf2xx has no radio HAL');
  return radio;
}

/** Node `index`'s radio, which must be an at86rf2xx. */
export function at86({ radios }: Bench, index: number): At86Rf2xx {
  const radio = radios[index];
  if (!(radio instanceof At86Rf2xx)) throw new TypeError('no at86rf2xx');
  return radio;
}

export interface Sent {
  readonly node: string;
  readonly start: number;
  readonly end: number;
  readonly frame: Uint8Array;
}

/** Frames that went out, in the order of their ends. */
export function sent(records: readonly TraceRecord[]): Sent[] {
  return records.flatMap(({ node, event }) => event.layer === 'radio' && event.type === 'tx'
    ? [{ node, start: event.start, end: event.end, frame: event.frame }] : []);
}

/** `node reason` of frames that did not reach a node, `from` any sender. */
export function lost(records: readonly TraceRecord[]): string[] {
  return records.flatMap(({ node, event }) => event.type === 'lost' ? [`${node} ${event.reason}`] : []);
}

/** Nodes that took a frame. */
export function heard(records: readonly TraceRecord[]): string {
  return records.flatMap(({ node, event }) => event.layer === 'radio' && event.type === 'rx' ? [node] : []).join('');
}

/** Modules and figures of an app with DTLS, UDP and a shell. */
export const { dtls_sock } = apps;
