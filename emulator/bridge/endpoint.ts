// UDP endpoints as users write them: [::1]:17754, 127.0.0.1:17754, :17754 or 17754.
import { isIPv4, isIPv6 } from 'node:net';

const PORT_MAX = 65535;
const FORM = '[::1]:PORT, 127.0.0.1:PORT or PORT';

export interface Endpoint {
  readonly family: 'udp4' | 'udp6';
  readonly address: string;
  /** 1 to 65535; 0 where `zero` is allowed: any free one. */
  readonly port: number;
}

/**
 * Reads an endpoint.
 * @param what names it in messages, such as `--zep`
 * @throws RangeError for what is none; names it and what was expected
 */
export function parseEndpoint(what: string, text: string, { zero = false } = {}): Endpoint {
  const [, v6, host, digits] = /^(?:\[([^\]]*)\]:|([^:[\]]*):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits ?? NaN);
  if (Number.isNaN(port)) throw new RangeError(`${what}: '${text}' is no endpoint; expected ${FORM}`);
  if (port > PORT_MAX || (port === 0 && !zero)) {
    throw new RangeError(`${what}: port ${port} is not from ${zero ? 0 : 1} to ${PORT_MAX}`);
  }
  const address = v6 ?? (host === undefined || host === '' || host === 'localhost' ? '::1' : host);
  if (v6 !== undefined ? !isIPv6(v6) : !isIPv4(address) && address !== '::1') {
    throw new RangeError(`${what}: '${v6 ?? host}' is no IP address; expected ${FORM}`);
  }
  return { family: isIPv6(address) ? 'udp6' : 'udp4', address, port };
}

/** Whether an endpoint can be reached from this host only. */
export function isLoopback({ address }: Endpoint): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** `[::1]:17754` or `127.0.0.1:17754`. */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
