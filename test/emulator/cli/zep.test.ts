// `riotbed zep`, `node --zep`, `--udp`, `--tap` and `replay` as their users call them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { MAIN, Session, endSessions, freePort } from './session.ts';
import { checkBuilt } from '../../tools.ts';

test.before(checkBuilt);
test.after.always(endSessions);

const riotbed = (command: string, args: readonly string[], files: Record<string, string> = {}): Session =>
  new Session(args, files, [process.execPath, MAIN, command]);

/** A board that others may ping. */
const NODE = (eui64: string): string[] => ['gnrc_networking', '--eui64', eui64];

test('boards in processes of their own ping each other through a dispatcher, and their recordings replay', async (t) => {
  // Three processes: what one board hears of the other came through two sockets. Each recording holds every frame that
  // came from outside, so that it gives the same digest without them. How many pings get through in real time is up to
  // the host, which may be busy: one is enough here.
  const air = riotbed('zep', ['--port', '0']);
  await air.shows(/listens on \[::1\]:\d+\n/);
  const endpoint = /listens on (\[::1\]:\d+)/.exec(air.stdout)![1]!;
  const a = new Session([...NODE('02:00:00:00:00:00:00:0a'), '--zep', endpoint, '--journal', 'a.json']);
  const b = new Session([...NODE('02:00:00:00:00:00:00:0b'), '--zep', endpoint, '--journal', 'b.json']);
  await Promise.all([a.shows(/shell now\n/), b.shows(/shell now\n/)]);
  await air.shows(/02:00:00:00:00:00:00:0a[^]*|02:00:00:00:00:00:00:0b/);
  await air.shows(/is 02:00:00:00:00:00:00:0b/);
  a.type('ping -c 10 -i 200 fe80::b\n');
  await a.shows(/packet loss/);
  t.regex(a.stdout, /10 packets transmitted, [1-9]\d* packets received/);
  for (const { session, file } of [{ session: a, file: 'a.json' }, { session: b, file: 'b.json' }]) {
    session.child.kill('SIGINT');
    t.is((await session.end).code, 0);
    const again = riotbed('replay', [path.join(session.folder, file), '--ladder']);
    const { code, stdout } = await again.end;
    t.is(code, 0);
    t.regex(stdout, /same digest: .*, \d+ host actions/);
    t.regex(stdout, /ICMPv6 echo request/);
  }
  air.child.kill('SIGINT');
  const { code, stdout } = await air.end;
  t.is(code, 0);
  t.regex(stdout, /2 stations, \d+ frames, /);
});

test('a scenario shares the air with a process, and goes on when its function has returned', async (t) => {
  // The process is a plain socket: it says HELLO, hears the boards, and is heard by them.
  const file = `import { scenario } from 'riotbed';
    export default scenario({ nodes: { b: { board: 'native', app: 'hello-world' },
      c: { board: 'native', app: 'gnrc_networking' } } }, () => undefined);`;
  const air = riotbed('zep', ['x.ts', '--port', '0', '--pcap', 'x.pcapng'], { 'x.ts': file });
  await air.shows(/the scenario has passed; its boards stay on the air until Ctrl-C/);
  const port = Number(/listens on \[::1\]:(\d+)/.exec(air.stdout)![1]);
  const process = createSocket('udp6');
  t.teardown(() => process.close());
  const hello = `455802ff${'00'.repeat(17)}48454c4c4f${'00'.repeat(5)}080200000000000063`;
  process.send(Buffer.from(hello, 'hex'), port, '::1');
  const [datagram] = await once(process, 'message') as [Buffer];
  t.is(datagram.subarray(0, 4).toString('hex'), '45580201');
  t.is(datagram[31], datagram.length - 32);
  air.child.kill('SIGINT');
  t.is((await air.end).code, 0);
});

