// The board's DTLS engine: what net/dtls needs from a board, and the loop that does its actions.
// The engine has no thread of its own, as in RIOT: whoever calls a sock function drives it.
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_cost, cpu_spend, cpu_timed } from '../../kernel/cpu.ts';
import { perBoard } from '../../kernel/current.ts';
import { mbox_avail, mbox_put } from '../../kernel/mbox.ts';
import { msg_t } from '../../kernel/msg_t.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { random_bytes } from '../../kernel/random.ts';
import { puts } from '../../kernel/stdio.ts';
import { net_config } from '../config.ts';
import {
  DTLS_ALERT_CLOSE_NOTIFY, DTLS_EVENT_CONNECT, DTLS_EVENT_CONNECTED, dtls_init,
  type DtlsConfig, type DtlsEnv, type DtlsQuirks, type DtlsEvent, type DtlsHooks, type DtlsRead, type DtlsSteps,
} from '../dtls/dtls.ts';
import { trace, tracing } from '../events.ts';
import { quirk } from '../quirks.ts';
import { SOCK_ASYNC_CONN_FIN, SOCK_ASYNC_CONN_RECV, SOCK_ASYNC_MSG_RECV } from './async/types.ts';
import { answerPsk } from './dtls_psk.ts';
import { answerKey, answerVerify } from './dtls_rpk.ts';
import { sessionToEp } from './dtls_session.ts';
import { tell } from './dtls_tell.ts';
import { traceDropped, traceDtls, traceMbox } from './dtls_trace.ts';
import type { OpenSock, sock_dtls_t } from './dtls_types.ts';
import { sock_udp_send } from './udp.ts';

/** Records kept behind the one that waits, without quirk dtls-second-record-lost. */
const MORE_MAX = 4;

/** `charged` is bookkeeping of the emulator: the work that CPU time was charged for. */
const statics = perBoard(() => ({
  env: null as DtlsEnv | null,
  charged: { sha256: 0, aes: 0, aesKey: 0, p256Keygen: 0, p256Sign: 0, p256Shared: 0, p256Verify: 0 },
}), { bytes: 4 });

/** The running board's engine; made at the first call (RIOT: by auto_init). */
export function dtls_env(): DtlsEnv {
  const state = statics();
  state.env ??= dtls_init(hooks, configOfBoard());
  return state.env;
}

/**
 * Runs a function of the engine in the calling thread and does its actions, in order.
 * @returns what the function returns
 */
export function* runEngine<T>(sock: OpenSock, steps: DtlsSteps<T>): Blocking<T> {
  let answer = 0;
  const timed = cpu_timed();
  for (;;) {
    const step = steps.next(answer);
    // Before the action: a record leaves when its cryptography is done.
    if (timed) yield* chargeWork();
    if (step.done === true) return step.value;
    const action = step.value;
    answer = 0;
    switch (action.type) {
      case 'send': {
        const { datagram } = action;
        answer = yield* sock_udp_send(sock.udp_sock, datagram, datagram.length, sessionToEp(action.session));
        break;
      }
      case 'need_psk':
        answer = yield* answerPsk(sock, action);
        break;
      case 'need_key':
        answer = yield* answerKey(sock, action);
        break;
      case 'verify_key':
        answer = answerVerify(sock, action);
        break;
      case 'event':
        yield* handleEvent(sock, action);
        break;
      case 'read':
        if (takeRecord(sock, action) && sock.async_cb !== null) yield* tell(sock, SOCK_ASYNC_MSG_RECV, null);
    }
  }
}

/** Charges the cryptography that the engine has done since the last time. */
function* chargeWork(): Blocking<void> {
  const { charged } = statics();
  const { work } = dtls_env();
  const us = (work.sha256 - charged.sha256) * cpu_cost('sha256') + (work.aes - charged.aes) * cpu_cost('aes') +
    (work.aesKey - charged.aesKey) * cpu_cost('aes_key') +
    (work.p256Keygen - charged.p256Keygen) * cpu_cost('p256_keygen') +
    (work.p256Sign - charged.p256Sign) * cpu_cost('p256_sign') +
    (work.p256Shared - charged.p256Shared) * cpu_cost('p256_shared') +
    (work.p256Verify - charged.p256Verify) * cpu_cost('p256_verify');
  Object.assign(charged, work);
  if (us > 0) yield* cpu_spend(us);
}

