// The two examples of RIOT's API document.
import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';
import { sock_dtls_echo_client } from '../../apps/sock_dtls_echo/client.ts';
import { printed } from './console.ts';

test('the client of the document sends HELLO with its NUL, and the server sends it back', (t) => {
  // The server's address is the one that is printed there.
  const run = runScenario(scenario({
    nodes: {
      server: { board: 'native', app: 'sock_dtls_echo', eui64: '02:aa:00:bb:00:cc:00:dd', bootAt: 0 },
      client: { board: 'native', app: 'sock_dtls_echo_client', eui64: '02:00:00:00:00:00:00:0b', bootAt: seconds(1) },
    },
  }, (sim) => sim.runFor(seconds(5))));
  t.is(run.error, null);
  const text = (name: string) => run.simulation.node(name).console.replace(/^[^]*?main\(\)[^\n]*\n/, '');
  t.is(text('server'), 'Received 6 bytes\n');
  t.is(text('client'), 'Sent 6 bytes\nReceived 6 bytes\n');
});

test('a server address that is none is an error', (t) => {
  // The client ends; its main thread is over.
  t.is(printed(sock_dtls_echo_client('nonsense')), 'Error parsing destination address\n');
});
