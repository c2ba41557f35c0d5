// Which cipher suites the image has: CONFIG_DTLS_ECC and CONFIG_DTLS_PSK; without either it has PSK.
import { net_config } from '../../net/config.ts';

export function ecc(): boolean {
  return net_config().CONFIG_DTLS_ECC !== 0;
}

export function psk(): boolean {
  return net_config().CONFIG_DTLS_PSK !== 0 || !ecc();
}
