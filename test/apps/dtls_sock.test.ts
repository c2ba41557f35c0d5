// The app dtls_sock at its shell: RIOT's texts, and what real nodes print when a handshake fails. The parity test of
// the same app has the handshake that comes about.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type App, runScenario, scenario, seconds } from 'riotbed';
import { CREDENTIALS, type DtlsSockCredentials, app, dtls_sock } from '../../apps/dtls_sock/main.ts';
import type { TraceReader } from '../../emulator/trace/event.ts';
import { normalize } from '../parity/normalize.ts';
import { readCapture } from '../vectors/pcap.ts';

/** What the client's app was built with instead, for captures whose client was another build. */
const OTHER_KEY = dtls_sock({
  ...CREDENTIALS, client: [CREDENTIALS.client[0], { ...CREDENTIALS.client[1], key: 'anotherSecret' }],
});
const OTHER_IDENTITY = dtls_sock({
  ...CREDENTIALS, client: [CREDENTIALS.client[0], { ...CREDENTIALS.client[1], identity: 'Identity_9' }],
});

interface Line {
  /** Seconds. */
  time: number;
  node: 'A' | 'B';
  text: string;
}

/** The console lines of a capture: `<<< ` is what was typed, `$ ` the start of a node. */
function captured(name: string): Line[] {
  const file = readFileSync(new URL(`../vectors/riot-captures/${name}.shell.txt`, import.meta.url), 'utf8');
  return [...file.matchAll(/^\[ *([\d.]+) ([AB])\] ?(.*)$/gm)]
    .map(([, time, node, text]) => ({ time: Number(time), node: node as 'A' | 'B', text: text! }));
}

/** Both consoles, line by line, when the same is typed at the same times. */
function played(lines: readonly Line[], client: App) {
  const start = lines[0]!.time;
  const frames: { node: string; psdu: Uint8Array }[] = [];
  const reader: TraceReader = ({ node, event }) => {
    if (event.type === 'tx') frames.push({ node, psdu: event.frame });
  };
  const bootAt = (node: 'A' | 'B') =>
    Math.round((lines.find((line) => line.node === node && line.text.startsWith('$ '))!.time - start) * 1e6);
  const run = runScenario(scenario({
    nodes: {
      A: { board: 'native', app, eui64: '02:00:00:00:00:00:00:0a', bootAt: bootAt('A') },
      B: { board: 'native', app: client, eui64: '02:00:00:00:00:00:00:0b', bootAt: bootAt('B') },
    },
  }, (sim) => {
    for (const { time, node, text } of lines) {
      if (!text.startsWith('<<< ')) continue;
      sim.runUntil(Math.round((time - start) * 1e6));
      sim.nodes[node].type(text.slice(4));
    }
    sim.runFor(seconds(10));
  }), { readers: () => [reader] });
  if (run.error !== null) throw run.error;
  const console = (node: 'A' | 'B') => {
    const printed = run.simulation.node(node).console.replaceAll('\r', '').split('\n');
    if (printed.at(-1) === '' || printed.at(-1) === '> ') printed.pop();
    return printed;
  };
  return { A: console('A'), B: console('B'), frames };
}

/** Unicast frames without what differs from run to run. */
function shown(frames: readonly { node: string; psdu: Uint8Array }[]): string[] {
  return frames.filter(({ psdu }) => psdu[0] !== 0x41).map(({ node, psdu }) => `${node} ${normalize(psdu)}`);
}

for (const [name, clientApp, why] of [
  ['f-wrongkey', OTHER_KEY, 'a client with another key'],
  ['f-wrongid', OTHER_IDENTITY, 'a client with an identity that the server has not'],
  ['f-noserver', app, 'a client without a server'],
] as const) {
  test(`${why}: both consoles print what real nodes print (${name})`, (t) => {
    // The same lines are typed after the same pauses; a line typed at a shell that waits for ever is not echoed.
    const lines = captured(name);
    const console = played(lines, clientApp);
    for (const node of ['A', 'B'] as const) {
      const printed = lines.filter((line) => line.node === node).map(({ text }) => text)
        .filter((text) => !/^(<<<|\$) /.test(text));
      t.true(printed.length >= 8, 'the capture was not read');
      t.deepEqual(console[node], printed);
    }
  });

  test(`${why}: the frames are those of real nodes (${name})`, (t) => {
    // Direction, headers, records and alerts; what is random or encrypted is blanked.
    const all = readCapture(name);
    // Node A booted first and is the first to send.
    const real = all.map(({ node, psdu }) => ({ node: node === all[0]!.node ? 'A' : 'B', psdu }));
    t.deepEqual(shown(played(captured(name), clientApp).frames), shown(real));
  });
}

