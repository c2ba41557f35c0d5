// The engine's trace events as events of the network.
import { perBoard } from '../../kernel/current.ts';
import { net_config } from '../config.ts';
import { DTLS_CLIENT, DTLS_STATE_NAMES, type DtlsPoolName, type DtlsTraceEvent, type session_t } from '../dtls/dtls.ts';
import { trace, tracing, type NetEvent } from '../events.ts';
import { ipv6_addr_to_str } from '../wire/addr.ts';
import type { sock_dtls_t } from './dtls_types.ts';

const POOL_LIMITS: Readonly<Record<DtlsPoolName, string>> = {
  context: 'CONFIG_DTLS_CONTEXT_MAX',
  peer: 'CONFIG_DTLS_PEER_MAX',
  handshake: 'CONFIG_DTLS_HANDSHAKE_MAX',
  security: 'DTLS_SECURITY_MAX',
  netq: 'NETQ_MAXCNT',
  ecdsa_key: 'CONFIG_DTLS_CREDENTIALS_MAX',
};

const statics = perBoard(() => ({
  peaks: { context: 0, peer: 0, handshake: 0, security: 0, netq: 0, ecdsa_key: 0 },
  /** Bytes of the datagram that is being handled. */
  datagram: 0,
}), { bytes: 0 });

/** Tells what size a drop has that the engine is about to report: that of the whole datagram. */
export function traceHandling(bytes: number): void {
  statics().datagram = bytes;
}

/** Tells that data was dropped because that of an earlier record has not been received yet. */
export function traceDropped(bytes: number): void {
  if (tracing()) trace({ layer: 'sock', type: 'drop', reason: 'data of an earlier record waits', bytes });
}

/** Emits one event of the engine; it has asked before whether anyone reads. */
export function traceDtls(event: DtlsTraceEvent): undefined {
  trace(toNetEvent(event));
  return undefined;
}

/** Tells how many events wait in the mailbox of a sock. */
export function traceMbox(sock: sock_dtls_t, events: number): void {
  const limit = net_config().SOCK_DTLS_MBOX_SIZE;
  const used = Math.min(events, limit);
  sock.mbox_peak = Math.max(sock.mbox_peak, used);
  if (!tracing()) return;
  trace({ layer: 'sock', type: 'gauge', name: 'SOCK_DTLS_MBOX_SIZE', used, peak: sock.mbox_peak, limit });
}

/** A peer as the trace names it: `[fe80::a%6]:20220`. */
export function sessionText(session: session_t): string {
  const zone = session.ifindex === 0 ? '' : `%${session.ifindex}`;
  return `[${ipv6_addr_to_str(session.addr)}${zone}]:${session.port}`;
}

function toNetEvent(event: DtlsTraceEvent): NetEvent {
  const layer = 'dtls';
  switch (event.kind) {
    case 'state':
      return {
        layer, type: 'state', peer: sessionText(event.session),
        role: event.role === DTLS_CLIENT ? 'client' : 'server',
        from: DTLS_STATE_NAMES[event.from], to: DTLS_STATE_NAMES[event.to],
      };
    case 'peer':
      return { layer, type: 'peer', peer: sessionText(event.session), what: event.what };
    case 'slots':
      return gauge(event.pool, event.used, event.limit);
    case 'epoch':
      return {
        layer, type: 'epoch', peer: sessionText(event.session), direction: event.direction, epoch: event.epoch,
      };
    case 'secrets':
      return {
        layer, type: 'secrets', peer: sessionText(event.session),
        clientRandom: event.client_random.slice(), masterSecret: event.master_secret.slice(),
      };
    case 'message':
      return {
        layer, type: 'message', peer: sessionText(event.session), direction: event.direction, name: event.name,
        epoch: event.epoch, recordSequence: event.seq,
        messageSequence: event.msg_seq < 0 ? null : event.msg_seq, bytes: event.length,
      };
    case 'drop':
      return { layer, type: 'drop', reason: event.reason, bytes: statics().datagram };
  }
}

function gauge(pool: DtlsPoolName, used: number, limit: number): NetEvent {
  const { peaks } = statics();
  peaks[pool] = Math.max(peaks[pool], used);
  return { layer: 'dtls', type: 'gauge', name: POOL_LIMITS[pool], used, peak: peaks[pool], limit };
}
