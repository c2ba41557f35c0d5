/** The hello extensions that tinydtls looks at, in a build without ECC too, and with its tolerance; those it sends. */

import { get16 } from '../wire/bytes.ts';
import { TLS_CERT_TYPE_RAW_PUBLIC_KEY, TLS_CURVE_SECP256R1, TLS_EC_POINT_UNCOMPRESSED, TLS_EXT_CLIENT_CERTIFICATE_TYPE,
  TLS_EXT_EC_POINT_FORMATS, TLS_EXT_ELLIPTIC_CURVES, TLS_EXT_EXTENDED_MASTER_SECRET, TLS_EXT_RENEGOTIATION_INFO,
  TLS_EXT_SERVER_CERTIFICATE_TYPE, TLS_EXT_SIG_HASH_ALGO, TLS_SIG_SHA256_ECDSA } from '../wire/dtls.ts';
import { EMPTY } from './bytes.ts';
import { HANDSHAKE_FAILURE } from './errors.ts';
import { isEcdheEcdsa } from './suites.ts';
import type { TlsExtension } from '../wire/dtls.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t } from './types.ts';

const EXTENDED_MASTER_SECRET: TlsExtension = { type: TLS_EXT_EXTENDED_MASTER_SECRET, data: EMPTY };
const RENEGOTIATION_INFO: TlsExtension = { type: TLS_EXT_RENEGOTIATION_INFO, data: new Uint8Array([0]) };
const POINT_FORMATS: TlsExtension = {
  type: TLS_EXT_EC_POINT_FORMATS, data: new Uint8Array([1, TLS_EC_POINT_UNCOMPRESSED]),
};
const CURVES: TlsExtension = { type: TLS_EXT_ELLIPTIC_CURVES, data: new Uint8Array([0, 2, 0, TLS_CURVE_SECP256R1]) };
const SIGNATURES: TlsExtension = {
  type: TLS_EXT_SIG_HASH_ALGO, data: new Uint8Array([0, 2, TLS_SIG_SHA256_ECDSA >> 8, TLS_SIG_SHA256_ECDSA & 0xff]),
};
/** What a client offers, and what a server has chosen. */
const OFFERED = new Uint8Array([1, TLS_CERT_TYPE_RAW_PUBLIC_KEY]);
const CHOSEN = new Uint8Array([TLS_CERT_TYPE_RAW_PUBLIC_KEY]);

const CLIENT_PSK: TlsExtension[] = [EXTENDED_MASTER_SECRET];
const CLIENT_ECC: TlsExtension[] = [
  { type: TLS_EXT_CLIENT_CERTIFICATE_TYPE, data: OFFERED }, { type: TLS_EXT_SERVER_CERTIFICATE_TYPE, data: OFFERED },
  CURVES, POINT_FORMATS, SIGNATURES, EXTENDED_MASTER_SECRET,
];
const SERVER_ECC: TlsExtension[] = [
  { type: TLS_EXT_CLIENT_CERTIFICATE_TYPE, data: CHOSEN }, { type: TLS_EXT_SERVER_CERTIFICATE_TYPE, data: CHOSEN },
  POINT_FORMATS,
];

/** The extensions of a ClientHello, in tinydtls' order. */
export function clientExtensions(ctx: Context): TlsExtension[] {
  return ctx.env.offersEcdhe ? CLIENT_ECC : CLIENT_PSK;
}

/** The extensions of a ServerHello, in tinydtls' order; null: none. */
export function serverExtensions(handshake: dtls_handshake_parameters_t): TlsExtension[] | null {
  const extensions = isEcdheEcdsa(handshake.cipher) ? SERVER_ECC.slice() : [];
  if (handshake.extended_master_secret) extensions.push(EXTENDED_MASTER_SECRET);
  if (handshake.renegotiation_info) extensions.push(RENEGOTIATION_INFO);
  return extensions.length === 0 ? null : extensions;
}

/**
 * Reads the extension block hello[at..) to the end of the message. Bytes behind the block are read as further
 * extensions, and one type may come twice, as in tinydtls.
 * @returns 0, or handshake_failure: malformed, or a forced extension is missing
 */
