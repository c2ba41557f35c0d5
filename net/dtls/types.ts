/**
 * Public types of the DTLS engine: what its caller sees, answers and configures.
 *
 * The engine does no I/O and has no threads, no clock and no randomness of its own. A function that
 * may have to send, to ask for a credential or to tell something is a generator of actions; its
 * caller does each action and answers it with a number:
 *
 *     const steps = dtls_handle_message(ctx, session, msg, msglen);
 *     for (let step = steps.next(0); !step.done; step = steps.next(answer)) {
 *       answer = perform(step.value);          // may block a thread, in the emulator
 *     }
 *
 * Names are those of tinydtls (dtls.h, alert.h, state.h, session.h) as RIOT builds it.
 */

import type { CcmKey } from '../crypto/ccm.ts';
import type { HmacKey } from '../crypto/hmac.ts';
import type { Sha256 } from '../crypto/sha256.ts';
import type { CryptoWork } from '../crypto/work.ts';

/** An endpoint. Two sessions are the same one when all three members are equal: dtls_session_equals. */
export interface session_t {
  /** IPv6 address, 16 bytes. */
  addr: Uint8Array;
  /** UDP port, 0..65535. */
  port: number;
  /** Interface of a link-local address, else 0. */
  ifindex: number;
}

export const DTLS_ALERT_LEVEL_WARNING = 1;
export const DTLS_ALERT_LEVEL_FATAL = 2;

export const DTLS_ALERT_CLOSE_NOTIFY = 0;
export const DTLS_ALERT_UNEXPECTED_MESSAGE = 10;
export const DTLS_ALERT_HANDSHAKE_FAILURE = 40;
export const DTLS_ALERT_DECODE_ERROR = 50;
export const DTLS_ALERT_DECRYPT_ERROR = 51;
export const DTLS_ALERT_PROTOCOL_VERSION = 70;
export const DTLS_ALERT_INSUFFICIENT_SECURITY = 71;
export const DTLS_ALERT_INTERNAL_ERROR = 80;
export const DTLS_ALERT_UNKNOWN_PSK_IDENTITY = 115;

/** Event codes that are no alerts, with level 0. */
export const DTLS_EVENT_CONNECT = 0x01dc;
export const DTLS_EVENT_CONNECTED = 0x01de;

/** Return value that stands for a fatal alert: -(2 << 8 | description), so -592 is internal_error. */
export function dtls_alert_fatal_create(description: number): number {
  return -((DTLS_ALERT_LEVEL_FATAL << 8) | description);
}

/** Whether a return value stands for an alert of level warning or fatal. */
export function dtls_is_alert(err: number): boolean {
  return err < -(1 << 8) && err > -(3 << 8);
}

export const DTLS_CLIENT = 0;
export const DTLS_SERVER = 1;
export type dtls_peer_type = typeof DTLS_CLIENT | typeof DTLS_SERVER;

/** States of a peer; RIOT prints the number. */
export const DTLS_STATE_INIT = 0;
export const DTLS_STATE_WAIT_CLIENTHELLO = 1;
export const DTLS_STATE_WAIT_CLIENTCERTIFICATE = 2;
export const DTLS_STATE_WAIT_CLIENTKEYEXCHANGE = 3;
export const DTLS_STATE_WAIT_CERTIFICATEVERIFY = 4;
export const DTLS_STATE_WAIT_CHANGECIPHERSPEC = 5;
export const DTLS_STATE_WAIT_FINISHED = 6;
export const DTLS_STATE_FINISHED = 7;
export const DTLS_STATE_CLIENTHELLO = 8;
export const DTLS_STATE_WAIT_SERVERCERTIFICATE = 9;
export const DTLS_STATE_WAIT_SERVERKEYEXCHANGE = 10;
export const DTLS_STATE_WAIT_SERVERHELLODONE = 11;
export const DTLS_STATE_CONNECTED = 12;
export const DTLS_STATE_CLOSING = 13;
export const DTLS_STATE_CLOSED = 14;
export type dtls_state_t = number;

