// A UDP socket of the host, opened and used so that a datagram costs as little as it can: no name is looked up, no
// callback waits for it.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type Endpoint, formatEndpoint } from './endpoint.ts';

/** Room for what comes in while this process is busy, bytes. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** Why a socket cannot be opened; the message says it as a user can read it. */
export class SocketError extends Error {
  override name = 'UsageError';
}

/**
 * Opens a socket bound to `local`, or to any free port with null.
 * @param what names it in messages
 * @throws SocketError when the port is taken, or the address is none of this host's
 */
export async function openUdp(
  what: string, local: Endpoint | null, family: Endpoint['family'],
  receive: (datagram: Uint8Array, from: RemoteInfo) => undefined,
): Promise<Socket> {
  // Without this each datagram to an address goes through the resolver, numbers too.
  const numeric = (host: string, _options: unknown, found: (error: null, address: string, family: number) => void) =>
    found(null, host, family === 'udp6' ? 6 : 4);
  const socket = createSocket({ type: family, lookup: numeric as never, ipv6Only: family === 'udp6' });
  socket.on('message', receive);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(new SocketError(`${what}: ${explain(error, local)}`, { cause: error }));
    });
    const place = local === null ? {} : { address: local.address, port: local.port };
    socket.bind({ ...place, exclusive: true }, () => {
      socket.removeAllListeners('error');
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER);
      } catch {
        // The host allows less: what it gives is enough but for bursts.
      }
      resolve();
    });
  });
  return socket;
}

function explain({ code, message }: NodeJS.ErrnoException, local: Endpoint | null): string {
  const place = local === null ? 'a free port' : formatEndpoint(local);
  switch (code) {
    case 'EADDRINUSE':
      return `${place} is taken by another program; end that or choose another port`;
    case 'EADDRNOTAVAIL':
      return `${place} is no address of this host`;
    case 'EACCES':
      return `${place} may not be used without privileges; choose a port above 1023`;
    default:
      return `${place}: ${message}`;
  }
}
