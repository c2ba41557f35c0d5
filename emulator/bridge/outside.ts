// A board of a live run on the air of somebody else's ZEP dispatcher.
import { eui64_from_str } from '../../net/wire/addr.ts';
import { hex } from '../../net/wire/bytes.ts';
import { type Endpoint, formatEndpoint } from './endpoint.ts';
import type { FromLive, ToLive } from './protocol.ts';
import { ZepPort } from './zep.ts';

const CHANNEL_MIN = 11;
const CHANNEL_MAX = 26;

export class ZepOutside {
  private readonly remote: Endpoint;
  private readonly send: (message: ToLive) => undefined;
  private port: ZepPort | null = null;
  /** Frames that the board sent before the socket was there. */
  private readonly early: [frame: Uint8Array, channel: number][] = [];
  private warned = false;
  private closed = false;

  /** @param send takes messages to the run */
  constructor(remote: Endpoint, send: (message: ToLive) => undefined) {
    this.remote = remote;
    this.send = send;
  }

  /** Takes what the run tells. */
  take(message: FromLive): undefined {
    if (message.type === 'boards') {
      const { name, eui64 } = message.boards[0]!;
      void this.join(name, eui64_from_str(eui64)!);
    } else if (message.type === 'air') {
      if (this.port === null) this.early.push([message.frame, message.channel]);
      else this.port.send(message.frame, message.channel);
    }
  }

  close(): undefined {
    this.closed = true;
    this.port?.close();
  }

  private async join(node: string, eui64: Uint8Array): Promise<void> {
    const port = await ZepPort.join(this.remote, eui64, (frame, channel, lqi) => {
      if (channel < CHANNEL_MIN || channel > CHANNEL_MAX) return;
      this.send({ type: 'op', op: { type: 'frame', node, frame: hex(frame), channel, lqi } });
    }, () => this.refused());
    if (this.closed) return port.close();
    this.port = port;
    for (const [frame, channel] of this.early) port.send(frame, channel);
  }

  /** As with a native process nothing is wrong: a dispatcher may come later, and then only frames make the board known. */
  private refused(): undefined {
    if (this.warned) return;
    this.warned = true;
    process.stderr.write(`riotbed: nobody listens on ${formatEndpoint(this.remote)}: ` +
      'start `riotbed zep` or zep_dispatch there; frames are lost until then\n');
  }
}