/** The states in words, by number, for traces and views. */
export const DTLS_STATE_NAMES: readonly string[] = [
  'init', 'wait ClientHello', 'wait client Certificate', 'wait ClientKeyExchange', 'wait CertificateVerify',
  'wait ChangeCipherSpec', 'wait Finished', 'finished', 'ClientHello sent', 'wait server Certificate',
  'wait ServerKeyExchange', 'wait ServerHelloDone', 'connected', 'closing', 'closed',
];

/** What get_psk_info is asked for (dtls_credentials_type_t). */
export const DTLS_PSK_HINT = 0;
export const DTLS_PSK_IDENTITY = 1;
export const DTLS_PSK_KEY = 2;
export type dtls_credentials_type_t = typeof DTLS_PSK_HINT | typeof DTLS_PSK_IDENTITY | typeof DTLS_PSK_KEY;

/** Send this datagram to `session`. The bytes are the caller's to keep.
 *  Answer: the number of bytes sent, or a negative errno. */
export interface DtlsSend {
  readonly type: 'send';
  readonly session: session_t;
  readonly datagram: Uint8Array;
}

/** The get_psk_info callback: write the credential into `result`.
 *  Answer: its length (0..result.length), or a negative alert (dtls_alert_fatal_create). */
export interface DtlsNeedPsk {
  readonly type: 'need_psk';
  readonly kind: dtls_credentials_type_t;
  readonly session: session_t;
  /** HINT: null. IDENTITY: the server's hint, empty without one. KEY: the identity. */
  readonly desc: Uint8Array | null;
  readonly result: Uint8Array;
}

/** The event callback. Level 0 with DTLS_EVENT_CONNECT or _CONNECTED, else an alert. Answer: ignored.
 *  `session` belongs to the peer: copy it to keep it. */
export interface DtlsEvent {
  readonly type: 'event';
  readonly session: session_t;
  readonly level: number;
  readonly code: number;
}

/** The read callback: application data of `session`. Answer: ignored.
 *  `plaintext` is a part of the message buffer that was handed in: it is valid as long as that is. */
export interface DtlsRead {
  readonly type: 'read';
  readonly session: session_t;
  readonly plaintext: Uint8Array;
}

/** The get_ecdsa_key callback: write the own key pair into the two arrays.
 *  Answer: 0, or a negative alert (dtls_alert_fatal_create). */
export interface DtlsNeedKey {
  readonly type: 'need_key';
  readonly session: session_t;
  /** 32 bytes, big-endian. */
  readonly private_key: Uint8Array;
  /** x and y, 32 bytes each. */
  readonly public_key: Uint8Array;
}

/** The verify_ecdsa_key callback: is this key the peer's?
 *  Answer: 0 to go on, or a negative alert. */
export interface DtlsVerifyKey {
  readonly type: 'verify_key';
  readonly session: session_t;
  /** x and y, 32 bytes each. */
  readonly public_key: Uint8Array;
}

/** A P-256 operation is about to be computed, and DtlsEnv.work counts it already: spend its time now, while the state
 *  is still what it was. Answer: ignored. */
export interface DtlsWork {
  readonly type: 'work';
}

export type DtlsAction = DtlsSend | DtlsNeedPsk | DtlsNeedKey | DtlsVerifyKey | DtlsWork | DtlsEvent | DtlsRead;

/** A function of the engine that acts: yields actions, is answered with a number (0 when it does not
 *  matter; the argument of the first next() is not looked at), returns T. */
export type DtlsSteps<T> = Generator<DtlsAction, T, number>;

/** The level of a line that RIOT prints: alert and crit at LOG_ERROR, warn at LOG_WARNING. */
export type DtlsLogLevel = 'alert' | 'crit' | 'warn';

export type DtlsPoolName = 'context' | 'peer' | 'handshake' | 'security' | 'netq' | 'ecdsa_key';

