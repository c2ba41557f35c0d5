// The whole emulated path: bodies for a driver. Two native boards in one simulation, every frame on
// the emulated air, nobody reading the trace.
import { apps } from '../../apps/index.ts';
import { native } from '../../boards/native.ts';
import { Simulation } from '../../emulator/sim/simulation.ts';
import type { App } from '../../kernel/app.ts';
import type { Blocking } from '../../kernel/blocking.ts';
import {
  SOCK_DTLS_HANDSHAKE, sock_dtls_recv, sock_dtls_session_destroy, sock_dtls_session_init, sock_dtls_session_t,
} from '../../net/sock/dtls.ts';
import { fromHex } from '../../net/wire/bytes.ts';
import { openClient, server } from '../emulator/sim/handshakes.ts';

/** Far beyond what any handshake takes, µs. */
const HANDSHAKE_LIMIT = 1_000_000;

/** Does one handshake after the other; counts them in `progress.done`. */
function client(progress: { done: number }): App {
  return { ...apps.dtls_sock, name: 'bench_client', main: function* (): Blocking<number> {
    const { sock, remote } = openClient();
    const session = new sock_dtls_session_t();
    const buf = new Uint8Array(256);
    while (true) {
      yield* sock_dtls_session_init(sock, remote, session);
      const res = yield* sock_dtls_recv(sock, session, buf, buf.length, HANDSHAKE_LIMIT);
      if (res !== -SOCK_DTLS_HANDSHAKE) throw new Error(`handshake ${progress.done + 1} ended with ${res}`);
      progress.done++;
      yield* sock_dtls_session_destroy(sock, session);
    }
  } };
}

/** A client and a server; runs `n` more handshakes at each call of what it returns. */
export function handshakeNetwork(): (n: number) => number {
  const progress = { done: 0 };
  const sim = new Simulation({ seed: 1, nodes: {
    server: { board: native, app: server, eui64: fromHex('020000000000000a'), bootAt: 0 },
    client: { board: native, app: client(progress), eui64: fromHex('020000000000000b'), bootAt: 2_000_000 },
  } });
  return (n) => {
    const end = progress.done + n;
    while (progress.done < end) {
      sim.runFor(10_000);
      const failure = sim.nodes.find((node) => node.state === 'crashed')?.failure;
      if (failure !== undefined) throw failure;
    }
    return progress.done;
  };
}

/** `n` sequential PSK handshakes, from session_init to session_destroy; boots two boards for it. */
export function emulatedHandshakes(n: number): number {
  return handshakeNetwork()(n);
}

/** Two boards at their shell prompts, for so many virtual seconds. Returns the number of steps. */
export function idleBoards(seconds: number): number {
  const sim = new Simulation({ seed: 1, nodes: {
    a: { board: native, app: apps.dtls_sock },
    b: { board: native, app: apps.dtls_sock },
  } });
  sim.runFor(seconds * 1_000_000);
  return sim.sequence;
}
