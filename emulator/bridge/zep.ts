// ZEP over UDP, in both roles: ZepPort is what a RIOT native process with socket_zep has, ZepDispatcher what
// zep_dispatch is (RIOT cpu/native/socket_zep, dist/tools/zep_dispatch).
import type { RemoteInfo, Socket } from 'node:dgram';
import { hex } from '../../net/wire/bytes.ts';
import {
  UNIX_NTP_ERA_OFFSET, ZEP_V2_DATA_HEADER_LEN, ZEP_V2_TYPE_DATA, ZEP_V2_TYPE_HELLO, emitZep, parseZep, zepFraction,
} from '../../net/wire/zep.ts';
import type { Air, Station } from './air.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import { Spacing } from './spacing.ts';
import { openUdp } from './udp.ts';

const EUI64_LEN = 8;
const LQI_OFFSET = 8;
const LQI_MAX = 255;
const LQI_MODE = 1;
/** An MPDU with its FCS. */
const FRAME_MIN = 3;
const FRAME_MAX = 127;

/** More peers than this share no air; the one that was silent longest goes. */
const PEERS_MAX = 1024;

/** What came to a ZEP port. */
export interface ZepCounters {
  frames: number;
  hellos: number;
  /** Datagrams that are no ZEP, or hold no frame. */
  garbage: number;
}

/** Writes datagrams of one device. */
class ZepWriter {
  private sequence = 0;

  /** A frame (MPDU with FCS) as a ZEP datagram. */
  data(frame: Uint8Array, channel: number, lqi: number): Uint8Array {
    const now = Date.now();
    const datagram = new Uint8Array(ZEP_V2_DATA_HEADER_LEN + frame.length);
    emitZep({
      type: ZEP_V2_TYPE_DATA, channel, deviceId: 0, lqiMode: LQI_MODE, lqi,
      ntpSeconds: Math.floor(now / 1000) + UNIX_NTP_ERA_OFFSET, ntpFraction: zepFraction((now % 1000) * 1000),
      sequence: this.sequence++, length: frame.length, headerLength: ZEP_V2_DATA_HEADER_LEN,
    }, datagram, 0);
    datagram.set(frame, ZEP_V2_DATA_HEADER_LEN);
    return datagram;
  }
}

/** The datagram with which a device makes itself known: all that is not named is 0. */
function hello(eui64: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(ZEP_V2_DATA_HEADER_LEN + EUI64_LEN);
  emitZep({
    type: ZEP_V2_TYPE_HELLO, channel: 0, deviceId: 0, lqiMode: 0, lqi: 0, ntpSeconds: 0, ntpFraction: 0, sequence: 0,
    length: EUI64_LEN, headerLength: ZEP_V2_DATA_HEADER_LEN,
  }, datagram, 0);
  datagram.set(eui64, ZEP_V2_DATA_HEADER_LEN);
  return datagram;
}

/** One board on the air of somebody else's dispatcher. */
export class ZepPort {
  readonly counters: ZepCounters = { frames: 0, hellos: 0, garbage: 0 };
  private readonly socket: Socket;
  private readonly writer = new ZepWriter();
  private readonly spacing: Spacing;
  private closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.spacing = new Spacing((datagram) => {
      if (!this.closed) this.socket.send(datagram);
    });
  }

  /**
   * Joins a dispatcher.
   * @param hear gets the frames (MPDU with FCS) that come from it
   * @param refused called when a datagram comes back: nobody is there (yet)
   * @throws SocketError when no socket can be had
   */
  static async join(
    remote: Endpoint, eui64: Uint8Array, hear: (frame: Uint8Array, channel: number, lqi: number) => undefined,
    refused: () => undefined,
  ): Promise<ZepPort> {
    const receive = (datagram: Uint8Array): undefined => port.receive(datagram, hear);
    const socket = await openUdp('--zep', null, remote.family, receive);
    const port = new ZepPort(socket);
    await new Promise<void>((resolve) => socket.connect(remote.port, remote.address, resolve));
    socket.on('error', refused);
    socket.send(hello(eui64));
    return port;
  }

  send(frame: Uint8Array, channel: number): undefined {
    this.spacing.put(this.writer.data(frame, channel, LQI_MAX));
  }

  close(): undefined {
    this.closed = true;
    this.socket.close();
  }

  private receive(
    datagram: Uint8Array, hear: (frame: Uint8Array, channel: number, lqi: number) => undefined,
  ): undefined {
    const zep = parseZep(datagram);
    if (typeof zep === 'string' || !isFrame(zep.length)) {
      this.counters.garbage++;
    } else if (zep.type === ZEP_V2_TYPE_DATA) {
      this.counters.frames++;
      hear(datagram.subarray(zep.headerLength), zep.channel, zep.lqi);
    } else {
      this.counters.hellos++;
    }
  }
}

