// Mutations. All choices come from the generator that is given: the same seed gives the same frames.
import type { Prng } from '../../../emulator/sim/prng.ts';
import { get16, put16 } from '../../../net/wire/bytes.ts';
import { icmpv6Checksum } from '../../../net/wire/icmpv6.ts';
import { compress, SIXLOWPAN_UNCOMP } from '../../../net/wire/sixlowpan.ts';
import { udpChecksum } from '../../../net/wire/udp.ts';
import { cut } from '../gnrc/traffic.ts';
import {
  ATTACKER, HONEST, TARGET, capturedFrames, ethernetFrame, frameOf, onEthernet, packets, payloads, withHeaders,
} from './corpus.ts';

/** The longest frame without its FCS. */
const MPDU_MAX = 125;
const RTR_ADV = 134;
/** ms. */
const RETRANS_TIMER = 1000;
const ETHERNET_HEADER_LEN = 14;
const ETHERNET_MAX = 1514;
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xf8, 0xfe, 0xff];
const INTERESTING_16 = [0, 1, 7, 8, 40, 41, 127, 128, 1279, 1280, 1281, 2047, 2048, 0x7fff, 0x8000, 0xfff8, 0xffff];

type Mutation = (bytes: Uint8Array<ArrayBuffer>, random: Prng) => Uint8Array<ArrayBuffer>;

function pick<T>(random: Prng, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}

/** Bytes `start` to `end` taken out, and others put in their place. */
function replaced(bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length - (end - start) + by.length);
  out.set(bytes.subarray(0, start));
  out.set(by, start);
  out.set(bytes.subarray(end), start + by.length);
  return out;
}

function randomBytes(random: Prng, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.below(256));
}

const MUTATIONS: readonly Mutation[] = [
  // Bits.
  (bytes, random) => {
    for (let n = 1 + random.below(6); n > 0 && bytes.length > 0; n--) {
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
    return bytes;
  },
  // Bytes and 16-bit fields with values at which code decides.
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = pick(random, INTERESTING);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 1) put16(bytes, random.below(bytes.length - 1), pick(random, INTERESTING_16));
    return bytes;
  },
  // A number that is one more or less, as lengths that are wrong by one.
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! += random.below(2) === 0 ? 1 : 255;
    return bytes;
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random) => replaced(bytes, bytes.length, bytes.length, randomBytes(random, 1 + random.below(24))),
  // A part is missing, comes twice, or is of something else.
  (bytes, random) => {
    const start = random.below(bytes.length + 1);
    return replaced(bytes, start, Math.min(bytes.length, start + 1 + random.below(16)), new Uint8Array(0));
  },
  (bytes, random) => {
    const start = random.below(bytes.length + 1);
    const part = bytes.slice(start, start + 1 + random.below(24));
    return replaced(bytes, start, start, part);
  },
  (bytes, random) => {
    const start = random.below(bytes.length + 1);
    return replaced(bytes, start, start, randomBytes(random, 1 + random.below(8)));
  },
];

function mutate(bytes: Uint8Array, random: Prng, times: number): Uint8Array {
  let out = bytes.slice();
  for (let n = 0; n < times; n++) out = pick(random, MUTATIONS)(out, random);
  return out;
}

/** Puts lengths and checksums right again, as far as what the packet says can be followed. */
export function repaired(packet: Uint8Array): Uint8Array {
  if (packet.length < 40) return packet;
  put16(packet, 4, packet.length - 40);
  const src = packet.subarray(8, 24);
  const dst = packet.subarray(24, 40);
  let next = packet[6]!;
  let at = 40;
  while ((next === 0 || next === 43 || next === 60 || next === 44) && at + 8 <= packet.length) {
    const length = next === 44 ? 8 : 8 * (packet[at + 1]! + 1);
    next = packet[at]!;
    at += length;
  }
  if (next === 17 && at + 8 <= packet.length) {
    put16(packet, at + 4, packet.length - at);
    put16(packet, at + 6, 0);
    put16(packet, at + 6, udpChecksum(src, dst, packet, at));
  } else if (next === 58 && at + 4 <= packet.length) {
    // A router may ask for hours between two solicitations, and packets wait as long: no bug is to be found there.
    if (packet[at] === RTR_ADV && at + 16 <= packet.length) put16(packet, put16(packet, at + 12, 0), RETRANS_TIMER);
    put16(packet, at + 2, 0);
    put16(packet, at + 2, icmpv6Checksum(src, dst, packet, at));
  }
  return packet;
}

/** Makes frames of mutated packets and frames, without end. */
export class Fuzzer {
  private readonly random: Prng;
  private readonly ethernet: boolean;
  private readonly packets: readonly Uint8Array[];
  private readonly frames = capturedFrames();
  private readonly payloads = payloads();
  private readonly queue: Uint8Array[] = [];
  private tag = 0;
  private seq = 0;

  /** @param ethernet frames of Ethernet, instead of IEEE 802.15.4 without FCS */
  constructor(random: Prng, ethernet = false) {
    this.random = random;
    this.ethernet = ethernet;
    this.packets = ethernet ? packets().map((packet) => repaired(onEthernet(packet))) : packets();
  }