/** What a node prints behind its boot when these lines are typed, two seconds apart. */
function typed(lines: readonly string[], client: App = app): string {
  const run = runScenario(scenario({ nodes: { node: { board: 'native', app: client } } }, (sim) => {
    for (const line of lines) {
      sim.nodes.node.type(line);
      sim.runFor(seconds(2));
    }
  }));
  if (run.error !== null) throw run.error;
  const text = run.simulation.node('node').console.replaceAll('\r', '');
  return text.slice(text.indexOf('> '));
}

/** What the two nodes print behind their boots when the client connects once. */
function echo(credentials: Partial<DtlsSockCredentials>, data = 'hello'): { server: string; client: string } {
  const variant = dtls_sock({ ...CREDENTIALS, ...credentials });
  const run = runScenario(scenario({
    nodes: {
      server: { board: 'native', app: variant, eui64: '02:00:00:00:00:00:00:0a' },
      client: { board: 'native', app: variant, eui64: '02:00:00:00:00:00:00:0b' },
    },
  }, (sim) => {
    sim.nodes.server.type('dtlss start');
    sim.runFor(seconds(1));
    sim.nodes.client.type(`dtlsc fe80::a ${data}`);
    sim.runFor(seconds(5));
  }));
  if (run.error !== null) throw run.error;
  const printed = (node: 'server' | 'client') => {
    const text = run.simulation.node(node).console.replaceAll('\r', '');
    return text.slice(text.indexOf('> ')).split('\n').slice(1).join('\n');
  };
  return { server: printed('server'), client: printed('client') };
}

test('dtlss: usage and errors are RIOT\'s, the invalid command without a newline before its usage', (t) => {
  // Each line stands in RIOT's dtls-server.c.
  t.is(typed(['dtlss', 'dtlss now', 'dtlss stop']), [
    '> dtlss', 'usage: dtlss start | stop',
    '> dtlss now', 'Error: invalid command.usage: dtlss start | stop',
    '> dtlss stop', 'Error: DTLS server is not running',
    '> ',
  ].join('\n'));
});

test('dtlsc: usage and errors are RIOT\'s, the usage without a colon', (t) => {
  // A host name cannot be resolved, the interface 9 is not there, and ::g is no address.
  t.is(typed(['dtlsc', 'dtlsc a b c', 'dtlsc host hello', 'dtlsc fe80::a%9 hello', 'dtlsc ::g hello']), [
    '> dtlsc', 'usage dtlsc <addr> <data>',
    '> dtlsc a b c', 'usage dtlsc <addr> <data>',
    '> dtlsc host hello', 'Error parsing remote address',
    '> dtlsc fe80::a%9 hello', 'Error parsing remote address',
    '> dtlsc ::g hello', 'Error parsing remote address',
    '> ',
  ].join('\n'));
});

test('dtlsc: the interface may be named with the address', (t) => {
  // %6 is the board's only interface; then the shell waits for a server that is not there.
  t.is(typed(['dtlsc fe80::77%6 hello', 'dtlss']), '> dtlsc fe80::77%6 hello\n');
});

test('dtlss: start, start again, stop, and start again', (t) => {
  // The stop waits until the receive of ten seconds is over.
  const run = runScenario(scenario({ nodes: { node: { board: 'native', app } } }, (sim) => {
    const { node } = sim.nodes;
    node.type('dtlss start');
    node.type('dtlss start');
    node.expect('Error: server already running');
    const before = sim.now;
    node.type('dtlss stop');
    node.expect('Stopping server...\n');
    node.expect('Terminating\nSuccess: DTLS server stopped\n> ', { within: seconds(11) });
    if (sim.now - before < seconds(9)) throw new Error('the server stopped before its time-out');
    node.type('dtlss start');
    sim.runFor(seconds(1));
    node.type('dtlss stop');
    node.expect('Success: DTLS server stopped', { within: seconds(11) });
  }));
  t.is(run.error, null);
});

test('dtlss: the server\'s thread has RIOT\'s name, priority and stack, and the pid of the one before', (t) => {
  // Main's stack is 2 * THREAD_STACKSIZE_LARGE, the server's 4096 more; pids are the lowest that are free.
  const created: unknown[] = [];
  runScenario(scenario({ nodes: { node: { board: 'native', app } } }, (sim) => {
    for (const line of ['dtlss start', 'dtlss stop', 'dtlss start']) {
      sim.nodes.node.type(line);
      sim.runFor(seconds(11));
    }
  }), {
    readers: () => [({ event }) => {
      if (event.type === 'thread_create' && ['main', 'dtls_server'].includes(event.name)) {
        created.push([event.name, event.pid, event.priority, event.stackSize]);
      }
      return undefined;
    }],
  });
  t.deepEqual(created, [['main', 2, 7, 65536], ['dtls_server', 7, 6, 69632], ['dtls_server', 7, 6, 69632]]);
});

