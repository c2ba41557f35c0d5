/**
 * The engine's static memory on one board, and its configuration (riot_boards.h, pkg/tinydtls/Makefile.include,
 * netq.h, net/sock/dtls.h).
 */

import { Sha256 } from '../crypto/sha256.ts';
import { cryptoWork } from '../crypto/work.ts';
import { TLS_PSK_WITH_AES_128_CCM, TLS_PSK_WITH_AES_128_CCM_8 } from '../wire/dtls.ts';
import type { CryptoWork } from '../crypto/work.ts';
import type { dtls_context_t, dtls_handshake_parameters_t, dtls_peer_t, dtls_security_parameters_t, DtlsConfig, DtlsEnv,
  DtlsHooks, DtlsPool, DtlsPoolName, netq_t } from './types.ts';

const DTLS_PEER_MAX = 1;
const DTLS_HANDSHAKE_MAX = 1;

/** RIOT's defaults for a build with PSK only. */
export const DTLS_CONFIG_DEFAULT: Readonly<DtlsConfig> = {
  DTLS_CONTEXT_MAX: 2,
  DTLS_PEER_MAX,
  DTLS_HANDSHAKE_MAX,
  DTLS_SECURITY_MAX: DTLS_PEER_MAX + DTLS_HANDSHAKE_MAX,
  NETQ_MAXCNT: 3,
  DTLS_MAX_BUF: 200,
  CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: 1,
  CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: 1,
  cipher_suites: [TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_CCM],
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

  /** Puts `item` into a free slot; false when there is none. */
  take(item: T): boolean {
    const free = this.slots.indexOf(null);
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
}

/** DtlsEnv as the engine itself sees it. */
export interface Env extends DtlsEnv {
  readonly pools: Pools;
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
    },
    work,
    scratch: { hash: new Sha256(work), nonce: new Uint8Array(12), aad: new Uint8Array(13) },
  };
}
