// A board with the whole stack on an Ethernet link, of which the test plays everyone else.
import type { Blocking } from '../../../kernel/blocking.ts';
import { thread_create, thread_sleep } from '../../../kernel/thread.ts';
import { ztimer_init } from '../../../kernel/ztimer.ts';
import { native } from '../../../boards/native.ts';
import { imageModules } from '../../../emulator/sim/modules.ts';
import { gnrc_auto_init } from '../../../net/gnrc/auto_init.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netifs, type gnrc_netif_t } from '../../../net/gnrc/netif_t.ts';
import type { tap_dev_t } from '../../../net/netdev.ts';
import {
  ipv6_addr_from_str, ipv6_addr_is_multicast, ipv6_addr_is_unspecified, ipv6_addr_to_str,
} from '../../../net/wire/addr.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitNdp, emitNdpOption, ndpLength, ndpOptionLength, parseNdp, parseNdpOptions, type NdpOptionRepr, type NdpRepr,
} from '../../../net/wire/ndp.ts';
import type { TestBoardOptions } from '../../kernel/harness.ts';
import { NetBoard } from './board.ts';
import { icmpv6Packet } from './traffic.ts';

export const MAC = fromHex('020000000001');
/** A neighbour, its link-local address, and that of the board. */
export const PEER_MAC = fromHex('020000000004');
export const PEER = ip('fe80::ff:fe00:4');
export const OWN = ip('fe80::ff:fe00:1');
/** The board's and the neighbour's solicited-nodes groups. */
export const OWN_GROUP = ip('ff02::1:ff00:1');
export const PEER_GROUP = ip('ff02::1:ff00:4');

export function ip(text: string): Uint8Array {
  const addr = ipv6_addr_from_str(text);
  if (addr === null) throw new TypeError(text);
  return addr;
}

/** A message with options as ICMPv6 bytes, its checksum 0. */
export function ndp(repr: NdpRepr, ...options: NdpOptionRepr[]): Uint8Array {
  const length = options.reduce((sum, option) => sum + ndpOptionLength(option), ndpLength(repr));
  const out = new Uint8Array(length);
  let at = emitNdp(repr, out, 0);
  for (const option of options) at = emitNdpOption(option, out, at);
  return out;
}

/** A neighbour discovery message that the board has sent. */
export interface SentNdp {
  readonly time: number;
  /** The Ethernet address that it went to. */
  readonly to: string;
  readonly src: string;
  readonly dst: string;
  readonly hopLimit: number;
  readonly repr: NdpRepr;
  readonly options: NdpOptionRepr[];
}

class Tap implements tap_dev_t {
  readonly eui48: Uint8Array;
  readable: () => undefined = () => undefined;
  readonly queue: Uint8Array[] = [];
  onWrite: (frame: Uint8Array) => void = () => undefined;

  constructor(eui48: Uint8Array) {
    this.eui48 = eui48;
  }

  get pending(): boolean {
    return this.queue.length > 0;
  }

  write(frame: Uint8Array): number {
    this.onWrite(frame.slice());
    return frame.length;
  }

  read(buf: Uint8Array, len: number): number {
    const frame = this.queue.shift();
    if (frame === undefined) return -1;
    buf.set(frame.subarray(0, len));
    return Math.min(len, frame.length);
  }
}

export class EthernetNode extends NetBoard {
  readonly tap: Tap;
  readonly sent: { time: number; to: string; packet: Uint8Array }[] = [];

  constructor(options: TestBoardOptions & { net?: Record<string, number>; mac?: Uint8Array } = {}) {
    const tap = new Tap(options.mac ?? MAC);
    const asked = ['auto_init_gnrc_netif', 'sock_udp', ...(options.modules ?? ['gnrc_ipv6_default'])];
    super(() => thread_sleep(), {
      ...options,
      modules: [...imageModules(native, asked, { wired: true })],
      autoInit: function* (): Blocking<void> {
        ztimer_init();
        yield* gnrc_auto_init({ ieee802154: [], tap: [tap] });
      },
    });
    this.tap = tap;
    tap.onWrite = (frame) => {
      this.sent.push({ time: this.time, to: hex(frame.subarray(0, 6)), packet: frame.subarray(14) });
    };
    this.run(0);
  }

  get netif(): gnrc_netif_t {
    return gnrc_netifs(this.kernel)[0]!;
  }

  /** Runs for `us` more µs. */
  runFor(us: number): this {
    return this.run(this.time + us);
  }

  /** An IPv6 packet arrives. */
  receive(packet: Uint8Array, from = PEER_MAC): this {
    const dst = packet.subarray(24, 40);
    const to = ipv6_addr_is_multicast(dst) ? Uint8Array.of(0x33, 0x33, ...dst.subarray(12)) : this.tap.eui48;
    this.tap.queue.push(Uint8Array.of(...to, ...from, 0x86, 0xdd, ...packet));
    this.kernel.interrupt(() => this.tap.readable());
    return this.runFor(0);
  }

  /** A neighbour discovery message arrives. */
  hear(message: Uint8Array, src = PEER, dst = OWN, hopLimit = 255): this {
    return this.receive(icmpv6Packet(src, dst, message, { hopLimit }));
  }

  /** The neighbour discovery messages that were sent since the last call. */
  takeNdp(): SentNdp[] {
    return this.sent.splice(0).flatMap(({ time, to, packet }) => {
      const length = (packet[4]! << 8) | packet[5]!;
      const message = packet.subarray(40, 40 + length);
      const repr = packet[6] === 58 ? parseNdp(message) : 'not-ndp';
      if (typeof repr === 'string') return [];
      const options = parseNdpOptions(message, ndpLength(repr));
      if (typeof options === 'string') throw new TypeError(options);
      const [src, dst] = [packet.subarray(8, 24), packet.subarray(24, 40)].map(ipv6_addr_to_str) as [string, string];
      return [{ time, to, src, dst, hopLimit: packet[7]!, repr, options }];
    });
  }

  /** Has a thread of the application's priority run `code`. */
  call<T>(code: () => Blocking<T>, us = 0): T {
    const box: { value?: T; done: boolean } = { done: false };
    this.kernel.interrupt(function* (): Blocking<void> {
      yield* thread_create({ length: 4096 }, 4096, 7, 0, function* () {
        box.value = yield* code();
        box.done = true;
      }, null, 'test');
    });
    this.runFor(us);
    if (!box.done) throw new Error(`not done after ${us} µs; console: ${this.console}`);
    return box.value as T;
  }

  /** The interface's addresses with their flags in hex. */
  get addresses(): string[] {
    const { addrs, addrs_flags } = this.netif.ipv6;
    return addrs.flatMap((addr, i) => ipv6_addr_is_unspecified(addr) ? [] :
      [`${ipv6_addr_to_str(addr)} ${addrs_flags[i]!.toString(16)}`]);
  }

  /** How often this was dropped, `<layer> <reason>`. */
  drops(what: string): number {
    return this.kernel.run(() => drop_counts().get(what) ?? 0);
  }
}
