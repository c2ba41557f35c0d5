// The app gnrc_networking. Its boot, its `help` and its tables are compared with RIOT's in test/parity/boot.test.ts.
import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';
import { printed } from './console.ts';

test('gnrc_networking greets as RIOT\'s does and has a shell', (t) => {
  // The two lines of RIOT's main.c, then the prompt.
  t.is(printed('gnrc_networking'), 'RIOT network stack example application\nAll up, running the shell now\n> ');
});

test('the main thread has a message queue, so that ping works', (t) => {
  // Without it RIOT's ping fails an assertion, as in dtls_sock.
  const { error, simulation } = runScenario(scenario({
    nodes: {
      a: { board: 'native', app: 'gnrc_networking' },
      b: { board: 'native', app: 'gnrc-networking' },
    },
  }, ({ nodes: { a, b } }) => {
    a.type(`ping -c 3 -i 100 ${b.linkLocal}`);
    a.expect('3 packets transmitted, 3 packets received, 0% packet loss');
  }));
  t.is(error, null);
  t.is(simulation.node('a').console.match(/12 bytes from fe80::2%6: icmp_seq=\d ttl=64 rssi=-\d+ dBm/g)?.length, 3);
});

test('udp: a server on one board prints what the other sends', (t) => {
  // Module shell_cmd_udp_server: the port is open, and the packet comes as a dump.
  const { error, simulation } = runScenario(scenario({
    nodes: {
      a: { board: 'native', app: 'gnrc_networking' },
      b: { board: 'native', app: 'gnrc_networking' },
    },
  }, (sim) => {
    const { a, b } = sim.nodes;
    b.type('udp server start 8888');
    sim.runFor(seconds(1));
    a.type(`udp send [${b.linkLocal}]:8888 hello`);
    sim.runFor(seconds(1));
  }));
  t.is(error, null);
  t.regex(simulation.node('b').console, /68\s+65\s+6C\s+6C\s+6F/i);
});