function* handleEvent(sock: sock_dtls_t, event: DtlsEvent): Blocking<void> {
  const { level, code, session } = event;
  if (level === 0 && code !== DTLS_EVENT_CONNECT) yield* postEvent(sock, event);
  if (code === DTLS_ALERT_CLOSE_NOTIFY) yield* tell(sock, SOCK_ASYNC_CONN_FIN, session);
  else if (code === DTLS_EVENT_CONNECTED) yield* tell(sock, SOCK_ASYNC_CONN_RECV, null);
}

/** Keeps the data of one record; what comes while it waits is dropped. Returns whether it was kept. */
function takeRecord(sock: sock_dtls_t, { plaintext, session }: DtlsRead): boolean {
  if (sock.buffer !== null) {
    if (quirk('dtls-second-record-lost') || sock.more.length >= MORE_MAX) {
      traceDropped(plaintext.length);
      return false;
    }
    sock.more.push({ data: plaintext.slice(), session });
    return true;
  }
  sock.buffer = { data: plaintext, session };
  return true;
}

/** Puts an event into the sock's mailbox; waits for ever when all its places are taken and no one reads. */
function* postEvent(sock: sock_dtls_t, event: DtlsEvent): Blocking<void> {
  const msg = new msg_t();
  msg.type = event.code;
  msg.content.ptr = event.session;
  traceMbox(sock, mbox_avail(sock.mbox) + 1);
  yield* mbox_put(sock.mbox, msg);
}

const hooks: DtlsHooks = {
  random(n) {
    const bytes = new Uint8Array(n);
    random_bytes(bytes, n);
    return bytes;
  },
  log(level, text) {
    puts(text);
    if (tracing()) trace({ layer: 'dtls', type: 'log', level, text });
    return undefined;
  },
  diagnose(text) {
    undefined_on_riot(text);
    return undefined;
  },
  get tracing() {
    return tracing();
  },
  trace: traceDtls,
};

/** Asked where each makes a difference, so that the trace names it. */
const quirks: DtlsQuirks = {
  get no_retransmission() { return quirk('dtls-no-retransmission'); },
  get silent_peers_stay() { return quirk('dtls-silent-peer'); },
  get no_reassembly() { return quirk('dtls-no-reassembly'); },
  get plain_alerts_end() { return quirk('dtls-plain-alert'); },
  get handshake_pool_leak() { return quirk('dtls-handshake-pool-leak'); },
  get connected_again() { return quirk('dtls-connected-again'); },
  get unknown_identity_internal_error() { return quirk('dtls-unknown-identity'); },
  get hello_verify_unlimited() { return quirk('dtls-hello-verify-unlimited'); },
  get cookie_secret_stays() { return quirk('dtls-cookie-secret'); },
  get double_free() { return quirk('dtls-double-free'); },
  get ecdsa_key_leak() { return quirk('dtls-ecdsa-key-leak'); },
  get plain_replay_window() { return quirk('dtls-plain-replay-window'); },
  get role_not_enforced() { return quirk('dtls-role-not-enforced'); },
  get empty_record_replay() { return quirk('dtls-empty-record-replay'); },
  get finished_tail() { return quirk('dtls-finished-tail'); },
};

/** The figures that an app or a board may set. */
function configOfBoard(): Partial<DtlsConfig> {
  const config = net_config();
  return {
    DTLS_CONTEXT_MAX: config.CONFIG_DTLS_CONTEXT_MAX,
    DTLS_PEER_MAX: config.CONFIG_DTLS_PEER_MAX,
    DTLS_HANDSHAKE_MAX: config.CONFIG_DTLS_HANDSHAKE_MAX,
    DTLS_SECURITY_MAX: config.DTLS_SECURITY_MAX || config.CONFIG_DTLS_PEER_MAX + config.CONFIG_DTLS_HANDSHAKE_MAX,
    NETQ_MAXCNT: config.NETQ_MAXCNT || (config.CONFIG_DTLS_ECC ? 5 : 3),
    CONFIG_DTLS_CREDENTIALS_MAX: config.CONFIG_DTLS_CREDENTIALS_MAX,
    CONFIG_DTLS_PSK: config.CONFIG_DTLS_PSK,
    CONFIG_DTLS_ECC: config.CONFIG_DTLS_ECC,
    quirks,
    DTLS_MAX_BUF: config.DTLS_MAX_BUF,
    CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: config.CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET,
    CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: config.CONFIG_DTLS_FORCE_RENEGOTIATION_INFO,
  };
}