function isFrame(length: number): boolean {
  return length >= FRAME_MIN && length <= FRAME_MAX;
}

/** A process that has sent something to the dispatcher. */
class Peer implements Station {
  readonly emulated = false;
  readonly name: string;
  private readonly dispatcher: ZepDispatcher;
  readonly spacing: Spacing;
  readonly address: string;
  readonly port: number;

  constructor(dispatcher: ZepDispatcher, { address, port }: RemoteInfo) {
    this.dispatcher = dispatcher;
    this.name = formatEndpoint({ address, port });
    this.address = address;
    this.port = port;
    this.spacing = new Spacing((datagram) => dispatcher.write(datagram, port, address));
  }

  hear(frame: Uint8Array, channel: number, lqi: number): undefined {
    this.dispatcher.deliver(this, frame, channel, lqi);
  }
}

export interface DispatcherListener {
  /** A station has got a place, or found none (null). */
  placed(name: string, eui64: string, place: string | null): undefined;
  /** A station is there, or was thrown out for a newer one. */
  peer(name: string, what: 'joined' | 'dropped'): undefined;
  /** A process has sent a frame. */
  frame(from: string, frame: Uint8Array, channel: number): undefined;
}

/** The air for real processes: each is a station of an `Air`. */
export class ZepDispatcher {
  readonly counters: ZepCounters = { frames: 0, hellos: 0, garbage: 0 };
  private readonly air: Air;
  private readonly listener: DispatcherListener;
  private socket: Socket | null = null;
  private readonly writer = new ZepWriter();
  /** In the order in which they were last heard. */
  private readonly peers = new Map<string, Peer>();
  /** The datagram that is being given out: it goes on as it came, its LQI excepted. */
  private current: Uint8Array | null = null;

  private constructor(air: Air, listener: DispatcherListener) {
    this.air = air;
    this.listener = listener;
  }

  /** @throws SocketError when the port is taken */
  static async open(local: Endpoint, air: Air, listener: DispatcherListener): Promise<ZepDispatcher> {
    const dispatcher = new ZepDispatcher(air, listener);
    const receive = (datagram: Uint8Array, from: RemoteInfo): undefined => dispatcher.receive(datagram, from);
    dispatcher.socket = await openUdp('the dispatcher', local, local.family, receive);
    return dispatcher;
  }

  /** Where it listens. */
  get endpoint(): { address: string; port: number } {
    return this.socket!.address();
  }

  close(): undefined {
    this.socket?.close();
    this.socket = null;
  }

  /** Gives a frame to a peer. */
  deliver(peer: Peer, frame: Uint8Array, channel: number, lqi: number): undefined {
    let datagram = this.current ?? this.writer.data(frame, channel, lqi);
    if (datagram[LQI_OFFSET] !== lqi) {
      datagram = datagram.slice();
      datagram[LQI_OFFSET] = lqi;
    }
    peer.spacing.put(datagram);
  }

  write(datagram: Uint8Array, port: number, address: string): undefined {
    this.socket?.send(datagram, port, address);
  }

  private receive(datagram: Uint8Array, from: RemoteInfo): undefined {
    const zep = parseZep(datagram);
    const isHello = typeof zep !== 'string' && zep.type === ZEP_V2_TYPE_HELLO;
    const valid = typeof zep !== 'string' &&
      (isHello ? zep.length === EUI64_LEN || zep.length === 0 : zep.type === ZEP_V2_TYPE_DATA && isFrame(zep.length));
    if (!valid) {
      this.counters.garbage++;
      return;
    }
    const peer = this.peerOf(from);
    const payload = datagram.subarray(zep.headerLength);
    if (isHello) return this.greet(peer, payload);
    this.counters.frames++;
    this.listener.frame(peer.name, payload, zep.channel);
    this.current = datagram;
    this.air.send(peer, payload, zep.channel, zep.lqi);
    this.current = null;
  }

  private greet(peer: Peer, eui64: Uint8Array): undefined {
    this.counters.hellos++;
    if (eui64.length === 0) return this.air.sniff(peer);
    this.listener.placed(peer.name, hex(eui64, ':'), this.air.identify(peer, eui64));
  }

  private peerOf(from: RemoteInfo): Peer {
    const key = `${from.port} ${from.address}`;
    let peer = this.peers.get(key);
    if (peer !== undefined) {
      this.peers.delete(key);
      this.peers.set(key, peer);
      return peer;
    }
    if (this.peers.size >= PEERS_MAX) this.dropSilent();
    peer = new Peer(this, from);
    this.peers.set(key, peer);
    this.air.join(peer);
    this.listener.peer(peer.name, 'joined');
    return peer;
  }

  private dropSilent(): undefined {
    const [key, peer] = this.peers.entries().next().value!;
    this.peers.delete(key);
    this.air.leave(peer);
    this.listener.peer(peer.name, 'dropped');
  }
}
