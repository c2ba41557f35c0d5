/** The hello extensions that tinydtls looks at, in a build without ECC too, and with its tolerance. */

import { get16 } from '../wire/bytes.ts';
import { TLS_EXT_CLIENT_CERTIFICATE_TYPE, TLS_EXT_EC_POINT_FORMATS, TLS_EXT_ELLIPTIC_CURVES,
  TLS_EXT_EXTENDED_MASTER_SECRET, TLS_EXT_RENEGOTIATION_INFO, TLS_EXT_SERVER_CERTIFICATE_TYPE, TLS_EXT_SIG_HASH_ALGO,
} from '../wire/dtls.ts';
import { HANDSHAKE_FAILURE } from './errors.ts';
import type { Context } from './env.ts';
import type { dtls_handshake_parameters_t } from './types.ts';

const RAW_PUBLIC_KEY = 2;
const SECP256R1 = 23;
const UNCOMPRESSED = 0;
/** SHA-256 and ECDSA, hash byte first. */
const SHA256_ECDSA = 0x0403;

/**
 * Reads the extension block hello[at..) to the end of the message. Bytes behind the block are read as further
 * extensions, and one type may come twice, as in tinydtls.
 * @returns 0, or handshake_failure: malformed, or a forced extension is missing
 */
export function checkExtensions(ctx: Context, handshake: dtls_handshake_parameters_t, hello: Uint8Array, at: number,
  isClientHello: boolean): number {
  const end = hello.length;
  if (end - at >= 2) {
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
      at += length;
    }
  }
  const { config } = ctx.env;
  if (config.CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET && !handshake.extended_master_secret) return HANDSHAKE_FAILURE;
  if (config.CONFIG_DTLS_FORCE_RENEGOTIATION_INFO && !handshake.renegotiation_info) return HANDSHAKE_FAILURE;
  return 0;
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
      return listHas(ctx, data, 2, 2, SECP256R1, 'elliptic curves', 'elliptic curve');
    case TLS_EXT_EC_POINT_FORMATS:
      return listHas(ctx, data, 1, 1, UNCOMPRESSED, 'ec_point_formats', 'ec_point_format');
    case TLS_EXT_SIG_HASH_ALGO:
      return listHas(ctx, data, 2, 2, SHA256_ECDSA, 'signature_algorithms', 'signature_algorithms');
    case TLS_EXT_CLIENT_CERTIFICATE_TYPE:
    case TLS_EXT_SERVER_CERTIFICATE_TYPE:
      if (!isClientHello) return data[0] === RAW_PUBLIC_KEY;
      return listHas(ctx, data, 1, 1, RAW_PUBLIC_KEY, 'certificate types', 'certificate type');
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