test('help lists the app\'s commands first', (t) => {
  // RIOT's linker puts them before those of the modules.
  t.true(typed(['help']).startsWith([
    '> help', 'Command              Description', '---------------------------------------',
    'dtlsc                Start a DTLS client', 'dtlss                Start and stop a DTLS server', '',
  ].join('\n')));
});

test('a server without a hint: the client takes its first credential, which the server has not', (t) => {
  // The client's callback prints no hint; what RIOT's README of the example describes.
  const { server, client } = echo({ server_hint: '' });
  t.is(client, 'From [fe80::a%6]:20220 \n80 invalidate peer\nreceived fatal alert, peer has been invalidated\n');
  t.is(server, '> no psk key for session available\nerror while handling ChangeCipherSpec message\n');
});

test('the client\'s callback chooses by a hint that is one byte longer than its own, as in RIOT', (t) => {
  // It compares the length with that of a string constant, NUL included. Without the choice it would be Identity_0.
  const { server, client } = echo({ server_hint: 'Prefer_Id_1X' });
  t.true(client.startsWith(
    'From [fe80::a%6]:20220 \nClient got hint: Prefer_Id_1X\nConnection to server successful\n'));
  t.is(server, '> New client connected\nReceived 5 bytes -- (echo)\n');
});

test('data with blanks and other alphabets comes back as it was typed, its length in bytes', (t) => {
  // The quotes are the shell's; a console is bytes, and ö has two in UTF-8.
  const { client } = echo({}, '"zwei Wörter"');
  t.regex(client, /^Received 12 bytes: "zwei W\xc3\xb6rter"$/m);
});

/** What both boards print behind their boots, with raw public keys: the lines typed at the server, then a client. */
function eccEcho(lines: readonly string[], client: App = app) {
  const config = { CONFIG_DTLS_ECC: 1 };
  const run = runScenario(scenario({
    nodes: {
      server: { board: 'native', app, config, eui64: '02:00:00:00:00:00:00:0a' },
      client: { board: 'native', app: client, config, eui64: '02:00:00:00:00:00:00:0b' },
    },
  }, (sim) => {
    for (const line of lines) {
      sim.nodes.server.type(line);
      sim.runFor(seconds(1));
    }
    sim.nodes.client.type('dtlsc fe80::a hello');
    sim.runFor(seconds(5));
  }));
  if (run.error !== null) throw run.error;
  const text = (name: string) =>
    run.simulation.node(name).console.replaceAll('\r', '').replace(/^[^]*?shell now\n/, '');
  return { server: text('server'), client: text('client') };
}

for (const key of [0, 1]) {
  test(`ecc: a client echoes with the server's key ${key}`, (t) => {
    // Both keys are among those that the client knows, and module sock_dtls_verify_public_key is in the image. The
    // server's callback prints its line without the client's trailing blank.
    const { server, client } = eccEcho([`dtlss ecc ${key}`, 'dtlss start']);
    t.is(client, '> dtlsc fe80::a hello\nConnection to server successful\nSent DTLS message\n' +
      'Received 5 bytes: "hello"\nTerminating\n> ');
    t.is(server, `> dtlss ecc ${key}\n> dtlss start\n> From [fe80::b%6]:12345\nNew client connected\n` +
      'Received 5 bytes -- (echo)\n');
  });
}

test('ecc: a server key that the client does not know is a bad certificate', (t) => {
  // The client knows the first key only: the second one is refused, and nobody is connected.
  const { ecdsa } = CREDENTIALS;
  const narrow = dtls_sock({
    ...CREDENTIALS, ecdsa: { ...ecdsa, server_keys: [ecdsa.server_keys[0], ecdsa.server_keys[0]] },
  });
  t.regex(eccEcho(['dtlss ecc 0', 'dtlss start'], narrow).client, /Connection to server successful/);
  const { server, client } = eccEcho(['dtlss ecc 1', 'dtlss start'], narrow);
  t.notRegex(client, /Connection to server successful/);
  t.notRegex(server, /New client connected/);
});

test('ecc: usage and wrong values of dtlss are RIOT\'s', (t) => {
  // Without CONFIG_DTLS_ECC the word ecc is an invalid command.
  const ecc = { ...app, config: { ...app.config, CONFIG_DTLS_ECC: 1 } };
  t.is(typed(['dtlss', 'dtlss ecc', 'dtlss ecc 2'], ecc), '> dtlss\nusage: dtlss start | stop | ecc <0|1>\n' +
    '> dtlss ecc\nusage: dtlss start | stop | ecc <0|1>\n' +
    '> dtlss ecc 2\nError: invalid value, should be 0 or 1, got 2\n> ');
  t.is(typed(['dtlss ecc 1']), '> dtlss ecc 1\nError: invalid command.usage: dtlss start | stop\n> ');
});
