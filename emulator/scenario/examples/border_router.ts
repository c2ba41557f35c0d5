// A border router gives two boards global addresses. They ping one another, and a host on the wire behind it:
//
//     a, b  · · · radio · · ·  br  ---- lan ----  host
//
// The host has no radio. It advertises itself as a router of the wire, so that the border router sends there what it has
// no other way for; of the prefix behind the border router it learns from a route.
import { type NodeHandle, scenario, seconds } from 'riotbed';

const PREFIX = '2001:db8:7::';
const WIRE = '2001:db8:1::';

export default scenario({
  nodes: {
    br: {
      board: 'native', app: 'gnrc_border_router', wires: ['lan'],
      config: {
        CONFIG_GNRC_IPV6_STATIC_PREFIX: `${PREFIX}/64`,
        CONFIG_GNRC_IPV6_STATIC_ADDR: `${WIRE}1`,
      },
    },
    a: { board: 'native', app: 'gnrc_networking' },
    b: { board: 'native', app: 'gnrc_networking' },
    host: { board: 'native', app: 'gnrc_networking', wires: ['lan'], radio: false },
  },
}, (sim) => {
  const { br, a, b, host } = sim.nodes;

  // Both boards have registered their addresses once the border router knows them.
  sim.runFor(seconds(5));
  br.type('nib neigh');
  br.expect(`${PREFIX}2 dev #6`);
  br.expect(`${PREFIX}3 dev #6`);

  ping(a, `${PREFIX}1`);
  ping(a, `${PREFIX}3`);
  ping(b, `${PREFIX}2`, 1000);

  host.type(`ifconfig 5 add ${WIRE}4/64`);
  host.expect('success: added');
  host.type('ifconfig 5 rtr_adv');
  sim.runFor(seconds(20));
  host.type(`nib route add 5 ${PREFIX}/64 ${WIRE}1`);
  ping(host, `${WIRE}1`);
  ping(host, `${PREFIX}2`);
  ping(a, `${WIRE}4`, 1200);
});

/** Two echo requests with `size` bytes of data, both answered. */
function ping(from: NodeHandle, to: string, size = 4): undefined {
  from.type(`ping -c 2 -s ${size} ${to}`);
  from.expect(/2 packets transmitted, 2 packets received,.* 0% packet loss/);
}
