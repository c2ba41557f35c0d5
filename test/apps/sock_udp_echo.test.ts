// The app sock_udp_echo, with a board that talks to it.
import test from 'ava';
import { type App, type Blocking, runScenario, scenario, seconds } from 'riotbed';
import { app } from '../../apps/sock_udp_echo/main.ts';
import { ETIMEDOUT } from '../../kernel/errno.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../net/sock/udp.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';

/** Sends data of these lengths to the server, one after the other, and notes length and port of each answer. */
function client(lengths: readonly number[], answers: number[][]): App {
  return {
    name: 'client',
    modules: app.modules,
    main: function* (): Blocking<number> {
      const sock = new sock_udp_t();
      const local = SOCK_IPV6_EP_ANY();
      sock_udp_create(sock, local, null, 0);
      const remote = SOCK_IPV6_EP_ANY();
      remote.addr.ipv6.set(ipv6_addr_from_str('fe80::a')!);
      remote.port = 12345;
      yield* ztimer_sleep(ZTIMER_USEC, 1_000_000);
      for (const length of lengths) {
        const from = new sock_udp_ep_t();
        const data = new Uint8Array(200);
        yield* sock_udp_send(sock, data.fill(0x61, 0, length), length, remote);
        const res = yield* sock_udp_recv(sock, data.fill(0), data.length, 1_000_000, from);
        answers.push([res, from.port, data.lastIndexOf(0x61) + 1]);
      }
      return 0;
    },
  };
}

function run(lengths: readonly number[]): { answers: number[][]; printed: string } {
  const answers: number[][] = [];
  const { simulation, error } = runScenario(scenario({
    nodes: {
      server: { board: 'native', app, eui64: '02:00:00:00:00:00:00:0a' },
      client: { board: 'native', app: client(lengths, answers), eui64: '02:00:00:00:00:00:00:0b' },
    },
  }, (sim) => sim.runFor(seconds(10))));
  if (error !== null) throw error;
  const { console } = simulation.node('server');
  return { answers, printed: console.slice(console.indexOf('\n', console.indexOf('main(): This is RIOT!')) + 1) };
}

test('each datagram is announced and comes back from port 12345 with all its bytes', (t) => {
  // Empty ones too; 128 bytes are what the buffer takes.
  const { answers, printed } = run([5, 0, 128]);
  t.deepEqual(answers, [[5, 12345, 5], [0, 12345, 0], [128, 12345, 128]]);
  t.is(printed, 'Received a message\n'.repeat(3));
});

test('a datagram longer than the buffer is lost without a word, the next one is served', (t) => {
  // sock_udp_recv() gives -ENOBUFS, which the app ignores.
  const { answers, printed } = run([129, 1]);
  t.deepEqual(answers, [[-ETIMEDOUT, 0, 0], [1, 12345, 1]]);
  t.is(printed, 'Received a message\n');
});
