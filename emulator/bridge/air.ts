// Who hears whom when real RIOT processes share the air with emulated boards: what zep_dispatch decides, without its
// sockets. Stations are UDP peers or emulated boards; each frame that a station sends goes to those that hear it.
//
// Without a topology all hear all. With one, a station takes the place that its EUI-64 is pinned to, or else the first
// free one; who finds none is not heard, and hears nothing.
//
// zep_dispatch gives every frame to everybody. With a hundred processes that is a hundred datagrams a frame, and the
// sender's ACK time-out is 864 µs. Here a frame with a single addressee goes to that station and to those that listen
// to everything, and an ACK to who sent the frame that it answers, unless `flood` says otherwise. Others would drop it
// anyway, except that zep_dispatch also ends their wait for an ACK of their own: RIOT's SubMAC does not compare
// sequence numbers.
import { MODE_LONG, MODE_SHORT, dstMode } from '../radio/filter.ts';
import type { Topology } from './topology.ts';

const FCF_TYPE_MASK = 0x07;
const FCF_TYPE_ACK = 0x02;
const FCF_PAN_COMP = 0x40;
const LONG_LEN = 8;
/** Frame control and sequence number. */
const HEAD_LEN = 3;
const PAN_LEN = 2;
const LQI_MAX = 255;

/** One who sends and hears. */
export interface Station {
  /** Whether it is an emulated board: frames from one to another are the simulation's affair. */
  readonly emulated: boolean;
  /** What messages call it: the name of a board, or `[address]:port`. */
  readonly name: string;
  /** Gives it a frame: the MPDU with FCS. */
  hear(frame: Uint8Array, channel: number, lqi: number): undefined;
}

export interface AirOptions {
  readonly topology: Topology | null;
  /** Whether each frame goes to all who could hear it, as zep_dispatch has it. */
  readonly flood: boolean;
  /** A random number, at least 0 and below 1, for losses on the way from one place to another. */
  readonly random: (from: string, to: string) => number;
}

/** What went on, since the start. */
export interface AirCounters {
  /** Frames that stations sent. */
  frames: number;
  /** ... and how often one was handed on. */
  deliveries: number;
  /** Lost on a link with a weight below 1. */
  lost: number;
  /** Sent by a station that has no place in the topology. */
  unplaced: number;
}

interface Member {
  readonly station: Station;
  /** Its place in the topology; null without topology, or without place. */
  place: string | null;
  /** Its EUI-64 as text; null while not known. */
  key: string | null;
  /** Whether it wants every frame. */
  sniffer: boolean;
  /** Who has sent it the last frame that asks for an ACK. */
  owes: Member | null;
}

export class Air {
  readonly counters: AirCounters = { frames: 0, deliveries: 0, lost: 0, unplaced: 0 };
  private readonly options: AirOptions;
  private readonly members = new Map<Station, Member>();
  private readonly byKey = new Map<string, Member>();
  private readonly byPlace = new Map<string, Member>();
  /** Places by the EUI-64 that they are pinned to. */
  private readonly pinned = new Map<string, string>();
  /** Weights by `from to`. */
  private readonly weights = new Map<string, number>();

  constructor(options: AirOptions) {
    this.options = options;
    for (const { name, eui64 } of options.topology?.nodes ?? []) {
      if (eui64 !== null) this.pinned.set(keyOf(eui64), name);
    }
    for (const { from, to, weight } of options.topology?.links ?? []) this.weights.set(`${from} ${to}`, weight);
  }

  /** How many stations there are. */
  get size(): number {
    return this.members.size;
  }

  /** A station is there from now on; it hears what has no place and no address of its own as soon as it may. */
  join(station: Station): undefined {
    if (!this.members.has(station)) {
      this.members.set(station, { station, place: null, key: null, sniffer: false, owes: null });
    }
  }

  /** A station is gone: its place is free again. */
  leave(station: Station): undefined {
    const member = this.members.get(station);
    if (member === undefined) return;
    this.members.delete(station);
    this.release(member);
    for (const other of this.members.values()) if (other.owes === member) other.owes = null;
  }

  /** A station listens to everything and has no address. */
  sniff(station: Station): undefined {
    const member = this.members.get(station);
    if (member !== undefined) member.sniffer = true;
  }

  /**
   * A station has told its EUI-64, network order. The one that had it before has it no more.
   * @returns the place that it has now; null without topology, or when there is none left
   */
  identify(station: Station, eui64: Uint8Array): string | null {
    const member = this.members.get(station);
    return member === undefined ? null : this.know(member, keyOf(eui64));
  }

