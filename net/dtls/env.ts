/**
 * The engine's static memory on one board, and its configuration (riot_boards.h, pkg/tinydtls/Makefile.include,
 * netq.h, net/sock/dtls.h).
 */

import { Sha256 } from '../crypto/sha256.ts';
import { cryptoWork } from '../crypto/work.ts';
import { TLS_ECDHE_ECDSA_WITH_AES_128_CCM, TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_CCM,
  TLS_PSK_WITH_AES_128_CCM_8 } from '../wire/dtls.ts';
import { isEcdheEcdsa } from './suites.ts';
import type { CryptoWork } from '../crypto/work.ts';
import type { dtls_context_t, dtls_handshake_parameters_t, dtls_peer_t, dtls_security_parameters_t, DtlsConfig, DtlsEnv,
  DtlsHooks, DtlsPool, DtlsPoolName, DtlsQuirks, ecdsa_key_assignment_t, netq_t, session_t } from './types.ts';

const DTLS_PEER_MAX = 1;
const DTLS_HANDSHAKE_MAX = 1;
const PSK_SUITES: readonly number[] = [TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_CCM];
const ECC_SUITES: readonly number[] = [TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, TLS_ECDHE_ECDSA_WITH_AES_128_CCM];

/** All that RIOT does; what would accept what is not authentic is left out. */
export const DTLS_QUIRKS_RIOT: DtlsQuirks = {
  no_retransmission: true, silent_peers_stay: true, no_reassembly: true, plain_alerts_end: true,
  handshake_pool_leak: true, connected_again: true, unknown_identity_internal_error: true,
  hello_verify_unlimited: true, cookie_secret_stays: true, double_free: true, ecdsa_key_leak: true,
  plain_replay_window: true, role_not_enforced: true, empty_record_replay: false, finished_tail: false,
};

/** None. */
export const DTLS_QUIRKS_NONE: DtlsQuirks = {
  no_retransmission: false, silent_peers_stay: false, no_reassembly: false, plain_alerts_end: false,
  handshake_pool_leak: false, connected_again: false, unknown_identity_internal_error: false,
  hello_verify_unlimited: false, cookie_secret_stays: false, double_free: false, ecdsa_key_leak: false,
  plain_replay_window: false, role_not_enforced: false, empty_record_replay: false, finished_tail: false,
};

/** RIOT's defaults for a build with PSK only. */
export const DTLS_CONFIG_DEFAULT: Readonly<DtlsConfig> = {
  DTLS_CONTEXT_MAX: 2,
  DTLS_PEER_MAX,
  DTLS_HANDSHAKE_MAX,
  DTLS_SECURITY_MAX: DTLS_PEER_MAX + DTLS_HANDSHAKE_MAX,
  NETQ_MAXCNT: 3,
  CONFIG_DTLS_CREDENTIALS_MAX: 4,
  CONFIG_DTLS_PSK: 1,
  CONFIG_DTLS_ECC: 0,
  DTLS_MAX_BUF: 200,
  CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: 1,
  CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: 1,
  cipher_suites: PSK_SUITES,
  DTLS_RETRANSMIT_TIMEOUT: 1000,
  DTLS_RETRANSMIT_TIMEOUT_MAX: 60_000,
  quirks: DTLS_QUIRKS_RIOT,
};

/** A fixed number of slots. */
export class Pool<T> implements DtlsPool<T> {
  readonly name: DtlsPoolName;
  readonly limit: number;
  readonly slots: (T | null)[];
  used = 0;
  readonly #hooks: DtlsHooks;

  constructor(name: DtlsPoolName, limit: number, hooks: DtlsHooks) {
    this.name = name;
    this.limit = limit;
    this.slots = new Array<T | null>(limit).fill(null);
    this.#hooks = hooks;
  }

  /** Puts `item` into a free slot, the last one if `isLast`, else the first; false when there is none. */
  take(item: T, isLast = false): boolean {
    const free = isLast ? this.slots.lastIndexOf(null) : this.slots.indexOf(null);
    if (free >= 0) {
      this.slots[free] = item;
      this.used++;
    }
    this.#tell(free < 0);
    return free >= 0;
  }

  /** Frees the slot of `item`, if it has one. */
  give(item: T): void {
    const slot = this.slots.indexOf(item);
    if (slot < 0) return;
    this.slots[slot] = null;
    this.used--;
    this.#tell(false);
  }

  #tell(full: boolean): void {
    if (!this.#hooks.tracing) return;
    this.#hooks.trace({ kind: 'slots', pool: this.name, used: this.used, limit: this.limit, full });
  }
}

/** The pools with their slots to take. */
export interface Pools {
  readonly context: Pool<dtls_context_t>;
  readonly peer: Pool<dtls_peer_t>;
  readonly handshake: Pool<dtls_handshake_parameters_t>;
  readonly security: Pool<dtls_security_parameters_t>;
  readonly netq: Pool<netq_t>;
  readonly ecdsa_key: Pool<ecdsa_key_assignment_t>;
}

/** DtlsEnv as the engine itself sees it. */
export interface Env extends DtlsEnv {
  readonly pools: Pools;
  /** Whether a suite of ECDHE_ECDSA is among those offered. */
  readonly offersEcdhe: boolean;
  /** The sessions in the memory of the peers, by their slots: they stay when a peer is freed. */
  readonly peer_sessions: (session_t | undefined)[];
  /** Room for one short computation; nothing is kept here across a yield. */
  readonly scratch: { readonly hash: Sha256; readonly nonce: Uint8Array; readonly aad: Uint8Array };
}

/** A context as the engine itself sees it. */
export interface Context extends dtls_context_t {
  readonly env: Env;
}

/** The memory of a board at start: all slots free. */
export function newEnv(hooks: DtlsHooks, changes: Partial<DtlsConfig>): Env {
  const config: DtlsConfig = { ...DTLS_CONFIG_DEFAULT, ...changes };
  if (config.CONFIG_DTLS_ECC && changes.CONFIG_DTLS_PSK === undefined) config.CONFIG_DTLS_PSK = 0;
  if (!config.CONFIG_DTLS_ECC) config.CONFIG_DTLS_PSK = 1;
  if (changes.cipher_suites === undefined) {
    config.cipher_suites = [...config.CONFIG_DTLS_ECC ? ECC_SUITES : [], ...config.CONFIG_DTLS_PSK ? PSK_SUITES : []];
  }
  if (config.CONFIG_DTLS_ECC && changes.NETQ_MAXCNT === undefined) config.NETQ_MAXCNT = 5;
  if (changes.DTLS_SECURITY_MAX === undefined) {
    config.DTLS_SECURITY_MAX = config.DTLS_PEER_MAX + config.DTLS_HANDSHAKE_MAX;
  }
  const work: CryptoWork = cryptoWork();
  return {
    config,
    hooks,
    pools: {
      context: new Pool('context', config.DTLS_CONTEXT_MAX, hooks),
      peer: new Pool('peer', config.DTLS_PEER_MAX, hooks),
      handshake: new Pool('handshake', config.DTLS_HANDSHAKE_MAX, hooks),
      security: new Pool('security', config.DTLS_SECURITY_MAX, hooks),
      netq: new Pool('netq', config.NETQ_MAXCNT, hooks),
      ecdsa_key: new Pool('ecdsa_key', config.CONFIG_DTLS_CREDENTIALS_MAX, hooks),
    },
    offersEcdhe: config.cipher_suites.some(isEcdheEcdsa),
    peer_sessions: [],
    now: 0,
    work,
    scratch: { hash: new Sha256(work), nonce: new Uint8Array(12), aad: new Uint8Array(13) },
  };
}
