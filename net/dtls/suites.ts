/** The suites, by what sets them apart. */

import { TLS_ECDHE_ECDSA_WITH_AES_128_CCM, TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
  TLS_PSK_WITH_AES_128_CCM_8 } from '../wire/dtls.ts';

/** Whether the keys come from ECDHE, signed with ECDSA; else from a PSK. */
export function isEcdheEcdsa(cipher: number): boolean {
  return cipher === TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 || cipher === TLS_ECDHE_ECDSA_WITH_AES_128_CCM;
}

/** Bytes of the tag. */
export function tagLength(cipher: number): 8 | 16 {
  return cipher === TLS_PSK_WITH_AES_128_CCM_8 || cipher === TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 ? 8 : 16;
}
