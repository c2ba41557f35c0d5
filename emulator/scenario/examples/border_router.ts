// A border router gives two boards global addresses. They ping one another, and a host on the wire behind it:
//
//     a, b  · · · radio · · ·  br  ---- lan ----  host
//
// The host has no radio. It advertises itself as a router of the wire, so that the border router sends there what it
// has no other way for; of the prefix behind the border router it learns from a route.
//
// Boards are switched on one after the other: one that hears another router's advertisement before the border router's
// joins behind that one, and without RPL nobody learns the way down to it.
import { type NodeHandle, scenario, seconds } from 'riotbed';

const PREFIX = '2001:db8:7::';
const WIRE = '2001:db8:1::';

export default scenario({
  nodes: {
    br: {
      board: 'native', app: 'gnrc_border_router', wires: ['lan'], bootAt: 0,
      config: {
        CONFIG_GNRC_IPV6_STATIC_PREFIX: `${PREFIX}/64`,
        CONFIG_GNRC_IPV6_STATIC_ADDR: `${WIRE}1`,
      },
    },
    a: { board: 'native', app: 'gnrc_networking', bootAt: seconds(1) },
    b: { board: 'native', app: 'gnrc_networking', bootAt: seconds(2) },
    host: { board: 'native', app: 'gnrc_networking', wires: ['lan'], radio: false },
  },
}, (sim) => {
  const { br, a, b, host } = sim.nodes;

  // Both boards have registered their addresses once the border router knows them.
  sim.runFor(seconds(5));
  for (const host of ['2', '3']) {
    br.type('nib neigh');
    br.expect(`${PREFIX}${host} dev #6`);
  }

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

/** Three echo requests with `size` bytes of data; one has to be answered, since frames may meet on the air. */
function ping(from: NodeHandle, to: string, size = 4): undefined {
  from.type(`ping -c 3 -s ${size} ${to}`);
  from.expect(/3 packets transmitted, [1-3] packets received/);
}
