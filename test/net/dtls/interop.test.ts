// The engine against real DTLS stacks over loopback UDP. A peer that is not installed is skipped, except in CI.

import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { dtls_get_peer, DTLS_QUIRKS_NONE, dtls_reset_peer, dtls_write,
  DTLS_STATE_CONNECTED } from '../../../net/dtls/dtls.ts';
import { Board, CREDENTIAL, text } from './board.ts';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { session_t } from '../../../net/dtls/dtls.ts';
import type { BoardOptions } from './board.ts';
import { needsTool } from '../../tools.ts';

const IDENTITY = new TextDecoder().decode(CREDENTIAL.identity);
const KEY = Buffer.from(CREDENTIAL.key).toString('hex');
/** CCM and CCM_8, as far as the test wants them. */
const gnutlsPriority = (cipher: string, extra = ''): string =>
  `NONE:+VERS-DTLS1.2:+PSK:+${cipher}:+AEAD:+SIGN-ALL:+COMP-NULL:+GROUP-SECP256R1${extra}`;

/** An engine on a UDP socket of this host. */
class Host {
  readonly board: Board;
  readonly socket: Socket = createSocket('udp4');
  readonly #echo: boolean;

  constructor(t: ExecutionContext, options: BoardOptions, echo: boolean) {
    this.board = new Board(options);
    this.#echo = echo;
    this.socket.on('message', (datagram, from) => this.#receive(datagram, from));
    t.teardown(() => new Promise<void>((done) => { this.socket.close(() => done()); }));
  }

  async bind(): Promise<number> {
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return (this.socket.address() as AddressInfo).port;
  }

  /** Runs one call of the engine and sends what it wants sent. */
  flush(): void {
    for (const { to, datagram } of this.board.sent.splice(0)) this.socket.send(datagram, to.port, '127.0.0.1');
  }

  write(to: session_t, data: Uint8Array): number {
    const sent = this.board.run(dtls_write(this.board.ctx, to, data, data.length));
    this.flush();
    return sent;
  }

  #receive(datagram: Uint8Array, from: { port: number }): void {
    const session = loopback(from.port);
    const before = this.board.reads.length;
    this.board.receive(session, datagram);
    this.flush();
    if (this.#echo) for (const data of this.board.reads.slice(before)) this.write(session, data);
  }
}

function loopback(port: number): session_t {
  const addr = new Uint8Array(16);
  addr.set([0xff, 0xff, 127, 0, 0, 1], 10);
  return { addr, port, ifindex: 0 };
}

/** A peer as a child process, with all it has printed. */
class Peer {
  readonly child: ChildProcess;
  output = '';

  constructor(t: ExecutionContext, command: string, args: string[]) {
    this.child = spawn(command, args, { stdio: 'pipe' });
    this.child.stdout?.on('data', (chunk: Buffer) => { this.output += chunk.toString('latin1'); });
    this.child.stderr?.on('data', (chunk: Buffer) => { this.output += chunk.toString('latin1'); });
    t.teardown(() => { this.child.kill('SIGKILL'); });
  }