  private know(member: Member, key: string): string | null {
    if (member.key === key) return member.place;
    this.release(member);
    const before = this.byKey.get(key);
    if (before !== undefined) this.release(before);
    member.key = key;
    this.byKey.set(key, member);
    if (this.options.topology !== null) this.settle(member, key);
    return member.place;
  }

  /** A station sends a frame (MPDU with FCS); all that hear it get it at once. */
  send(station: Station, frame: Uint8Array, channel: number, lqi: number): undefined {
    const from = this.members.get(station);
    if (from === undefined) return;
    this.counters.frames++;
    const source = longSource(frame);
    if (source !== 0) this.know(from, keyOnAir(frame, source));
    if (this.options.topology !== null && from.place === null) {
      this.counters.unplaced++;
      for (const other of this.members.values()) {
        if (other.sniffer && other !== from) this.give(other, frame, channel, lqi);
      }
      return;
    }
    const addressee = this.options.flood ? null : this.addressee(from, frame);
    if (addressee !== null) {
      // First of all: its sender waits for the answer.
      this.carry(from, addressee, frame, channel, lqi);
      for (const other of this.members.values()) {
        if (other.sniffer && other !== from && other !== addressee) this.give(other, frame, channel, lqi);
      }
      return;
    }
    for (const other of this.members.values()) {
      if (other !== from) this.carry(from, other, frame, channel, lqi);
    }
  }

  /** Who alone has to get a frame; null for all. */
  private addressee(from: Member, frame: Uint8Array): Member | null {
    if ((frame[0]! & FCF_TYPE_MASK) === FCF_TYPE_ACK) {
      const { owes } = from;
      from.owes = null;
      return owes;
    }
    const offset = HEAD_LEN + PAN_LEN;
    if (frame.length < offset + LONG_LEN || dstMode(frame) !== MODE_LONG) return null;
    const found = this.byKey.get(keyOnAir(frame, offset)) ?? null;
    if (found !== null && found !== from) found.owes = from;
    return found === from ? null : found;
  }

  private carry(from: Member, to: Member, frame: Uint8Array, channel: number, lqi: number): undefined {
    if (from.station.emulated && to.station.emulated) return;
    if (to.sniffer || this.options.topology === null) return this.give(to, frame, channel, lqi);
    if (to.place === null) return;
    const weight = this.weights.get(`${from.place!} ${to.place}`) ?? 0;
    if (weight === 0) return;
    if (weight < 1 && this.options.random(from.place!, to.place) >= weight) {
      this.counters.lost++;
      return;
    }
    this.give(to, frame, channel, Math.floor(weight * LQI_MAX));
  }

  private give(to: Member, frame: Uint8Array, channel: number, lqi: number): undefined {
    this.counters.deliveries++;
    return to.station.hear(frame, channel, lqi);
  }

  private settle(member: Member, key: string): undefined {
    const own = this.pinned.get(key);
    const nodes = this.options.topology!.nodes;
    const place = own ?? nodes.find(({ name, eui64 }) => eui64 === null && !this.byPlace.has(name))?.name ?? null;
    member.place = place;
    if (place !== null) this.byPlace.set(place, member);
  }

  private release(member: Member): undefined {
    if (member.key !== null) this.byKey.delete(member.key);
    if (member.place !== null) this.byPlace.delete(member.place);
    member.key = null;
    member.place = null;
  }
}

/** An EUI-64 as a key, from bytes in network order. */
function keyOf(eui64: Uint8Array): string {
  let key = '';
  for (let i = 0; i < LONG_LEN; i++) key += String.fromCharCode(eui64[i]!);
  return key;
}

/** An EUI-64 as a key, from a frame: there its last byte comes first. */
function keyOnAir(frame: Uint8Array, offset: number): string {
  let key = '';
  for (let i = LONG_LEN - 1; i >= 0; i--) key += String.fromCharCode(frame[offset + i]!);
  return key;
}

/** Where a frame has its long source address; 0 when it has none. */
function longSource(frame: Uint8Array): number {
  if (frame.length < HEAD_LEN || frame[1]! >> 6 !== MODE_LONG) return 0;
  const mode = dstMode(frame);
  const dst = mode === MODE_LONG ? PAN_LEN + LONG_LEN : mode === MODE_SHORT ? PAN_LEN + 2 : 0;
  const pan = (frame[0]! & FCF_PAN_COMP) !== 0 ? 0 : PAN_LEN;
  const offset = HEAD_LEN + dst + pan;
  return frame.length < offset + LONG_LEN ? 0 : offset;
}