  /** The next frame. */
  next(): Uint8Array {
    while (this.queue.length === 0) this.refill();
    return this.queue.shift()!;
  }

  private refill(): undefined {
    const { random } = this;
    if (this.ethernet) {
      const packet = this.packet();
      const padding = random.below(4) === 0 ? randomBytes(random, 30) : [];
      const whole = ethernetFrame(Uint8Array.of(...packet, ...padding));
      const frame = random.below(10) === 0 ? mutate(whole, random, 1) : whole;
      if (frame.length >= ETHERNET_HEADER_LEN && frame.length <= ETHERNET_MAX) this.queue.push(frame);
      return;
    }
    const made = random.below(8) < 6 ? this.fromPacket() : this.fromFrame();
    // Some come twice, or in another order, as on the air.
    if (random.below(10) === 0) made.push(...made.slice(0, 1 + random.below(made.length)));
    if (random.below(6) === 0) made.reverse();
    if (random.below(8) === 0) made.splice(random.below(made.length), 1);
    this.queue.push(...made.filter((frame) => frame.length >= 3 && frame.length <= MPDU_MAX));
  }

  private packet(): Uint8Array {
    const { random } = this;
    let packet = pick(random, this.packets);
    switch (random.below(6)) {
      case 0:
        packet = this.extended(packet);
        break;
      case 1:
        packet = this.spliced(packet);
        break;
    }
    packet = mutate(packet, random, random.below(4));
    return random.below(4) === 0 ? packet : repaired(packet);
  }

  private fromPacket(): Uint8Array[] {
    const { random } = this;
    const packet = this.packet();
    const parts = this.wrapped(packet).map((payload) =>
      random.below(12) === 0 ? mutate(payload, random, 1) : payload);
    const to = packet[24] === 0xff && random.below(2) === 0 ? null : random.below(40) === 0 ? HONEST : TARGET;
    return parts.map((payload) => this.frame(payload, to));
  }

  /** One to three extension headers more. */
  private extended(packet: Uint8Array): Uint8Array {
    if (packet.length < 40) return packet;
    const { random } = this;
    const types = Array.from({ length: 1 + random.below(3) }, () => pick(random, [0, 43, 44, 60, 60, 59, 41]));
    const headers = types.map((type, i) => {
      const units = type === 44 ? 0 : random.below(3);
      const body = randomBytes(random, 6 + 8 * units);
      if (random.below(2) === 0) body.set([1, 4 + 8 * units, 0, 0].slice(0, body.length));
      return [types[i + 1] ?? 0, units, ...body];
    });
    return withHeaders(packet, types[0]!, ...headers);
  }

  /** The beginning of one and the end of another. */
  private spliced(packet: Uint8Array): Uint8Array {
    const other = pick(this.random, this.packets);
    const at = this.random.below(Math.min(packet.length, other.length));
    return replaced(packet, at, packet.length, other.subarray(at));
  }

  /** What the packet is in frames: compressed or not, in fragments if it has to be, or for no reason. */
  private wrapped(packet: Uint8Array): Uint8Array[] {
    const { random } = this;
    const compressed = random.below(4) === 0 ? 'no' : compress(packet, ATTACKER, TARGET, null);
    const whole = typeof compressed === 'string' ? Uint8Array.of(SIXLOWPAN_UNCOMP, ...packet) : compressed;
    if (whole.length <= 104 && random.below(6) !== 0) return [whole];
    if (packet.length < 8 || packet.length > 2047) return [whole.slice(0, 104)];
    this.tag = (this.tag + random.below(2)) & 0xffff;
    const fragments = cut(packet, this.tag, 8 * (1 + random.below(12)));
    // Sizes and offsets that do not fit, sometimes.
    if (random.below(6) === 0) {
      const part = pick(random, fragments);
      put16(part, 0, (get16(part, 0) & 0xf800) | pick(random, INTERESTING_16) & 0x7ff);
    }
    if (random.below(6) === 0) {
      const part = pick(random, fragments);
      if (part.length > 4) part[4] = random.below(256);
    }
    return fragments;
  }

  private fromFrame(): Uint8Array[] {
    const { random } = this;
    if (random.below(3) === 0) {
      return [this.frame(mutate(pick(random, this.payloads), random, random.below(3)), TARGET)];
    }
    const frame = pick(random, this.frames);
    // The MAC header stays in most: the radio would filter it away.
    if (random.below(5) === 0) return [mutate(frame, random, 1 + random.below(3))];
    const header = frame[1] === 0xdc || frame[1] === 0xcc ? 21 : 15;
    const out = replaced(frame, header, frame.length, mutate(frame.slice(header), random, 1 + random.below(3)));
    out[2] = this.seq = (this.seq + 1) & 0xff;
    return [out];
  }

  private frame(payload: Uint8Array, to: Uint8Array | null): Uint8Array {
    this.seq = (this.seq + 1) & 0xff;
    return frameOf(payload, this.seq, to);
  }
}