/** Why a record, or a datagram, was not acted upon. */
export type DtlsDropReason =
  | 'not a record' | 'no peer' | 'no security context' | 'duplicate' | 'too old' | 'too short' | 'bad tag'
  | 'alert before Finished' | 'data before Finished' | 'unknown content type' | 'unexpected ChangeCipherSpec'
  | 'handshake too short' | 'fragmented' | 'wrong length' | 'no handshake' | 'old message' | 'message stored'
  | 'stored already' | 'too big to store' | 'no room to store' | 'alert too short' | 'handshake given up'
  | 'plain alert' | 'too many HelloVerifyRequests' | 'hello for a client';

/** One trace event. Sessions and arrays are the engine's own: copy what is kept. */
export type DtlsTraceEvent =
  | { kind: 'state'; session: session_t; role: dtls_peer_type; from: dtls_state_t; to: dtls_state_t }
  | { kind: 'peer'; session: session_t; what: 'created' | 'freed' }
  | { kind: 'slots'; pool: DtlsPoolName; used: number; limit: number; full: boolean }
  | { kind: 'epoch'; session: session_t; direction: 'read' | 'write'; epoch: number }
  | { kind: 'secrets'; session: session_t; client_random: Uint8Array; master_secret: Uint8Array }
  | { kind: 'message'; session: session_t; direction: 'in' | 'out'; content_type: number; epoch: number;
      seq: number; name: string; msg_seq: number; length: number }
  | { kind: 'drop'; session: session_t; reason: DtlsDropReason };

/** What a board gives its engine. All are plain calls: none of them may block. */
export interface DtlsHooks {
  /** The next n bytes of the board's random stream (dtls_prng), as a new array. */
  random(n: number): Uint8Array;
  /** A line that RIOT prints on the console, without its newline. */
  log(level: DtlsLogLevel, text: string): undefined;
  /** What follows is undefined on RIOT; the engine goes on with the safe outcome that the text names. */
  diagnose(text: string): undefined;
  /** Whether anyone reads the trace: without a reader no event is built. */
  readonly tracing: boolean;
  trace(event: DtlsTraceEvent): undefined;
}

/**
 * What the engine does as RIOT with tinydtls does (true), or as the RFCs say (false). A caller may give getters, which
 * are asked only where it makes a difference.
 */
export interface DtlsQuirks {
  /** A flight is sent once. Else it is sent again (RFC 6347 §4.2.4). */
  readonly no_retransmission: boolean;
  /** A handshake in which nothing comes any more keeps its slots. Else it is given up after seven retransmissions. */
  readonly silent_peers_stay: boolean;
  /** A fragmented handshake message is an error, and so are two in one record (RFC 6347 §4.2.3). */
  readonly no_reassembly: boolean;
  /** A plain alert ends a handshake, whoever sent it. */
  readonly plain_alerts_end: boolean;
  /** A peer for which there is no handshake stays. */
  readonly handshake_pool_leak: boolean;
  /** Connected is told again after each handshake record of a session that is connected. */
  readonly connected_again: boolean;
  /** An unknown identity is answered with what the caller answers, else with unknown_psk_identity (RFC 4279 §2). */
  readonly unknown_identity_internal_error: boolean;
  /** A client answers any number of HelloVerifyRequests. */
  readonly hello_verify_unlimited: boolean;
  /** The secret of the cookies is never changed. */
  readonly cookie_secret_stays: boolean;
  /** An alert that finds no room to be stored acts on its sender, which frees the peer twice. */
  readonly double_free: boolean;
  /** The place of an own ECDSA key is kept by a handshake that is given up. */
  readonly ecdsa_key_leak: boolean;
  /** Plain records have a replay window, which a forged number moves. */
  readonly plain_replay_window: boolean;
  /** A ClientHello is answered by a sock of any role (dtls_context_t.is_client). */
  readonly role_not_enforced: boolean;
  /** A record without text is not marked as received: it can be replayed. False in RIOT's profile too. */
  readonly empty_record_replay: boolean;
  /** A Finished may have bytes behind its verify_data. False in RIOT's profile too. */
  readonly finished_tail: boolean;
}

