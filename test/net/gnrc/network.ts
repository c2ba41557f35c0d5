// What the tests of the stack share: a few boards and the air between them, in virtual time. The air is that of RIOT's
// native boards (32 µs a byte less 200 µs, an ACK at once, nothing collides), but a test may lose or change frames.

import { AssertionError } from 'node:assert';
import { native } from '../../../boards/native.ts';
import { imageModules } from '../../../emulator/sim/modules.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { KERNEL_CONFIG, resolveConfig } from '../../../kernel/config.ts';
import { EAGAIN, EBUSY } from '../../../kernel/errno.ts';
import type { BoardEvent } from '../../../kernel/events.ts';
import { kernel_init } from '../../../kernel/init.ts';
import { Kernel } from '../../../kernel/kernel.ts';
import type { Platform } from '../../../kernel/platform.ts';
import { thread_create, thread_sleep } from '../../../kernel/thread.ts';
import { NET_CONFIG } from '../../../net/config.ts';
import { gnrc_auto_init } from '../../../net/gnrc/auto_init.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netapi_dispatch, gnrc_netapi_dispatch_receive } from '../../../net/gnrc/netapi.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../../net/gnrc/netreg.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { GNRC_NETTYPE_IPV6 } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release, gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import { type Profile, quirksOf } from '../../../net/quirks.ts';
import {
  IEEE802154_CAP_AUTO_CSMA, IEEE802154_FILTER_ACCEPT, IEEE802154_FILTER_ACK_ONLY, IEEE802154_RADIO_CONFIRM_TX_DONE,
  IEEE802154_RADIO_INDICATION_RX_DONE, TX_STATUS_SUCCESS, type ieee802154_dev_t, type ieee802154_rx_info_t,
  type ieee802154_tx_info_t,
} from '../../../net/netdev.ts';

const BYTE_TIME = 32;
const LEAD = 200;
const FCS_LEN = 2;
const BASE_MODULES = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'gnrc_icmpv6_echo', 'sock_udp'];
/** More steps than this at one instant, and a test has run away. */
const MAX_STEPS = 10_000_000;

/** A frame that a board has sent: the MPDU without FCS. */
export interface SentFrame {
  /** When its transmission began, µs. */
  readonly time: number;
  readonly from: TestNode;
  readonly mpdu: Uint8Array;
}

export interface NodeOptions {
  /** Last byte of the EUI-64 02:00:00:00:00:00:00:XX. */
  readonly id?: number;
  /** Modules instead of those that every board has. */
  readonly baseModules?: readonly string[];
  /** Further modules. */
  readonly modules?: readonly string[];
  readonly config?: Readonly<Record<string, number>>;
  readonly main?: () => Blocking<unknown>;
  /** 'riot' unless told otherwise. */
  readonly profile?: Profile;
  /** Quirks switched on or off by their ids, after the profile. */
  readonly quirks?: Readonly<Record<string, boolean>>;
}

/** Boards, and the air between them. */
export class Network {
  now = 0;
  readonly nodes: TestNode[] = [];
  readonly frames: SentFrame[] = [];
  /** Whether `to` hears a frame; all do unless a test says otherwise. */
  hears: (frame: SentFrame, to: TestNode) => boolean = () => true;
  readonly #events: { time: number; run: () => void }[] = [];

  /** Adds a board and boots it. */
  add(options: NodeOptions = {}): TestNode {
    const node = new TestNode(this, options);
    this.nodes.push(node);
    return node;
  }

  at(time: number, run: () => void): void {
    let i = this.#events.length;
    while (i > 0 && this.#events[i - 1]!.time > time) i--;
    this.#events.splice(i, 0, { time, run });
  }

  /** Runs until `until` µs, or until nothing is left to happen. */
  run(until: number): void {
    let steps = 0;
    while (true) {
      let idle = true;
      for (const node of this.nodes) {
        while (node.kernel.ready) {
          node.kernel.runSlice();
          idle = false;
          if (++steps > MAX_STEPS) throw new AssertionError({ message: 'the test runs away' });
        }
      }
      if (!idle) continue;
      const next = this.#next();
      if (next === null || next > until) {
        this.now = Math.max(this.now, until);
        return;
      }
      this.now = next;
      this.#fire();
    }
  }

  /** Runs for `us` more µs. */
  runFor(us: number): void {
    this.run(this.now + us);
  }

  #next(): number | null {
    let next: number | null = this.#events[0]?.time ?? null;
    for (const { alarm, cpuWake } of this.nodes) {
      if (alarm !== null && (next === null || alarm < next)) next = alarm;
      if (cpuWake !== null && (next === null || cpuWake < next)) next = cpuWake;
    }
    return next;
  }

