// The DTLS engine alone: both ends in memory, no kernel, no network.

import { dtls_connect, dtls_get_peer, dtls_handle_message, dtls_init, dtls_new_context, dtls_reset_peer, dtls_write,
  DTLS_EVENT_CONNECTED, DTLS_PSK_KEY } from '../../net/dtls/dtls.ts';
import type { dtls_context_t, DtlsAction, DtlsHooks, DtlsSteps, session_t } from '../../net/dtls/dtls.ts';

const IDENTITY = new TextEncoder().encode('Identity_1');
const KEY = new TextEncoder().encode('yetAnotherSecret');
const HINT = new TextEncoder().encode('Prefer_Id_1');

/** One end: a context, what it has sent, and how far it is. */
class End {
  readonly ctx: dtls_context_t;
  readonly address: session_t;
  readonly sent: Uint8Array[] = [];
  connected = 0;
  received = 0;
  readonly #hint: Uint8Array;
  #random = 0;

  constructor(last: number, port: number, hint: Uint8Array) {
    this.address = { addr: new Uint8Array(16).fill(last), port, ifindex: 0 };
    this.#hint = hint;
    const hooks: DtlsHooks = {
      random: (n) => new Uint8Array(n).fill(this.#random++),
      log: (_level, text) => { throw new Error(text); },
      diagnose: (text) => { throw new Error(text); },
      tracing: false,
      trace: () => undefined,
    };
    const ctx = dtls_new_context(dtls_init(hooks, { DTLS_MAX_BUF: 1500 }), null);
    if (ctx === null) throw new Error('no context');
    this.ctx = ctx;
  }

  run<T>(steps: DtlsSteps<T>): T {
    let step = steps.next(0);
    while (!step.done) step = steps.next(this.#perform(step.value));
    return step.value;
  }

  #perform(action: DtlsAction): number {
    switch (action.type) {
      case 'send':
        this.sent.push(action.datagram);
        return action.datagram.length;
      case 'event':
        if (action.code === DTLS_EVENT_CONNECTED) this.connected++;
        return 0;
      case 'read':
        this.received += action.plaintext.length;
        return 0;
      case 'need_psk': {
        const answer = action.kind === DTLS_PSK_KEY ? KEY : action.desc === null ? this.#hint : IDENTITY;
        action.result.set(answer);
        return answer.length;
      }
      case 'need_key':
      case 'verify_key':
      case 'work':
        return 0;
    }
  }
}

const client = new End(1, 12345, HINT);
const server = new End(2, 20220, HINT);

/** Carries all datagrams until both ends are silent. */
function settle(): void {
  while (client.sent.length + server.sent.length > 0) {
    for (const datagram of client.sent.splice(0)) {
      server.run(dtls_handle_message(server.ctx, client.address, datagram, datagram.length));
    }
    for (const datagram of server.sent.splice(0)) {
      client.run(dtls_handle_message(client.ctx, server.address, datagram, datagram.length));
    }
  }
}

/**
 * One PSK handshake from ClientHello to both Finished, ten datagrams and one more for the close_notify of the client's
 * former session, which the server does not get: it replaces that session when the new cookie comes.
 */
export function engineHandshake(): void {
  const former = dtls_get_peer(client.ctx, server.address);
  if (former !== null) {
    client.run(dtls_reset_peer(client.ctx, former));
    client.sent.length = 0;
  }
  const before = client.connected + server.connected;
  client.run(dtls_connect(client.ctx, server.address));
  settle();
  if (client.connected + server.connected !== before + 2) throw new Error('the handshake did not finish');
}

/** One record of `payload`, sealed at the client and opened at the server. The handshake is done at the first call. */
export function engineRecord(payload: Uint8Array): void {
  if (dtls_get_peer(client.ctx, server.address) === null) engineHandshake();
  const before = server.received;
  client.run(dtls_write(client.ctx, server.address, payload, payload.length));
  settle();
  if (server.received !== before + payload.length) throw new Error('the record did not arrive');
}

/** Runs `n` handshakes. */
export function engineHandshakes(n: number): void {
  for (let i = 0; i < n; i++) engineHandshake();
}
