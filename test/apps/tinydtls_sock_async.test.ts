// RIOT's app with callbacks, at its shell.
import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';
import type { ConfigLayer } from '../../kernel/config.ts';
import { printed } from './console.ts';

/** What both print behind their prompts when these lines are typed, each followed by three seconds. */
function played(lines: readonly (readonly ['server' | 'client', string])[], config: ConfigLayer = {}) {
  const node = (last: string) => ({
    board: 'native', app: 'tinydtls_sock_async', eui64: `02:00:00:00:00:00:00:${last}`, config,
  } as const);
  const run = runScenario(scenario({ nodes: { server: node('0a'), client: node('0b') } }, (sim) => {
    for (const [name, line] of lines) {
      sim.nodes[name].type(line);
      sim.runFor(seconds(3));
    }
  }));
  if (run.error !== null) throw run.error;
  const text = (name: string) =>
    run.simulation.node(name).console.replaceAll('\r', '').replace(/^[^]*?shell now\n/, '').split('\n');
  return { server: text('server'), client: text('client') };
}

for (const [suite, config] of [['a pre-shared key', {}], ['raw public keys', { CONFIG_DTLS_ECC: 1 }]] as const) {
  test(`handshake, data, echo and close are told by callbacks with ${suite}`, (t) => {
    // The texts and their order are those of RIOT's handlers. Two event threads come before the stack's: interface 8.
    const { server, client } = played([['server', 'dtlss start'], ['client', 'dtlsc fe80::a hello']], config);
    t.deepEqual(client, [
      '> dtlsc fe80::a hello', '> Session handshake received', 'Connection to server successful',
      'Sending data "hello"', 'Sent DTLS message', 'DTLS message was sent', 'Received 5 bytes: "hello"',
      'Terminating session', '',
    ]);
    t.deepEqual(server, [
      '> dtlss start', '> Session handshake received', 'New client connected', 'Received 5 bytes -- (echo)',
      'Session was destroyed by peer: [fe80::b%8]:12345', '',
    ]);
  });
}

test('a client without a server gives up after a second, and may try again', (t) => {
  // Both socks are closed by the time-out's handler: the second try finds a context and a peer.
  const { client } = played([['client', 'dtlsc fe80::a one'], ['server', 'dtlss start'], ['client', 'dtlsc fe80::a two']]);
  t.is(client[1], '> Session handshake timed out');
  t.true(client.includes('Received 3 bytes: "two"'));
});

test('the server is stopped by the event thread, and starts again', (t) => {
  // The prompt comes before the thread of lower priority runs.
  t.is(printed('tinydtls_sock_async', ['dtlss start', 'dtlss start', 'dtlss stop', 'dtlss start', 'dtlss stop'])
    .replaceAll('\r', '').replace(/^[^]*?shell now\n/, ''),
  ['> dtlss start', '> dtlss start', 'Error: server already running', '> dtlss stop', 'Terminating server',
    'Terminated server', '> dtlss start', '> dtlss stop', 'Terminating server', 'Terminated server', '> '].join('\n'));
});

test('usage and errors are RIOT\'s', (t) => {
  // The client's usage has no colon.
  const text = printed('tinydtls_sock_async', ['dtlsc', 'dtlss', 'dtlss x', 'dtlss stop', 'dtlsc fe80::a%99 x', 'dtlsc x y']);
  for (const line of ['usage dtlsc <addr> <data>', 'usage: dtlss start | stop',
    'Error: invalid command. Usage: dtlss start | stop', 'Error: DTLS server is not running',
    'Invalid network interface', 'Error parsing destination address']) t.true(text.includes(`${line}\n`), line);
});