  #fire(): void {
    if (this.#events.length > 0 && this.#events[0]!.time <= this.now) {
      this.#events.shift()!.run();
      return;
    }
    for (const node of this.nodes) {
      if (node.cpuWake !== null && node.cpuWake <= this.now) {
        node.cpuWake = null;
        node.kernel.cpuWake();
      }
      if (node.alarm !== null && node.alarm <= this.now) {
        node.alarm = null;
        node.kernel.alarm();
      }
    }
  }

  /** A board begins to send: its frame is heard at the end of its time on the air. */
  transmit(from: TestNode, mpdu: Uint8Array, done: () => void): void {
    const frame: SentFrame = { time: this.now, from, mpdu };
    this.frames.push(frame);
    const airTime = (mpdu.length + FCS_LEN) * BYTE_TIME - LEAD;
    const end = (): void => {
      for (const node of this.nodes) {
        if (node !== from && this.hears(frame, node)) node.radio.hear(mpdu);
      }
      done();
    };
    if (airTime > 0) this.at(this.now + airTime, end);
    else end();
  }
}

/** A board with the stack on it. */
export class TestNode implements Platform {
  readonly network: Network;
  readonly kernel: Kernel;
  readonly radio: TestRadio;
  readonly trace_events: BoardEvent[] = [];
  console = '';
  alarm: number | null = null;
  cpuWake: number | null = null;
  #random: number;

  constructor(network: Network, options: NodeOptions) {
    const id = options.id ?? 0x0a + network.nodes.length;
    this.network = network;
    this.#random = id;
    this.radio = new TestRadio(this, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, id));
    const modules = [...(options.baseModules ?? BASE_MODULES), ...(options.modules ?? [])];
    this.kernel = new Kernel({
      platform: this,
      config: resolveConfig([KERNEL_CONFIG, NET_CONFIG], { SIZEOF_POINTER: 8 }, options.config),
      stacks: {
        THREAD_STACKSIZE_DEFAULT: 16384, THREAD_STACKSIZE_IDLE: 16384, THREAD_STACKSIZE_MAIN: 20480,
        THREAD_STACKSIZE_SMALL: 8192, THREAD_STACKSIZE_LARGE: 32768, ISR_STACKSIZE: 16384,
        THREAD_EXTRA_STACKSIZE_PRINTF: 4096,
      },
      modules: imageModules(native, modules),
      idleThread: true,
      quirks: quirksOf(options.profile ?? 'riot', options.quirks),
    });
    const devices = { ieee802154: [this.radio] };
    const main = options.main ?? thread_sleep;
    kernel_init(this.kernel, {
      autoInit: () => gnrc_auto_init(devices),
      app: { name: 'test', modules, *main() { yield* main(); return 0; } },
    });
  }

  now(): number { return this.network.now; }
  setAlarm(at: number | null): void { this.alarm = at; }
  setCpuWake(at: number | null): void { this.cpuWake = at; }
  uartWrite(text: string): void { this.console += text; }
  power(): void { this.kernel.halted = true; }
  traced(): boolean { return true; }
  trace(event: BoardEvent): void { this.trace_events.push(event); }

  /** xorshift32: the numbers do not matter, only that they are always the same. */
  random32(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x >>> 0;
  }

  /** fe80::<id>. */
  get linkLocal(): Uint8Array {
    const addr = new Uint8Array(16);
    addr[0] = 0xfe;
    addr[1] = 0x80;
    addr[15] = this.radio.eui64[7]!;
    return addr;
  }

  /** The interface's number. */
  get iface(): number {
    return gnrc_netifs(this.kernel)[0]!.pid;
  }

  /** Bytes of the packet buffer that are in use. */
  get pktbuf(): number {
    return gnrc_pktbuf_used(this.kernel);
  }

  /** How often this was dropped, `<layer> <reason>`. */
  drops(what: string): number {
    return this.kernel.run(() => drop_counts().get(what) ?? 0);
  }

  /** Has a new thread run `code`, and runs the network until all is quiet or `us` are over. */
  do<T>(code: () => Blocking<T>, us = 1_000_000, priority = 7): T {
    const box: { done: boolean; value: T | undefined } = { done: false, value: undefined };
    this.start(function* () {
      box.value = yield* code();
      box.done = true;
    }, priority);
    const end = this.network.now + us;
    while (!box.done && this.network.now < end) this.network.run(Math.min(end, this.network.now + 1000));
    if (!box.done) throw new AssertionError({ message: `not done after ${us} µs; console: ${this.console}` });
    return box.value as T;
  }

  /** Has a new thread run `code`. */
  start(code: () => Blocking<unknown>, priority = 7): void {
    const size = 4096;
    this.kernel.interrupt(function* (): Blocking<void> {
      yield* thread_create({ length: size }, size, priority, 0, code, null, 'test');
    });
  }

  /**
   * Hands a packet to the threads of `type` as if it came from the layer below: `payload` with a netif header behind.
   */
  hand(type: number, cmd: number, payload: Uint8Array, from: Uint8Array, to: Uint8Array): void {
    const { iface } = this;
    this.kernel.interrupt(function* (): Blocking<void> {
      const netif = gnrc_netif_hdr_build(from, from.length, to, to.length);
      if (netif === null) return;
      gnrc_netif_hdr_of(netif).if_pid = iface;
      const pkt = gnrc_pktbuf_add(netif, payload, payload.length, type);
      if (pkt === null) gnrc_pktbuf_release(netif);
      else yield* gnrc_netapi_dispatch(type, GNRC_NETREG_DEMUX_CTX_ALL, cmd, pkt);
    });
  }

  /** Hands a packet to the ipv6 thread as if the board had sent it to itself; runs as an interrupt. */
  *handLooped(packet: Uint8Array): Blocking<void> {
    const pkt = gnrc_pktbuf_add(null, packet, packet.length, GNRC_NETTYPE_IPV6);
    if (pkt !== null) yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, pkt);
  }
}

