import test from 'ava';
import { type App, runScenario, scenario, seconds } from 'riotbed';
import { app as networking } from '../../apps/gnrc_networking/main.ts';
import { app } from '../../apps/gnrc_minimal/main.ts';

test('gnrc_minimal prints what RIOT\'s prints: no boot message, its link-local address as JSON', (t) => {
  // A real native64 node with this EUI-64, from the start-up code to the end of main.
  const { simulation, error } = runScenario(scenario({
    nodes: { a: { board: 'native', app: 'gnrc_minimal', eui64: '02:00:00:00:00:00:00:0a' } },
  }, (sim) => sim.runFor(seconds(2))));
  t.is(error, null);
  t.is(simulation.node('a').console, 'RIOT native interrupts/signals initialized.\n' +
    'TZ not set, setting UTC\n' +
    'RIOT native64 board initialized.\n' +
    'RIOT native hardware initialization complete.\n' +
    '\n' +
    'RIOT network stack example application\n' +
    '{"IPv6 addresses": ["fe80::a"]}\n');
});

test('two interfaces are one too many: gnrc_netif_single says so and the second is not made', (t) => {
  // RIOT prints and fails an assertion in the main thread, which sleeps for ever; the first interface works.
  const { simulation } = runScenario(scenario({
    nodes: { a: { board: 'native', app: 'gnrc_minimal', wires: ['lan'] } },
  }, (sim) => sim.runFor(seconds(2))));
  const { console } = simulation.node('a');
  t.regex(console, /gnrc_netif_highlander\(\) returned true but more than one interface is being registered\.\n/);
  t.regex(console, /FAILED ASSERTION/);
  t.notRegex(console, /IPv6 addresses/);
});

/** gnrc_minimal with a shell to ping from. */
const pinging: App = {
  ...networking, name: 'pinging', config: app.config!,
  modules: [...app.modules, 'shell', 'shell_cmds_default'],
};

test('its threads go on when main has ended: it answers a ping of its like, uncompressed', (t) => {
  // Dispatch 41 is an IPv6 header as it is (RFC 4944 §5.1): without IPHC nothing else can be.
  const dispatches = new Set<number>();
  const { error } = runScenario(scenario({
    nodes: { a: { board: 'native', app: 'gnrc_minimal' }, b: { board: 'native', app: pinging } },
  }, (sim) => {
    const { a, b } = sim.nodes;
    // Its address is tentative for a second: it is checked for duplicates as on Ethernet.
    sim.runFor(seconds(2));
    b.type(`ping -c 2 ${a.linkLocal}`);
    b.expect('2 packets transmitted, 2 packets received, 0% packet loss');
  }), {
    readers: () => [({ event }) => {
      if (event.layer === 'radio' && event.type === 'tx' && (event.frame[0]! & 7) === 1) {
        // A header to a short address takes 15 bytes, one to a long address 21.
        dispatches.add(event.frame[((event.frame[1]! >> 2) & 3) === 3 ? 21 : 15]!);
      }
    }],
  });
  t.is(error, null);
  t.deepEqual([...dispatches], [0x41]);
});
