// What is undefined on RIOT, and boards that are strict about it.
import test from 'ava';
import { type App, runScenario, scenario, seconds } from 'riotbed';
import { CREDMAN_TAG_EMPTY } from '../../../net/credman.ts';
import {
  SOCK_DTLS_1_2, SOCK_DTLS_SERVER, sock_dtls_close, sock_dtls_create, sock_dtls_session_destroy, sock_dtls_session_t,
  sock_dtls_t,
} from '../../../net/sock/dtls.ts';
import { sock_udp_t } from '../../../net/sock/udp.ts';
import { puts } from '../../../kernel/stdio.ts';

/** Uses a DTLS sock that it has closed. */
const app: App = {
  name: 'careless',
  modules: ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'sock_udp', 'sock_dtls'],
  main: function* () {
    const sock = new sock_dtls_t();
    sock_dtls_create(sock, new sock_udp_t(), CREDMAN_TAG_EMPTY, SOCK_DTLS_1_2, SOCK_DTLS_SERVER);
    yield* sock_dtls_close(sock);
    yield* sock_dtls_session_destroy(sock, new sock_dtls_session_t());
    puts('went on');
    return 0;
  },
};

const DIAGNOSTIC = 'undefined on RIOT: sock_dtls_session_destroy() on a DTLS sock that is not open';

function run(options: { strict?: boolean }, node: { strict?: boolean } = {}) {
  const played = runScenario(scenario({ nodes: { a: { board: 'native', app, bootAt: 0, ...node } }, ...options },
    (sim) => sim.runFor(seconds(1))));
  return { ...played, board: played.simulation.node('a') };
}

test('what is undefined on RIOT is a line on the console, and the board goes on', (t) => {
  // The default: the outcome is the one that the function documents.
  const { board } = run({});
  t.true(board.console.includes(`${DIAGNOSTIC}\n`));
  t.true(board.console.endsWith('went on\n'));
  t.is(board.state, 'on');
});

test('a strict board panics at it, after the line', (t) => {
  // Said for all nodes, or for this one; what the node says comes after.
  for (const { board } of [run({ strict: true }), run({}, { strict: true }), run({ strict: false }, { strict: true })]) {
    t.true(board.console.includes(`${DIAGNOSTIC}\n*** RIOT kernel panic:\n${DIAGNOSTIC}\n`));
    t.false(board.console.includes('went on'));
    t.is(board.state, 'crashed');
  }
  t.is(run({ strict: true }, { strict: false }).board.state, 'on');
});

test('strictness is a part of the recording: it replays to the same digest', (t) => {
  // Only where it is on: the recordings of before have no word of it.
  const strict = run({ strict: true }).recording.identity.nodes[0]!;
  t.is(strict.strict, true);
  t.false('strict' in run({}).recording.identity.nodes[0]!);
});

test('strict is true or false', (t) => {
  // Host code's mistake is told at once.
  t.throws(() => run({ strict: 1 as unknown as boolean }), { instanceOf: TypeError, message: /strict: 1/ });
});