/** Compile-time limits, named as RIOT and tinydtls name them. */
export interface DtlsConfig {
  /** Contexts (one per DTLS sock). */
  DTLS_CONTEXT_MAX: number;
  /** Sessions; 2 with gcoap_dtls. */
  DTLS_PEER_MAX: number;
  /** Handshakes at one time. */
  DTLS_HANDSHAKE_MAX: number;
  /** Sets of keys: by default DTLS_PEER_MAX + DTLS_HANDSHAKE_MAX. */
  DTLS_SECURITY_MAX: number;
  /** Stored messages, sent and early ones together: by default 3 with PSK only, 5 with ECC. */
  NETQ_MAXCNT: number;
  /** Own ECDSA keys in use by handshakes, in an array of as many places as a sock has for credentials. */
  CONFIG_DTLS_CREDENTIALS_MAX: number;
  /** 1: the PSK suites are built in, as they are also when neither kind is asked for. */
  CONFIG_DTLS_PSK: number;
  /** 1: the ECDHE_ECDSA suites are built in, with raw public keys at both ends. */
  CONFIG_DTLS_ECC: number;
  /** Largest record that can be sent, and the largest message that can be stored, in bytes. */
  DTLS_MAX_BUF: number;
  /** 1: a handshake without extended master secret fails (RFC 7627). */
  CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: number;
  /** 1: a handshake without renegotiation_info or its SCSV fails (RFC 5746). */
  CONFIG_DTLS_FORCE_RENEGOTIATION_INFO: number;
  /** Offered and accepted suites, preferred first: by default all that are built in: 0xc0ae and 0xc0ac (ECDHE_ECDSA
   *  with CCM_8 and CCM), 0xc0a8 and 0xc0a4 (PSK). */
  cipher_suites: readonly number[];
  /** The first wait for an answer, and the longest, in ms (RFC 6347 §4.2.4.1: 1 s and 60 s). RIOT never waits. */
  DTLS_RETRANSMIT_TIMEOUT: number;
  DTLS_RETRANSMIT_TIMEOUT_MAX: number;
  quirks: DtlsQuirks;
}

/** A pool of the engine's static memory. slots[i] is null when free. */
export interface DtlsPool<T> {
  readonly name: DtlsPoolName;
  readonly limit: number;
  readonly used: number;
  readonly slots: readonly (T | null)[];
}

/** The engine's static memory on one board: the pools that all its contexts share. */
export interface DtlsPools {
  readonly context: DtlsPool<dtls_context_t>;
  readonly peer: DtlsPool<dtls_peer_t>;
  readonly handshake: DtlsPool<dtls_handshake_parameters_t>;
  readonly security: DtlsPool<dtls_security_parameters_t>;
  readonly netq: DtlsPool<netq_t>;
  readonly ecdsa_key: DtlsPool<ecdsa_key_assignment_t>;
}

/** The engine of one board. */
export interface DtlsEnv {
  readonly config: Readonly<DtlsConfig>;
  readonly hooks: DtlsHooks;
  readonly pools: DtlsPools;
  /** The time in ms: the caller sets it before each call, and after each action that took time. Without retransmission
   *  it is not looked at. */
  now: number;
  /** Work done since dtls_init; it only ever grows. A driver charges the difference. */
  readonly work: CryptoWork;
}

// The structures behind the pools. Read them for views and traces; only the engine writes them.

/** One stored message. */
export interface netq_t {
  /** RESEND: a message sent. TIMEOUT: an alert sent. REORDER: an early message of the peer. */
  readonly job: 'RESEND' | 'TIMEOUT' | 'REORDER';
  readonly peer: dtls_peer_t;
  readonly epoch: number;
  /** Content type. */
  readonly type: number;
  /** Payload without record header and encryption. */
  readonly data: Uint8Array;
}

/** Keys and record numbers of one epoch. */
export interface dtls_security_parameters_t {
  /** The suite's number, 0: no cipher. */
  cipher: number;
  /** Bytes of the tag: 0, 8 or 16. */
  mac_len: number;
  epoch: number;
  /** Number of the next record to send. */
  rseq: number;
  /** Null without a cipher. The IVs are the 4-byte salts of the nonces. */
  local_key: CcmKey | null;
  remote_key: CcmKey | null;
  local_iv: Uint8Array;
  remote_iv: Uint8Array;
  /** Highest record number received; bit n of the 64-bit field says that number cseq - n was received. */
  cseq: number;
  bitfield_hi: number;
  bitfield_lo: number;
}