export function checkExtensions(ctx: Context, handshake: dtls_handshake_parameters_t, hello: Uint8Array, at: number,
  isClientHello: boolean): number {
  const end = hello.length;
  const isEcc = isEcdheEcdsa(handshake.cipher);
  if (end - at < 2) {
    if (isEcc) return HANDSHAKE_FAILURE;
  } else {
    let found = 0;
    if (end - at - 2 < get16(hello, at)) return HANDSHAKE_FAILURE;
    at += 2;
    while (at < end) {
      if (end - at < 4) return HANDSHAKE_FAILURE;
      const type = get16(hello, at);
      const length = get16(hello, at + 2);
      at += 4;
      if (end - at < length) return HANDSHAKE_FAILURE;
      if (!checkExtension(ctx, handshake, type, hello.subarray(at, at + length), isClientHello)) {
        return HANDSHAKE_FAILURE;
      }
      found |= requirement(type);
      at += length;
    }
    const needed = isClientHello ? NEEDED_OF_CLIENT : NEEDED_OF_SERVER;
    if (isEcc && (found & needed) !== needed) {
      const name = isClientHello ? 'client' : 'server';
      ctx.env.hooks.log('warn', `not all required tls extensions found in ${name} hello`);
      return HANDSHAKE_FAILURE;
    }
  }
  const { config } = ctx.env;
  if (config.CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET && !handshake.extended_master_secret) return HANDSHAKE_FAILURE;
  if (config.CONFIG_DTLS_FORCE_RENEGOTIATION_INFO && !handshake.renegotiation_info) return HANDSHAKE_FAILURE;
  return 0;
}

const CURVES_BIT = 1;
const CLIENT_CERTIFICATE_BIT = 2;
const SERVER_CERTIFICATE_BIT = 4;
const POINT_FORMATS_BIT = 8;
/** What a hello must hold when the suite is one of ECDHE_ECDSA. */
const NEEDED_OF_CLIENT = CURVES_BIT | CLIENT_CERTIFICATE_BIT | SERVER_CERTIFICATE_BIT | POINT_FORMATS_BIT;
const NEEDED_OF_SERVER = SERVER_CERTIFICATE_BIT;

function requirement(type: number): number {
  switch (type) {
    case TLS_EXT_ELLIPTIC_CURVES: return CURVES_BIT;
    case TLS_EXT_CLIENT_CERTIFICATE_TYPE: return CLIENT_CERTIFICATE_BIT;
    case TLS_EXT_SERVER_CERTIFICATE_TYPE: return SERVER_CERTIFICATE_BIT;
    case TLS_EXT_EC_POINT_FORMATS: return POINT_FORMATS_BIT;
    default: return 0;
  }
}

function checkExtension(ctx: Context, handshake: dtls_handshake_parameters_t, type: number, data: Uint8Array,
  isClientHello: boolean): boolean {
  switch (type) {
    case TLS_EXT_EXTENDED_MASTER_SECRET:
      handshake.extended_master_secret = true;
      return true;
    case TLS_EXT_RENEGOTIATION_INFO:
      if (data.length !== 1 || data[0] !== 0) return warn(ctx, 'only empty renegotiation info is supported.');
      handshake.renegotiation_info = true;
      return true;
    case TLS_EXT_ELLIPTIC_CURVES:
      return listHas(ctx, data, 2, 2, TLS_CURVE_SECP256R1, 'elliptic curves', 'elliptic curve');
    case TLS_EXT_EC_POINT_FORMATS:
      return listHas(ctx, data, 1, 1, TLS_EC_POINT_UNCOMPRESSED, 'ec_point_formats', 'ec_point_format');
    case TLS_EXT_SIG_HASH_ALGO:
      return listHas(ctx, data, 2, 2, TLS_SIG_SHA256_ECDSA, 'signature_algorithms', 'signature_algorithms');
    case TLS_EXT_CLIENT_CERTIFICATE_TYPE:
    case TLS_EXT_SERVER_CERTIFICATE_TYPE:
      if (!isClientHello) return data[0] === TLS_CERT_TYPE_RAW_PUBLIC_KEY;
      return listHas(ctx, data, 1, 1, TLS_CERT_TYPE_RAW_PUBLIC_KEY, 'certificate types', 'certificate type');
    default:
      return true;
  }
}

/** Whether the list in `data`, its length in front in `lengthSize` bytes, fills it and holds `wanted`. */
function listHas(ctx: Context, data: Uint8Array, lengthSize: number, itemSize: number, wanted: number, names: string,
  name: string): boolean {
  const length = lengthSize === 2 ? get16(data, 0) : data[0];
  if (data.length < lengthSize || length + lengthSize !== data.length) {
    return warn(ctx, `the list of the supported ${names} should be tls extension length - ${lengthSize}`);
  }
  for (let at = lengthSize; at + itemSize <= data.length; at += itemSize) {
    if ((itemSize === 2 ? get16(data, at) : data[at]) === wanted) return true;
  }
  return warn(ctx, `no supported ${name} found`);
}

function warn(ctx: Context, text: string): false {
  ctx.env.hooks.log('warn', text);
  return false;
}
