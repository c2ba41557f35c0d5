// A CoAP GET over DTLS between two boards.
import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';

function got(lines: readonly string[]): string {
  const node = (last: string) => ({ board: 'native', app: 'gcoap_dtls', eui64: `02:00:00:00:00:00:00:${last}` } as const);
  const run = runScenario(scenario({ nodes: { server: node('0a'), client: node('0b') } }, (sim) => {
    for (const line of lines) {
      sim.nodes.client.type(line);
      sim.runFor(seconds(10));
    }
  }));
  if (run.error !== null) throw run.error;
  return run.simulation.node('client').console.replaceAll('\r', '').replace(/^[^]*?shell now\n/, '');
}

test('coap get prints code and payload; the same again, and a path that there is not', (t) => {
  // Each request has its own session, with one place for it on either side.
  const text = got(['coap get fe80::a /riot/board', 'coap get fe80::a /riot/board', 'coap get fe80::a /x']);
  const parts = text.split('> coap get ').slice(1).map((part) => part.replace(/msg ID \d+/, 'msg ID N'));
  t.deepEqual(parts, [
    'fe80::a /riot/board\ngcoap_cli: sending msg ID N, 17 bytes\ngcoap: response Success, code 2.05, 8 bytes\nnative64\n',
    'fe80::a /riot/board\ngcoap_cli: sending msg ID N, 17 bytes\ngcoap: response Success, code 2.05, 8 bytes\nnative64\n',
    'fe80::a /x\ngcoap_cli: sending msg ID N, 8 bytes\ngcoap: response Error, code 4.04, empty payload\n> ',
  ]);
});

test('coap get: nobody there, a wrong address, wrong arguments', (t) => {
  // The three tries take seven seconds.
  const text = got(['coap get fe80::99 /riot/board', 'coap get x /y', 'coap']);
  t.true(text.includes('gcoap_cli: msg send failed\n'));
  t.true(text.includes('gcoap_cli: unable to parse destination address\n'));
  t.true(text.includes('usage: coap get <addr> <path>\n'));
});
