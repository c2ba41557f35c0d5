// What the DTLS tests share: an engine on a board of its own, whose actions a plain loop answers.

import { dtls_alert_fatal_create, DTLS_ALERT_INTERNAL_ERROR, dtls_connect, dtls_get_peer, dtls_handle_message,
  dtls_init, dtls_new_context, DTLS_PSK_HINT, DTLS_PSK_IDENTITY } from '../../../net/dtls/dtls.ts';
import { p256PublicKey } from '../../../net/crypto/p256.ts';
import { bytesEqual } from '../../../net/wire/bytes.ts';
import { DTLS_1_2, emitDtlsRecord } from '../../../net/wire/dtls.ts';
import type { CryptoWork } from '../../../net/crypto/work.ts';
import type { dtls_context_t, DtlsAction, DtlsConfig, DtlsEnv, DtlsEvent, DtlsHooks, DtlsNeedPsk, DtlsSteps,
  DtlsTraceEvent, session_t } from '../../../net/dtls/dtls.ts';

export const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** A record of epoch 0, as anyone may send one. */
export function plainRecord(type: number, seq: number, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(13 + payload.length);
  out.set(payload, emitDtlsRecord({ type, version: DTLS_1_2, epoch: 0, seq, length: payload.length }, out, 0));
  return out;
}

/** The same record with another number (in epoch 0 nothing protects it). */
export function renumbered(datagram: Uint8Array, seq: number): Uint8Array {
  const out = datagram.slice();
  out[10] = seq;
  return out;
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** fe80::<last> as an endpoint. */
export function endpoint(last: number, port: number): session_t {
  const addr = new Uint8Array(16);
  addr[0] = 0xfe;
  addr[1] = 0x80;
  addr[15] = last;
  return { addr, port, ifindex: 6 };
}

export interface Credential {
  identity: Uint8Array;
  key: Uint8Array;
}

export const CREDENTIAL: Credential = { identity: text('Identity_1'), key: text('yetAnotherSecret') };

/** RFC 5246 §7.2. */
export const BAD_CERTIFICATE = 42;

const publicKeys = new Map<string, Uint8Array>();

/** x and y of a private key's public key; each is computed once. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const id = privateKey.join();
  const known = publicKeys.get(id) ?? p256PublicKey(privateKey);
  publicKeys.set(id, known);
  return known;
}

export interface BoardOptions {
  hint?: Uint8Array;
  credentials?: Credential[];
  /** The own private key; by default one of this board's `seed`. Null: none. */
  privateKey?: Uint8Array | null;
  /** The only public key that is taken for the peer's; by default any is. */
  peerKey?: Uint8Array;
  config?: Partial<DtlsConfig>;
  /** Random bytes in order of use; counted up from `seed` once they are used up. */
  randoms?: Uint8Array[];
  seed?: number;
  tracing?: boolean;
}

/** One board with one context, and a record of all that its engine did. */
export class Board {
  readonly env: DtlsEnv;
  readonly ctx: dtls_context_t;
  readonly sent: { to: session_t; datagram: Uint8Array }[] = [];
  readonly logs: string[] = [];
  readonly diagnostics: string[] = [];
  readonly events: { level: number; code: number }[] = [];
  readonly reads: Uint8Array[] = [];
  readonly trace: DtlsTraceEvent[] = [];
  readonly asked: DtlsNeedPsk[] = [];
  /** What `send` is answered; null: the length. */
  sendResult: number | null = null;
  hint: Uint8Array;
  credentials: Credential[];
  readonly privateKey: Uint8Array | null;
  readonly peerKey: Uint8Array | undefined;
  /** Public keys that the engine asked about. */
  readonly verified: Uint8Array[] = [];
  /** Work done at each action of type 'work', and how many datagrams were out by then. */
  readonly worked: { sent: number; work: CryptoWork }[] = [];
  #randoms: Uint8Array[];
  #counter: number;

