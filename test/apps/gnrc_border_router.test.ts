// The app gnrc_border_router. Network and consoles are compared with real boards' in test/parity/border_router.test.ts.
import test from 'ava';
import { runScenario, scenario, seconds } from 'riotbed';
import { printed } from './console.ts';

test('gnrc_border_router greets as RIOT\'s does', (t) => {
  // The two lines of RIOT's main.c.
  t.is(printed('gnrc_border_router'), 'RIOT border router example application\nAll up, running the shell now\n> ');
});

test('without a wire its Ethernet port is there all the same, and it hands out its prefix', (t) => {
  // The port is interface 5; frames to it are lost. Interface 6 is the radio.
  const { error, simulation } = runScenario(scenario({
    nodes: {
      br: { board: 'native', app: 'gnrc_border_router' },
      node: { board: 'native', app: 'gnrc_networking' },
    },
  }, ({ nodes: { br, node }, ...sim }) => {
    sim.runFor(seconds(5));
    br.type('ifconfig');
    br.expect(/Iface {2}6[^]*inet6 addr: 2001:db8::1 {2}scope: global {2}VAL/);
    node.type('ifconfig');
    node.expect(/inet6 addr: 2001:db8::2 {2}scope: global {2}VAL/);
  }));
  t.is(error, null);
  t.regex(simulation.node('br').console, /Iface {2}5 {2}HWaddr: 02:00:00:00:00:01[^]*2001:db8:1::1 {2}scope: global/);
});

test('its addresses are texts of its configuration; a default router on the wire too', (t) => {
  // RIOT's build variables IPV6_PREFIX, IPV6_ADDR and IPV6_DEFAULT_ROUTER.
  const { error } = runScenario(scenario({
    nodes: {
      br: {
        board: 'native', app: 'gnrc_border_router', wires: ['lan'],
        config: {
          CONFIG_GNRC_IPV6_STATIC_PREFIX: 'fd00:7::/64', CONFIG_GNRC_IPV6_STATIC_ADDR: 'fd00:8::1',
          CONFIG_GNRC_IPV6_STATIC_DEFAULT_ROUTER: 'fe80::99',
        },
      },
    },
  }, ({ nodes: { br } }) => {
    br.type('nib route');
    br.expect(/fd00:8::1\/128 dev #5\r?\n[^]*fd00:7::\/64 dev #6\r?\n[^]*default\*? via fe80::99 dev #5/);
  }));
  t.is(error, null);
});

for (const [name, value, message] of [
  ['CONFIG_GNRC_IPV6_STATIC_PREFIX', '2001:db8::', 'is not an IPv6 prefix with its length such as 2001:db8:1::/64'],
  ['CONFIG_GNRC_IPV6_STATIC_PREFIX', '2001:db8::/0', 'is not an IPv6 prefix with its length such as 2001:db8:1::/64'],
  ['CONFIG_GNRC_IPV6_STATIC_PREFIX', '2001:db8::/129', 'is not an IPv6 prefix with its length such as 2001:db8:1::/64'],
  ['CONFIG_GNRC_IPV6_STATIC_ADDR', '2001:db8::1::2', 'is not an IPv6 address such as 2001:db8::1'],
  ['CONFIG_GNRC_IPV6_STATIC_DEFAULT_ROUTER', 'router', 'is not an IPv6 address such as 2001:db8::1'],
  ['CONFIG_GNRC_IPV6_STATIC_ADDR', 5, 'is not a text'],
] as const) {
  test(`${name} ${value} is refused with what was expected`, (t) => {
    // Before anything runs: node, name, value and form.
    const wrong = scenario({
      nodes: { br: { board: 'native', app: 'gnrc_border_router', config: { [name]: value } } },
    }, () => undefined);
    t.throws(() => runScenario(wrong), { instanceOf: RangeError, message: `node br: ${name}: ${value} ${message}` });
  });
}
