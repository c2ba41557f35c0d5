// Programs of this host talk to an emulated board through its 6LoWPAN, by way of `riotbed node --udp`.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { Session, endSessions, freePort } from '../emulator/cli/session.ts';
import { type Tool, checkBuilt, needsTool } from '../tools.ts';

const KEY = Buffer.from('yetAnotherSecret').toString('hex');
const PRIORITY = 'NONE:+VERS-DTLS1.2:+PSK:+AES-128-CCM-8:+AEAD:+SIGN-ALL:+COMP-NULL:+GROUP-SECP256R1';

test.before(checkBuilt);
test.after.always(endSessions);

/** Runs a program that sends a line a second after its start; what it printed. */
async function talk(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args);
  let output = '';
  const add = (text: Buffer): void => void (output += text.toString('latin1'));
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  child.stdin.on('error', () => undefined);
  const timers = [
    setTimeout(() => child.stdin.write('hello\n'), 1000),
    setTimeout(() => child.stdin.end(), 2000),
    setTimeout(() => child.kill(), 15_000),
  ];
  await once(child, 'close');
  for (const timer of timers) clearTimeout(timer);
  return output;
}

/** A board with the DTLS server of RIOT's example, its port 20220 on a port of this host. */
async function server(t: ExecutionContext): Promise<{ board: Session; port: number }> {
  const port = await freePort();
  const board = new Session(['dtls_sock', '--udp', `${port}:20220`]);
  t.teardown(() => void board.child.kill('SIGINT'));
  await board.shows(/shell now\n/);
  board.type('dtlss start\n');
  await board.shows(/dtlss start\r?\n/);
  return { board, port };
}

/** Programs, how each is told to send hello, and what it shows when that comes back. */
const PROGRAMS: readonly { tool: Tool; args: (port: number) => string[]; shows: RegExp }[] = [
  { tool: 'openssl', shows: /Extended master secret: yes[^]*hello/,
    args: (port) => ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, '-psk_identity', 'Identity_1',
      '-psk', KEY, '-cipher', 'PSK-AES128-CCM8:@SECLEVEL=0'] },
  { tool: 'gnutls-cli', shows: /Handshake was completed[^]*hello/,
    args: (port) => ['--udp', '-p', String(port), '--pskusername', 'Identity_1', '--pskkey', KEY,
      '--priority', PRIORITY, '127.0.0.1'] },
];

for (const { tool, args, shows } of PROGRAMS) {
  test(`${tool} does a PSK handshake with an emulated board and gets its line back`, async (t) => {
    // Two ends that know nothing of each other but RFC 6347 and the key: each record went over the emulated radio in
    // 6LoWPAN fragments, as the board's console and the program's output both show.
    if (!needsTool(t, tool)) return;
    const { board, port } = await server(t);
    t.regex(await talk(tool, args(port)), shows);
    t.regex(board.stdout, /New client connected\nReceived 6 bytes -- \(echo\)\n/);
  });
}

test('libcoap\'s client does a PSK handshake with an emulated board and sends its request', async (t) => {
  // The board echoes what it decrypts, a CoAP request and no answer; the handshake and its size are what counts.
  if (!needsTool(t, 'coap-client-gnutls')) return;
  const { board, port } = await server(t);
  const args = ['-B', '3', '-m', 'get', '-u', 'Identity_1', '-k', 'yetAnotherSecret', `coaps://127.0.0.1:${port}/time`];
  await talk('coap-client-gnutls', args);
  t.regex(board.stdout, /New client connected\nReceived \d+ bytes -- \(echo\)\n/);
});

test('a plain UDP program gets its datagrams back from an emulated board, on both loopback addresses', async (t) => {
  // sock_udp_echo answers what fits into its 128 bytes; larger ones it drops, as on RIOT.
  const port = await freePort();
  const board = new Session(['sock_udp_echo', '--udp', `${port}:12345`]);
  t.teardown(() => void board.child.kill('SIGINT'));
  await board.shows(/main\(\): This is RIOT!/);
  for (const [family, address] of [['udp4', '127.0.0.1'], ['udp6', '::1']] as const) {
    const socket = createSocket(family);
    t.teardown(() => socket.close());
    for (const size of [1, 80, 128]) {
      const sent = Buffer.alloc(size, size);
      const answer = ask(socket, sent, port, address);
      t.deepEqual(await answer, sent, `${size} bytes to ${address}`);
    }
  }
});

/** Sends a datagram until something comes back: the ports are open a moment after the board has booted. */
async function ask(
  socket: ReturnType<typeof createSocket>, sent: Buffer, port: number, address: string,
): Promise<Buffer | null> {
  // On a busy host the answer to an earlier one may come late: it has another size.
  const got = new Promise<Buffer>((resolve) => socket.on('message', (answer) => {
    if (answer.length === sent.length) resolve(answer);
  }));
  for (let i = 0; i < 20; i++) {
    socket.send(sent, port, address);
    const answer = await Promise.race([got, new Promise<null>((resolve) => void setTimeout(() => resolve(null), 500))]);
    if (answer !== null) return answer;
  }
  return null;
}
