// What a single live board has outside: the air of somebody else's ZEP dispatcher, ports of the host that stand for its
// own, and a TAP device at the end of its cable.
import { eui64_from_str } from '../../net/wire/addr.ts';
import { hex } from '../../net/wire/bytes.ts';
import { ETHERNET_HDR_LEN } from '../../net/wire/ethernet.ts';
import { Antenna } from './antenna.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import { HostPorts, type PortRule } from './host_ports.ts';
import { HOST, type FromLive, type LiveBoard, type ToLive } from './protocol.ts';
import { TapDevice } from './tap.ts';
import { ZepPort } from './zep.ts';

/** Name of the segment that a TAP device is on. */
export const TAP_WIRE = 'tap';

export interface OutsideOptions {
  /** The dispatcher; null: none. */
  readonly zep: Endpoint | null;
  readonly udp: readonly PortRule[];
  /** Name of the host's device on the other end of the wire `TAP_WIRE`; null: none. */
  readonly tap: string | null;
  /** Takes messages to the run. */
  readonly send: (message: ToLive) => undefined;
  /** Says something on stderr. */
  readonly warn: (text: string) => undefined;
  /** It cannot be: a port is taken, for example. */
  readonly fail: (error: Error) => undefined;
}

export class Outside {
  private readonly options: OutsideOptions;
  private port: ZepPort | null = null;
  private hostPorts: HostPorts | null = null;
  private tap: TapDevice | null = null;
  /** Frames that the board sent before the socket was there. */
  private readonly early: [frame: Uint8Array, channel: number][] = [];
  private warned = false;
  private closed = false;

  constructor(options: OutsideOptions) {
    this.options = options;
  }

  /** Takes what the run tells. */
  take(message: FromLive): undefined {
    switch (message.type) {
      case 'boards':
        this.open(message.boards).catch((error: unknown) => {
          this.options.fail(error instanceof Error ? error : new Error(String(error)));
        });
        return;
      case 'air':
        // Node host is on the air of this run only.
        if (message.node === HOST || this.options.zep === null) return;
        if (this.port === null) this.early.push([message.frame, message.channel]);
        else this.port.send(message.frame, message.channel);
        return;
      case 'wire':
        return this.tap?.send(message.frame);
      case 'datagram':
        return this.hostPorts?.answer(message.client, message.payload);
    }
  }

  close(): undefined {
    this.closed = true;
    this.port?.close();
    this.hostPorts?.close();
    this.tap?.close();
  }

  private async open(boards: readonly LiveBoard[]): Promise<void> {
    const { zep, udp, tap, send } = this.options;
    if (zep !== null) await this.join(zep, boards[0]!);
    if (tap !== null) {
      this.tap = await TapDevice.open(tap, (frame) => {
        if (frame.length < ETHERNET_HDR_LEN) return;
        send({ type: 'op', op: { type: 'wire_frame', wire: TAP_WIRE, frame: hex(frame) } });
      });
    }
    this.hostPorts = await HostPorts.open(udp, boards, send);
    if (this.closed) this.close();
  }

  private async join(zep: Endpoint, { name: node, eui64 }: LiveBoard): Promise<void> {
    const antenna = new Antenna(node, this.options.send);
    const hear = (frame: Uint8Array, channel: number, lqi: number): undefined => antenna.hear(frame, channel, lqi);
    const port = await ZepPort.join(zep, eui64_from_str(eui64)!, hear, () => this.refused(zep));
    this.port = port;
    for (const [frame, channel] of this.early) port.send(frame, channel);
  }

  /** As with a native process nothing is wrong: a dispatcher may come later, and frames make the board known to it. */
  private refused(zep: Endpoint): undefined {
    if (this.warned) return;
    this.warned = true;
    this.options.warn(`nobody listens on ${formatEndpoint(zep)}: start \`riotbed zep\` or zep_dispatch there; ` +
      'frames are lost until then');
  }
}
