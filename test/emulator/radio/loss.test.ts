// Frame loss of every rate, spread evenly or in bursts: what arrives is what theory says, and nothing is left behind.
import test, { type ExecutionContext } from 'ava';
import { native } from '../../../boards/native.ts';
import { Simulation } from '../../../emulator/sim/index.ts';
import { stream } from '../../../emulator/sim/prng.ts';
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_periodic_wakeup } from '../../../kernel/ztimer.ts';
import { gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import {
  SOCK_IPV6_EP_ANY, SOCK_NO_TIMEOUT, sock_udp_create, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { get16, put16 } from '../../../net/wire/bytes.ts';

const SECOND = 1_000_000;
const PORT = 4242;
const PAUSE = 50_000;
const COUNT = 400;
/** A frame and its four retries (CONFIG_IEEE802154_DEFAULT_MAX_FRAME_RETRANS). */
const ATTEMPTS = 5;
const MODULES = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp'];

/** Sends COUNT numbered datagrams, one every 50 ms. */
const sender: App = {
  name: 'sender',
  modules: MODULES,
  * main(): Blocking<number> {
    const remote = SOCK_IPV6_EP_ANY();
    remote.addr.ipv6.set([0xfe, 0x80]);
    remote.addr.ipv6[15] = 0x02;
    remote.port = PORT;
    const data = new Uint8Array(20);
    const last = { value: ztimer_now(ZTIMER_USEC) };
    for (let i = 0; i < COUNT; i++) {
      put16(data, 0, i);
      yield* sock_udp_send(null, data, data.length, remote);
      yield* ztimer_periodic_wakeup(ZTIMER_USEC, last, PAUSE);
    }
    return 0;
  },
};

/** Keeps the numbers of what it gets: a frame whose ACK was lost comes twice. */
function receiver(numbers: Set<number>): App {
  return {
    name: 'receiver',
    modules: MODULES,
    * main(): Blocking<number> {
      const sock = new sock_udp_t();
      const local = SOCK_IPV6_EP_ANY();
      local.port = PORT;
      sock_udp_create(sock, local, null, 0);
      const data = new Uint8Array(20);
      while (true) {
        if ((yield* sock_udp_recv(sock, data, data.length, SOCK_NO_TIMEOUT, null)) > 0) numbers.add(get16(data, 0));
      }
    },
  };
}

/** Runs the pair; `weather` sets the links as time goes by. Returns how many datagrams arrived. */
function arrivals(t: ExecutionContext, seed: number, weather: (simulation: Simulation) => void): number {
  const numbers = new Set<number>();
  const simulation = new Simulation({ seed, nodes: {
    a: { board: native, app: sender, bootAt: 2 * SECOND },
    b: { board: native, app: receiver(numbers), bootAt: 0 },
  } });
  weather(simulation);
  simulation.runUntil(2 * SECOND + COUNT * PAUSE + 10 * SECOND);
  for (const node of simulation.nodes) {
    t.is(node.state, 'on');
    t.is(gnrc_pktbuf_used(node.kernel!), 0, node.name);
  }
  return numbers.size;
}

function setLoss(simulation: Simulation, loss: number): void {
  simulation.apply({ type: 'link', from: 'a', to: 'b', up: true, loss });
  simulation.apply({ type: 'link', from: 'b', to: 'a', up: true, loss });
}

test('SY-01 frames lost at random: a datagram arrives unless all five attempts are lost, whatever the rate', (t) => {
  // 1 - p^5, within three standard deviations of 400 throws; lost ACKs make duplicates, and no other difference.
  for (const [i, loss] of [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5].entries()) {
    const expected = 1 - loss ** ATTEMPTS;
    const sigma = Math.sqrt(COUNT * expected * (1 - expected));
    const arrived = arrivals(t, 100 + i, (simulation) => setLoss(simulation, loss));
    t.true(Math.abs(arrived - COUNT * expected) <= 3 * sigma + 0.5, `loss ${loss}: ${arrived} of ${COUNT}`);
  }
});

test('SY-01 frames lost in bursts: what is sent in good times arrives, and nothing is left of the rest', (t) => {
  // Gilbert's model: all is lost in the bad state, nothing in the good one, and five attempts last far less than a stay
  // in either: what arrives is the good share, give or take one at each change.
  for (const share of [0.1, 0.3, 0.5]) {
    const random = stream(7, '', `bursts ${share}`);
    let [good, bad, changes] = [0, 0, 0];
    const arrived = arrivals(t, 200, (simulation) => {
      const end = 2 * SECOND + COUNT * PAUSE;
      simulation.runUntil(2 * SECOND);
      let lossy = false;
      while (simulation.now < end) {
        // Stays of 0.5 to 1.5 s in the bad state, and as much longer in the good one as its share is greater.
        const stay = Math.round((500_000 + random.below(1_000_001)) * (lossy ? 1 : (1 - share) / share));
        setLoss(simulation, lossy ? 1 : 0);
        const until = Math.min(end, simulation.now + stay);
        if (lossy) bad += until - simulation.now;
        else good += until - simulation.now;
        simulation.runUntil(until);
        lossy = !lossy;
        changes++;
      }
      setLoss(simulation, 0);
    });
    const expected = COUNT * good / (good + bad);
    t.true(Math.abs(arrived - expected) <= changes, `${share}: ${arrived}, expected ${expected} ± ${changes}`);
  }
});