  constructor(options: BoardOptions = {}) {
    this.hint = options.hint ?? new Uint8Array(0);
    this.credentials = options.credentials ?? [CREDENTIAL];
    this.#randoms = options.randoms ?? [];
    this.#counter = options.seed ?? 0;
    this.privateKey = options.privateKey === undefined ? new Uint8Array(32).fill(1 + this.#counter)
      : options.privateKey;
    this.peerKey = options.peerKey;
    const hooks: DtlsHooks = {
      random: (n) => this.#random(n),
      log: (_level, line) => { this.logs.push(line); return undefined; },
      diagnose: (line) => { this.diagnostics.push(line); return undefined; },
      tracing: options.tracing ?? false,
      trace: (event) => { this.trace.push(event); return undefined; },
    };
    this.env = dtls_init(hooks, options.config);
    const ctx = dtls_new_context(this.env, null);
    if (ctx === null) throw new Error('no context');
    this.ctx = ctx;
  }

  #random(n: number): Uint8Array {
    const given = this.#randoms.shift();
    if (given !== undefined) return given;
    return Uint8Array.from({ length: n }, () => this.#counter++ * 37 & 0xff);
  }

  /** Runs steps to their end. */
  run<T>(steps: DtlsSteps<T>): T {
    let step = steps.next(0);
    while (!step.done) step = steps.next(this.perform(step.value));
    return step.value;
  }

  connect(to: session_t): number {
    return this.run(dtls_connect(this.ctx, to));
  }

  /** Handles a copy of the datagram, as a receive buffer would hold one. */
  receive(from: session_t, datagram: Uint8Array): number {
    return this.run(dtls_handle_message(this.ctx, from, new Uint8Array(datagram), datagram.length));
  }

  /** The datagrams sent since the last call. */
  take(): Uint8Array[] {
    return this.sent.splice(0).map(({ datagram }) => datagram);
  }

  /** State of the peer with that session, or null. */
  stateOf(session: session_t): number | null {
    return dtls_get_peer(this.ctx, session)?.state ?? null;
  }

  /** Slots in use by pool, for comparisons. */
  used(): Record<string, number> {
    const { peer, handshake, security, netq, context } = this.env.pools;
    return {
      peer: peer.used, handshake: handshake.used, security: security.used, netq: netq.used, context: context.used,
    };
  }

  /** Does one action and gives its answer. */
  perform(action: DtlsAction): number {
    switch (action.type) {
      case 'send':
        if (this.sendResult !== null && this.sendResult < 0) return this.sendResult;
        this.sent.push({ to: action.session, datagram: action.datagram });
        return this.sendResult ?? action.datagram.length;
      case 'event': return this.events.push(eventOf(action));
      case 'read': return this.reads.push(action.plaintext.slice());
      case 'need_psk':
        this.asked.push(action);
        return this.#psk(action);
      case 'need_key':
        if (this.privateKey === null) return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
        action.private_key.set(this.privateKey);
        action.public_key.set(publicKeyOf(this.privateKey));
        return 0;
      case 'verify_key':
        this.verified.push(action.public_key.slice());
        return this.peerKey === undefined || bytesEqual(this.peerKey, action.public_key) ? 0
          : dtls_alert_fatal_create(BAD_CERTIFICATE);
      case 'work':
        this.worked.push({ sent: this.sent.length, work: { ...this.env.work } });
        return 0;
    }
  }

  /** As RIOT's sock_dtls answers: hint or none; the first credential; the key of the identity. */
  #psk(action: DtlsNeedPsk): number {
    if (action.kind === DTLS_PSK_HINT) return give(action, this.hint);
    const found = action.kind === DTLS_PSK_IDENTITY ? this.credentials[0]?.identity
      : this.credentials.find(({ identity }) => bytesEqual(identity, action.desc ?? new Uint8Array(0)))?.key;
    if (found === undefined || found.length > action.result.length) {
      return dtls_alert_fatal_create(DTLS_ALERT_INTERNAL_ERROR);
    }
    return give(action, found);
  }
}

function eventOf(action: DtlsEvent): { level: number; code: number } {
  return { level: action.level, code: action.code };
}

function give(action: DtlsNeedPsk, bytes: Uint8Array): number {
  action.result.set(bytes);
  return bytes.length;
}

/** A client and a server with a wire between them. */
export class Pair {
  readonly client: Board;
  readonly server: Board;
  readonly clientAddress = endpoint(0x0b, 12345);
  readonly serverAddress = endpoint(0x0a, 20220);
  /** Every datagram in order. */
  readonly wire: { from: 'client' | 'server'; datagram: Uint8Array }[] = [];

  constructor(client: BoardOptions = {}, server: BoardOptions = {}) {
    this.client = new Board({ seed: 1, ...client });
    this.server = new Board({ seed: 99, hint: text('Prefer_Id_1'), ...server });
  }

  /** Carries datagrams until neither end has one; `pass` says which arrive. */
  settle(pass: (from: 'client' | 'server', datagram: Uint8Array, index: number) => boolean = () => true): void {
    for (;;) {
      const fromClient = this.client.take();
      const fromServer = this.server.take();
      if (fromClient.length + fromServer.length === 0) return;
      for (const datagram of fromClient) this.#carry('client', datagram, pass);
      for (const datagram of fromServer) this.#carry('server', datagram, pass);
    }
  }

  /** A handshake to its end. */
  handshake(): void {
    this.client.connect(this.serverAddress);
    this.settle();
  }

  #carry(from: 'client' | 'server', datagram: Uint8Array,
    pass: (from: 'client' | 'server', datagram: Uint8Array, index: number) => boolean): void {
    const index = this.wire.push({ from, datagram }) - 1;
    if (!pass(from, datagram, index)) return;
    if (from === 'client') this.server.receive(this.clientAddress, datagram);
    else this.client.receive(this.serverAddress, datagram);
  }
}