test('a replay of another program is refused, and one that goes another way ends with 4', async (t) => {
  // The recording's digest is changed by hand: the replay must tell both.
  const session = new Session(['hello-world', '--journal', 'x.json', '--exit-on-eof']);
  session.child.stdin.end();
  await session.end;
  const recorded = path.join(session.folder, 'x.json');
  const good = riotbed('replay', [recorded]);
  t.is((await good.end).code, 0);
  const recording = JSON.parse((await import('node:fs')).readFileSync(recorded, 'utf8')) as { digest: string };
  const digest = recording.digest;
  writeFileSync(recorded, JSON.stringify({ ...recording, digest: '0123456789abcdef' }));
  const bad = await riotbed('replay', [recorded]).end;
  t.is(bad.code, 4);
  t.true(bad.stderr.includes(`replay differs in digest: recorded 0123456789abcdef, replayed ${digest}`));
});

for (const [name, command, args, message] of [
  ['a topology file that is wrong', 'zep', ['--topology', 'bad.topo'],
    "riotbed: topology bad.topo, line 2: 'x' is no weight; expected a number from 0 (never) to 1 (always arrives)"],
  ['a topology file that is not there', 'zep', ['--topology', 'none.topo'],
    'riotbed: cannot read topology none.topo: ENOENT'],
  ['an address that is not loopback', 'zep', ['--listen', '::'],
    'riotbed: --listen :: lets other hosts onto the air; add --allow-remote if you want that'],
  ['a UDP port for other hosts', 'node', ['sock_udp_echo', '--udp', '0.0.0.0:5683'],
    'riotbed: --udp: 0.0.0.0 lets other hosts reach the board; add --allow-remote if you want that'],
  ['a UDP port without board', 'zep', ['--udp', '5683'], 'riotbed: --udp is for a board: name a scenario'],
  ['an endpoint that is none', 'node', ['hello-world', '--zep', 'nowhere'],
    "riotbed: --zep: 'nowhere' is no endpoint; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['a device name that is none', 'node', ['gnrc_border_router', '--tap', 'a/b'],
    'riotbed: --tap a/b: that is no name of a device: 1 to 15 letters, digits or . - _'],
  ['a file that is no recording', 'replay', ['bad.topo'], 'riotbed: cannot read bad.topo: '],
  ['JSON that is no recording', 'replay', ['some.json'],
    'riotbed: some.json is no recording; riotbed run, node and zep write them with --journal'],
  ['ports without --live', 'run', ['x.ts', '--udp', 'a=5683'],
    'riotbed: --udp needs --live: programs of this host run in real time'],
] as const) {
  test(`${name} is refused with the reason and exit code 2`, async (t) => {
    // One line on stderr that names the thing and the way out; nothing is started.
    const { code, stdout, stderr } = await riotbed(command, args,
      { 'bad.topo': 'A B\nA C x\n', 'some.json': '{"a":1}' }).end;
    t.is(code, 2, stderr);
    t.true(stderr.startsWith(message), stderr);
    t.is(stdout.replace(/^RIOT native[^]*$/, ''), '');
  });
}

test('a port that is taken is refused with the reason', async (t) => {
  // The second dispatcher must not share the port with the first in silence.
  const first = riotbed('zep', ['--port', '0']);
  await first.shows(/listens on/);
  const port = /listens on \[::1\]:(\d+)/.exec(first.stdout)![1]!;
  const { code, stderr } = await riotbed('zep', ['--port', port]).end;
  t.is(code, 2);
  t.is(stderr, `riotbed: the dispatcher: [::1]:${port} is taken by another program; end that or choose another port\n`);
});

test('a board without dispatcher says so once and goes on', async (t) => {
  // As a RIOT process: a dispatcher may come later.
  const session = new Session(['gnrc_networking', '--zep', `[::1]:${await freePort()}`]);
  await session.shows(/shell now\n/);
  session.type('ifconfig\n');
  await session.shows(/Iface  6/);
  session.child.kill('SIGINT');
  const { code, stderr } = await session.end;
  t.is(code, 0);
  t.regex(stderr, /^riotbed: nobody listens on \[::1\]:\d+: start `riotbed zep` or zep_dispatch there; .*\n$/);
});
