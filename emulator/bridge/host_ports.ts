// UDP ports of the host that stand for ports of boards: what a program sends there goes to a board by way of node
// `host`, over emulated 6LoWPAN, and the board's answers come back from that port.
import type { RemoteInfo, Socket } from 'node:dgram';
import { hex } from '../../net/wire/bytes.ts';
import { HOST_PAYLOAD_MAX } from '../sim/host-udp.ts';
import { type Endpoint, formatEndpoint, isLoopback, parseEndpoint } from './endpoint.ts';
import { HOST, type LiveBoard, type ToLive } from './protocol.ts';
import { openUdp } from './udp.ts';

const PORT_MAX = 65535;

/** A port of the host, and the board's that it stands for. */
export interface PortRule {
  /** As the user wrote it. */
  readonly text: string;
  /** The board; null: the only one. */
  readonly node: string | null;
  /** Where the host listens. A port alone is that port on both loopback addresses. */
  readonly endpoints: readonly Endpoint[];
  readonly nodePort: number;
}

/**
 * Reads [NODE=]HOSTPORT[:NODEPORT], where HOSTPORT may have an address before it: 20220, 5684:20220,
 * [::1]:5684:20220, server=127.0.0.1:5684:20220.
 * @param what names it in messages, such as `--udp`
 * @param remote whether addresses that other hosts can reach are allowed
 * @throws RangeError for what is none; names it and what was expected
 */
export function parsePortRule(what: string, text: string, remote: boolean): PortRule {
  const [, node, address, hostPort, nodePort] =
    /^(?:([\w.:-]+?)=)?(?:(\[[^\]]*\]|\d+\.\d+\.\d+\.\d+):)?(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (hostPort === undefined) {
    throw new RangeError(`${what}: '${text}' is not HOSTPORT[:NODEPORT], such as 5684:20220 or [::1]:5684:20220`);
  }
  const addresses = address === undefined ? ['[::1]', '127.0.0.1'] : [address];
  const endpoints = addresses.map((host) => parseEndpoint(what, `${host}:${hostPort}`));
  const open = endpoints.find((endpoint) => !isLoopback(endpoint));
  if (open !== undefined && !remote) {
    throw new RangeError(
      `${what}: ${open.address} lets other hosts reach the board; add --allow-remote if you want that`);
  }
  const port = Number(nodePort ?? hostPort);
  if (port < 1 || port > PORT_MAX) throw new RangeError(`${what}: port ${port} is not from 1 to ${PORT_MAX}`);
  return { text, node: node ?? null, endpoints, nodePort: port };
}

/** What went through, since the start. */
export interface PortCounters {
  /** From programs, and to them. */
  in: number;
  out: number;
  /** Larger than an IPv6 packet of the board's link may be. */
  tooLarge: number;
}

/** A program that has sent something: where its answers go. */
interface Program {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
}

export class HostPorts {
  readonly counters: PortCounters = { in: 0, out: 0, tooLarge: 0 };
  private readonly send: (message: ToLive) => undefined;
  private readonly sockets: Socket[] = [];
  /** By the rule's number, address and port. */
  private readonly ids = new Map<string, number>();
  private readonly programs: Program[] = [];

  private constructor(send: (message: ToLive) => undefined) {
    this.send = send;
  }

  /**
   * Opens the ports.
   * @param send takes messages to the run
   * @throws RangeError for a rule of a board that there is not; SocketError when a port is taken
   */
  static async open(
    rules: readonly PortRule[], boards: readonly LiveBoard[], send: (message: ToLive) => undefined,
  ): Promise<HostPorts> {
    const ports = new HostPorts(send);
    try {
      for (const [index, rule] of rules.entries()) {
        const board = boardOf(rule, boards);
        for (const endpoint of rule.endpoints) await ports.listen(index, endpoint, rule, board);
      }
    } catch (error) {
      ports.close();
      throw error;
    }
    return ports;
  }

  /** A board has answered a program. */
  answer(client: number, payload: Uint8Array): undefined {
    const program = this.programs[client];
    if (program === undefined) return;
    this.counters.out++;
    program.socket.send(payload, program.port, program.address);
  }

  close(): undefined {
    for (const socket of this.sockets.splice(0)) socket.close();
  }

  private async listen(index: number, endpoint: Endpoint, rule: PortRule, board: LiveBoard): Promise<void> {
    const socket = await openUdp(`--udp ${rule.text}`, endpoint, endpoint.family, (payload, from) => {
      this.take(this.idOf(index, socket, from), payload, board.linkLocal, rule.nodePort);
    });
    this.sockets.push(socket);
  }

  private take(client: number, payload: Uint8Array, to: string, port: number): undefined {
    if (payload.length > HOST_PAYLOAD_MAX) {
      this.counters.tooLarge++;
      return;
    }
    this.counters.in++;
    this.send({ type: 'op', op: { type: 'datagram', node: HOST, client, to, port, payload: hex(payload) } });
  }

  private idOf(index: number, socket: Socket, { address, port }: RemoteInfo): number {
    const key = `${index} ${formatEndpoint({ address, port })}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.programs.length;
      this.programs.push({ socket, address, port });
      this.ids.set(key, id);
    }
    return id;
  }
}

function boardOf({ node, text }: PortRule, boards: readonly LiveBoard[]): LiveBoard {
  const known = boards.filter(({ name }) => name !== HOST);
  const names = known.map(({ name }) => name).join(', ');
  if (node === null) {
    if (known.length !== 1) throw new RangeError(`--udp ${text}: which board? NODE=${text} with one of: ${names}`);
    return known[0]!;
  }
  const found = known.find(({ name }) => name === node);
  if (found === undefined) throw new RangeError(`--udp ${text}: there is no board ${node}; there are: ${names}`);
  return found;
}