/**
 * An own key in use by a handshake. RIOT keeps a pointer to the peer's session: it is found again by what lies in that
 * peer's memory when a session gets connected.
 */
export interface ecdsa_key_assignment_t {
  /** Index in the pool of peers. */
  readonly peer_slot: number;
}

/** What one handshake needs while it runs. */
export interface dtls_handshake_parameters_t {
  client_random: Uint8Array;
  server_random: Uint8Array;
  /** The master secret, once it is there, ready as a key. */
  master: HmacKey | null;
  /** Early messages of the peer. */
  readonly reorder_queue: netq_t[];
  /** Number of the next message to send, and of the next one expected. */
  mseq_s: number;
  mseq_r: number;
  /** Number of the ClientHello that began it, at a server. */
  readonly first_mseq: number;
  read_epoch: number;
  /** The transcript, and its hash up to the ClientKeyExchange (RFC 7627 §3). */
  readonly hs_hash: Sha256;
  session_hash: Uint8Array;
  /** The suite agreed upon, 0 before that. */
  cipher: number;
  extended_master_secret: boolean;
  renegotiation_info: boolean;
  /** At a client the server's hint until the identity is chosen, then the identity. */
  identity: Uint8Array;
  /** With ECDHE_ECDSA: the own ephemeral private key, the peer's ephemeral and its own public key; empty before. */
  own_eph_priv: Uint8Array;
  other_eph_pub: Uint8Array;
  other_pub: Uint8Array;
  /** Whether the server has asked for the client's key. */
  do_client_auth: boolean;
  /** Messages that are not whole yet, or early; with reassembly only. */
  readonly assembly: DtlsAssembly[];
}

/** A handshake message out of fragments. */
export interface DtlsAssembly {
  /** The whole message with its header. */
  readonly message: Uint8Array;
  /** 1 for each byte of the body that is there. */
  readonly has: Uint8Array;
  missing: number;
}

/** A server's last flight, kept until the peer goes. */
export interface DtlsLastFlight {
  /** Numbers the plain records. */
  readonly plain: dtls_security_parameters_t;
  readonly messages: readonly netq_t[];
  /** When it was sent last. */
  sent_at: number;
  /** How often it will be sent again at most. */
  left: number;
}

export interface dtls_peer_t {
  readonly session: session_t;
  role: dtls_peer_type;
  state: dtls_state_t;
  /** The type of message that may come before the ServerHelloDone, or -1. */
  optional_handshake_message: number;
  /** [0] is used for sending; [1] is the next epoch's or the last one's. */
  readonly security_params: [dtls_security_parameters_t | null, dtls_security_parameters_t | null];
  handshake_params: dtls_handshake_parameters_t | null;
  /** When its flight is sent again, or its handshake given up; null: no timer. */
  retransmit_at: number | null;
  /** The wait of that timer, ms, and how often it went off since something came. */
  retransmit_timeout: number;
  retransmit_count: number;
  last_flight: DtlsLastFlight | null;
  /** Its memory went back to the pool: every further use is undefined on RIOT. */
  freed: boolean;
}

export interface dtls_context_t {
  readonly env: DtlsEnv;
  /** What dtls_new_context was given. */
  app: unknown;
  /** HMAC key of the cookies: 12 random bytes. */
  cookie_secret: HmacKey;
  /** The secret before that, still good for cookies, and when this one was drawn; with rotation only. */
  former_cookie_secret: HmacKey | null;
  cookie_secret_at: number;
  /** The sock is a client's: with quirk role_not_enforced off it answers no ClientHello. */
  is_client: boolean;
  /** Most recent first. */
  readonly peers: dtls_peer_t[];
  /** Messages of the flights that are out. */
  readonly sendqueue: netq_t[];
}