  type(line: string): void {
    this.child.stdin?.write(line);
  }
}

/** Waits until `condition` holds. */
async function until(t: ExecutionContext, what: string, peer: Peer, host: Host,
  condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (condition()) return;
    await new Promise((done) => { setTimeout(done, 20); });
  }
  t.fail(`${what} did not happen.\n${peer.output}\nengine: ${host.board.logs.join(' | ')}`);
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** The peer connects to the engine, says hello, and gets it back. */
async function engineAsServer(t: ExecutionContext, command: string, args: (port: number) => string[],
  options: BoardOptions = {}): Promise<void> {
  const host = new Host(t, { hint: text('Prefer_Id_1'), ...options }, true);
  const peer = new Peer(t, command, args(await host.bind()));
  await until(t, 'the handshake', peer, host, () => host.board.events.some(({ code }) => code === 0x1de));
  await until(t, 'the peer\'s readiness', peer, host, () => /Handshake was completed|---\n/.test(peer.output));
  const before = peer.output.length;
  peer.type('hello engine\n');
  await until(t, 'the data', peer, host, () => host.board.reads.length > 0);
  t.deepEqual(host.board.reads[0], text('hello engine\n'));
  await until(t, 'the echo', peer, host, () => peer.output.slice(before).includes('hello engine'));
  t.true(peer.output.slice(before).includes('hello engine'));
  t.deepEqual(host.board.diagnostics, []);
  peer.child.stdin?.end();
}

/** The engine connects to the peer and says hello; the peer says something back. */
async function engineAsClient(t: ExecutionContext, command: string, args: (port: number) => string[], ready: RegExp,
  reply: string | null, options: BoardOptions = {}): Promise<void> {
  const port = await freePort();
  const host = new Host(t, options, false);
  const peer = new Peer(t, command, args(port));
  await until(t, 'the server\'s start', peer, host, () => ready.test(peer.output));
  await host.bind();
  const server = loopback(port);
  t.true(host.board.connect(server) > 0);
  host.flush();
  await until(t, 'the handshake', peer, host, () => host.board.stateOf(server) === DTLS_STATE_CONNECTED);
  t.is(host.write(server, text('hello peer\n')), 11);
  if (reply === null) {
    await until(t, 'the echo', peer, host, () => host.board.reads.length > 0);
    t.deepEqual(host.board.reads[0], text('hello peer\n'));
  } else {
    await until(t, 'the data', peer, host, () => peer.output.includes('hello peer'));
    peer.type(reply);
    await until(t, 'the reply', peer, host, () => host.board.reads.length > 0);
    t.deepEqual(host.board.reads[0], text(reply));
  }
  t.deepEqual(host.board.diagnostics, []);
  host.board.run(dtls_reset_peer(host.board.ctx, dtls_get_peer(host.board.ctx, server)!));
  host.flush();
}

const sClient = (cipher: string) => (port: number): string[] => ['s_client', '-dtls1_2',
  '-connect', `127.0.0.1:${port}`, '-psk_identity', IDENTITY, '-psk', KEY, '-cipher', cipher];
const sServer = (cipher: string) => (port: number): string[] => ['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`,
  '-nocert', '-psk_identity', IDENTITY, '-psk', KEY, '-psk_hint', 'Prefer_Id_1', '-cipher', cipher];
const gnutlsCli = (cipher: string, extra = '') => (port: number): string[] => ['--udp', '-p', String(port),
  '--pskusername', IDENTITY, '--pskkey', KEY, '--priority', gnutlsPriority(cipher, extra), '127.0.0.1'];

/** gnutls-serv reads its keys from a file. */
function gnutlsServ(t: ExecutionContext, cipher: string, extra = ''): (port: number) => string[] {
  const folder = mkdtempSync(join(tmpdir(), 'riotbed-'));
  const file = join(folder, 'psk.txt');
  writeFileSync(file, `${IDENTITY}:${KEY}\n`);
  t.teardown(() => { rmSync(folder, { recursive: true }); });
  return (port) => ['--udp', '-p', String(port), '--echo', '--pskpasswd', file, '--pskhint', 'Prefer_Id_1',
    '--priority', gnutlsPriority(cipher, extra)];
}

for (const [openssl, gnutls, suite] of [['PSK-AES128-CCM8', 'AES-128-CCM-8', 0xc0a8], ['PSK-AES128-CCM', 'AES-128-CCM',
  0xc0a4]] as const) {
  const name = suite.toString(16);

  test.serial(`OpenSSL's s_client shakes hands with the engine over ${name} and gets its data back`, async (t) => {
    // Another implementation of every step: it decrypts what the engine seals, and the other way round.
    if (!needsTool(t, 'openssl')) return;
    await engineAsServer(t, 'openssl', sClient(openssl));
  });

  test.serial(`the engine shakes hands with OpenSSL's s_server over ${name}, and both read their data`, async (t) => {
    // s_server sends no HelloVerifyRequest: the engine's other way through the first flight.
    if (!needsTool(t, 'openssl')) return;
    await engineAsClient(t, 'openssl', sServer(openssl), /ACCEPT/, 'hello from there\n');
  });

  test.serial(`gnutls-cli shakes hands with the engine over ${name} and gets its data back`, async (t) => {
    // A third implementation.
    if (!needsTool(t, 'gnutls-cli')) return;
    await engineAsServer(t, 'gnutls-cli', gnutlsCli(gnutls));
  });

  test.serial(`the engine shakes hands with gnutls-serv over ${name} and gets its data back`, async (t) => {
    // It does ask for a cookie.
    if (!needsTool(t, 'gnutls-serv')) return;
    await engineAsClient(t, 'gnutls-serv', gnutlsServ(t, gnutls), /listening on IPv4|ready|UDP/i, null);
  });
}

test.serial('without extended master secret GnuTLS and the engine agree on the older master secret', async (t) => {
  // RFC 5246 §8.1 instead of RFC 7627, as client and as server. RIOT has it when the extension is not forced.
  if (!needsTool(t, 'gnutls-cli') || !needsTool(t, 'gnutls-serv')) return;
  const options = { config: { CONFIG_DTLS_FORCE_EXTENDED_MASTER_SECRET: 0 } };
  await engineAsServer(t, 'gnutls-cli', gnutlsCli('AES-128-CCM-8', ':%NO_SESSION_HASH'), options);
  await engineAsClient(t, 'gnutls-serv', gnutlsServ(t, 'AES-128-CCM-8', ':%NO_SESSION_HASH'),
    /listening on IPv4|ready|UDP/i, null, options);
});

test.serial('GnuTLS without extended master secret or secure renegotiation is refused', async (t) => {
  // RIOT forces both. The peer gives up at the alert that the engine sent.
  if (!needsTool(t, 'gnutls-cli')) return;
  for (const extra of [':%NO_SESSION_HASH', ':%DISABLE_SAFE_RENEGOTIATION']) {
    const host = new Host(t, {}, true);
    const peer = new Peer(t, 'gnutls-cli', gnutlsCli('AES-128-CCM-8', extra)(await host.bind()));
    await until(t, 'the refusal', peer, host, () => peer.child.exitCode !== null);
    t.true(peer.child.exitCode !== 0);
    t.deepEqual(host.board.logs.slice(0, 2),
      ['error updating security parameters', 'error while handling handshake packet']);
    t.deepEqual(host.board.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  }
});

/** A key pair of P-256 as GnuTLS reads it, and as the engine has it. */
function rawKey(t: ExecutionContext): { keyFile: string; publicFile: string; publicKey: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'riotbed-'));
  t.teardown(() => { rmSync(folder, { recursive: true }); });
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const [keyFile, publicFile] = [join(folder, 'key.pem'), join(folder, 'public.pem')];
  writeFileSync(keyFile, pair.privateKey);
  writeFileSync(publicFile, pair.publicKey);
  const { x, y } = createPrivateKey(pair.privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
  return { keyFile, publicFile, publicKey };
}

const rawPriority = (cipher: string): string => `NONE:+VERS-DTLS1.2:+ECDHE-ECDSA:+${cipher}:+AEAD`
  + ':+SIGN-ECDSA-SHA256:+COMP-NULL:+GROUP-SECP256R1:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK';

for (const [cipher, suite] of [['AES-128-CCM-8', 'c0ae'], ['AES-128-CCM', 'c0ac']] as const) {
  test.serial(`gnutls-cli with a raw public key shakes hands with the engine over ${suite}, mutually`, async (t) => {
    // GnuTLS checks the engine's signature; the engine takes GnuTLS' key and no other, and checks its signature.
    if (!needsTool(t, 'gnutls-cli')) return;
    const { keyFile, publicFile, publicKey } = rawKey(t);
    await engineAsServer(t, 'gnutls-cli', (port) => ['--udp', '-p', String(port), '--rawpkkeyfile', keyFile,
      '--rawpkfile', publicFile, '--insecure', '--priority', rawPriority(cipher), '127.0.0.1'],
    { peerKey: publicKey, config: { CONFIG_DTLS_ECC: 1 } });
  });

  for (const mutual of [false, true]) {
    const how = mutual ? 'that wants the client\'s key too' : 'that does not ask for the client\'s key';
    test.serial(`the engine shakes hands with a gnutls-serv ${how} over ${suite}`, async (t) => {
      // Both ways through the client's flight: with Certificate and CertificateVerify, and without.
      if (!needsTool(t, 'gnutls-serv')) return;
      const { keyFile, publicFile, publicKey } = rawKey(t);
      await engineAsClient(t, 'gnutls-serv', (port) => ['--udp', '-p', String(port), '--echo',
        ...mutual ? ['--require-client-cert'] : [], '--rawpkkeyfile', keyFile, '--rawpkfile', publicFile,
        '--priority', rawPriority(cipher)],
      /listening on IPv4|ready|UDP/i, null, { peerKey: publicKey, config: { CONFIG_DTLS_ECC: 1 } });
    });
  }
}

test.serial('gnutls-cli with both kinds of suites shakes hands with an engine that has both', async (t) => {
  // Its own order decides: it prefers ECDHE_ECDSA here.
  if (!needsTool(t, 'gnutls-cli')) return;
  const { keyFile, publicFile } = rawKey(t);
  await engineAsServer(t, 'gnutls-cli', (port) => ['--udp', '-p', String(port), '--rawpkkeyfile', keyFile,
    '--rawpkfile', publicFile, '--insecure', '--pskusername', IDENTITY, '--pskkey', KEY,
    '--priority', `${rawPriority('AES-128-CCM-8')}:+PSK`, '127.0.0.1'],
  { config: { CONFIG_DTLS_ECC: 1, CONFIG_DTLS_PSK: 1 } });
});

for (const mtu of ['128', '150']) {
  test.serial(`gnutls-serv cuts its messages for an MTU of ${mtu}: they are put together, by RIOT not`, async (t) => {
    // ServerKeyExchange and, with 128, Certificate come in fragments. With RIOT's quirk the same server is refused.
    if (!needsTool(t, 'gnutls-serv')) return;
    const { keyFile, publicFile } = rawKey(t);
    const args = (port: number): string[] => ['--udp', '-p', String(port), '--echo', '--mtu', mtu,
      '--rawpkkeyfile', keyFile, '--require-client-cert',
      '--rawpkfile', publicFile, '--priority', rawPriority('AES-128-CCM-8')];
    const ready = /listening on IPv4|ready|UDP/i;
    await engineAsClient(t, 'gnutls-serv', args, ready, null,
      { config: { CONFIG_DTLS_ECC: 1, quirks: DTLS_QUIRKS_NONE } });

    const port = await freePort();
    const host = new Host(t, { config: { CONFIG_DTLS_ECC: 1 } }, false);
    const peer = new Peer(t, 'gnutls-serv', args(port));
    await until(t, 'the server\'s start', peer, host, () => ready.test(peer.output));
    await host.bind();
    host.board.connect(loopback(port));
    host.flush();
    await until(t, 'the refusal', peer, host, () => host.board.stateOf(loopback(port)) === null);
    t.is(host.board.logs[0], 'No fragment support (yet)');
  });
}