/** A radio that hears whatever is for it. */
export class TestRadio implements ieee802154_dev_t {
  readonly name = 'socket_zep';
  readonly caps = IEEE802154_CAP_AUTO_CSMA;
  readonly eui64: Uint8Array;
  cb: (event: number) => undefined = () => undefined;
  readonly #node: TestNode;
  #filter = IEEE802154_FILTER_ACCEPT;
  #state: 'off' | 'idle' | 'rx' | 'tx' = 'off';
  #out: Uint8Array | null = null;
  #in: Uint8Array | null = null;

  constructor(node: TestNode, eui64: Uint8Array) {
    this.#node = node;
    this.eui64 = eui64;
  }

  on(): void { this.#state = 'idle'; }
  off(): void { this.#state = 'off'; }
  config_phy(): number { return 0; }
  set_short_addr(): void {}
  set_ext_addr(): void {}
  set_panid(): void {}
  set_frame_filter_mode(mode: number): void { this.#filter = mode; }
  get_frame_filter_mode(): number { return this.#filter; }

  set_idle(force: boolean): number {
    if (this.#state === 'tx' && !force) return -EBUSY;
    this.#state = 'idle';
    return 0;
  }

  set_rx(): number {
    this.#state = 'rx';
    return 0;
  }

  write(psdu: Uint8Array): number {
    this.#out = psdu.slice();
    return 0;
  }

  request_transmit(): number {
    if (this.#state !== 'idle' || this.#out === null) return -EBUSY;
    this.#state = 'tx';
    this.#node.network.transmit(this.#node, this.#out, () => {
      if (this.#state !== 'tx') return;
      this.#state = 'idle';
      this.#tell(IEEE802154_RADIO_CONFIRM_TX_DONE);
    });
    return 0;
  }

  confirm_transmit(info: ieee802154_tx_info_t): number {
    if (this.#state === 'tx') return -EAGAIN;
    info.status = TX_STATUS_SUCCESS;
    info.retrans = 0;
    return 0;
  }

  len(): number {
    return this.#in?.length ?? 0;
  }

  read(buf: Uint8Array | null, size: number, info: ieee802154_rx_info_t | null): number {
    const frame = this.#in;
    this.#in = null;
    if (frame === null || buf === null) return 0;
    buf.set(frame.subarray(0, size));
    if (info !== null) {
      info.rssi = -50;
      info.lqi = 255;
    }
    return frame.length;
  }

  /** A frame ends on the air: the radio takes it if it listens and the frame is for it. */
  hear(mpdu: Uint8Array): void {
    if (this.#state !== 'rx' || this.#in !== null) return;
    const isAck = (mpdu[0]! & 7) === 2;
    if (isAck !== (this.#filter === IEEE802154_FILTER_ACK_ONLY)) return;
    if (!isAck && !this.#isForMe(mpdu)) return;
    this.#in = mpdu.slice();
    this.#tell(IEEE802154_RADIO_INDICATION_RX_DONE);
  }

  #isForMe(mpdu: Uint8Array): boolean {
    const mode = (mpdu[1]! >> 2) & 3;
    if (mode === 2) return mpdu[5] === 0xff && mpdu[6] === 0xff;
    return mode === 3 && this.eui64.every((byte, i) => mpdu[12 - i] === byte);
  }

  /** As an interrupt of the board, also where it calls the radio itself. */
  #tell(event: number): void {
    this.#node.kernel.interrupt(() => this.cb(event));
  }
}
