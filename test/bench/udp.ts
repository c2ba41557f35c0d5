// UDP over the whole emulated path, from the call that sends to the return of the one that receives: bodies for a
// driver. Two native boards in one simulation throw a datagram to each other, every frame and its ACK on the emulated
// air, nobody reading the trace.
import { apps } from '../../apps/index.ts';
import { native } from '../../boards/native.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../net/sock/udp.ts';
import { fromHex } from '../../net/wire/bytes.ts';

const PORT = 5000;
const BUF_SIZE = 1280;
/** Virtual time between two looks at the progress, µs. */
const SLICE = 100_000;
const SERVER = fromHex('fe80000000000000000000000000000a');

/** Receives datagrams of `size` bytes and sends each back, for ever; the one who serves begins. */
function player(size: number, serves: boolean, progress: { done: number }): App {
  return { name: 'bench_udp', modules: apps['sock_udp_echo']!.modules, main: function* (): Blocking<number> {
    const local = SOCK_IPV6_EP_ANY();
    const remote = SOCK_IPV6_EP_ANY();
    local.port = PORT;
    remote.port = PORT;
    remote.addr.ipv6.set(SERVER);
    const sock = new sock_udp_t();
    sock_udp_create(sock, local, null, 0);
    const buf = new Uint8Array(BUF_SIZE);
    if (serves) yield* sock_udp_send(sock, buf, size, remote);
    while (true) {
      const res = yield* sock_udp_recv(sock, buf, buf.length, SOCK_NO_TIMEOUT, remote);
      if (res !== size) throw new Error(`datagram ${progress.done + 1}: receiving ended with ${res}`);
      progress.done++;
      yield* sock_udp_send(sock, buf, size, remote);
    }
  } };
}

/** Two boards; runs until about `n` more datagrams of `size` bytes have arrived at each call of what it returns. */
export function udpNetwork(size: number): (n: number) => number {
  const progress = { done: 0 };
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app: player(size, false, progress), eui64: fromHex('020000000000000a'), bootAt: 0 },
    b: { board: native, app: player(size, true, progress), eui64: fromHex('020000000000000b'), bootAt: 1_000_000 },
  } });
  return (n) => {
    const end = progress.done + n;
    while (progress.done < end) {
      const before = progress.done;
      sim.runFor(SLICE);
      const failure = sim.nodes.find((node) => node.state === 'crashed')?.failure;
      if (failure !== undefined) throw failure;
      if (progress.done === before && sim.now > 10 * SLICE + 1_000_000) throw new Error('a datagram was lost');
    }
    return progress.done;
  };
}
