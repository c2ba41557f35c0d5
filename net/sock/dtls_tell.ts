// What a DTLS sock with callbacks does for its app from inside the engine, and for its packets.
import type { Blocking } from '../../kernel/blocking.ts';
import type { session_t } from '../dtls/dtls.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import type { sock_async_flags_t } from './async/types.ts';
import type { sock_dtls_t } from './dtls_types.ts';
import { sock_udp_recv_buf, type out_t, type sock_udp_t } from './udp.ts';

/** Calls the app back, if it wants that. `session` is what sock_dtls_get_event_session() gives from now on. */
export function* tell(sock: sock_dtls_t, flags: sock_async_flags_t, session: session_t | null): Blocking<void> {
  const cb = sock.async_cb;
  if (cb === null) return;
  sock.async_cb_session = session === null ? null : { ...session, addr: session.addr.slice() };
  const steps = cb(flags);
  if (steps !== undefined) yield* steps;
}

/** Gives a lent packet back. */
export function* releasePacket(udp: sock_udp_t, buf_ctx: out_t<gnrc_pktsnip_t>): Blocking<void> {
  const data = { value: null as Uint8Array | null };
  while ((yield* sock_udp_recv_buf(udp, data, buf_ctx, 0, null)) > 0);
}
