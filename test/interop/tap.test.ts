// An emulated border router and this host's own IPv6 stack at the two ends of a TAP device.
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { MAIN, Session, endSessions } from '../emulator/cli/session.ts';
import { checkBuilt, needsTool } from '../tools.ts';

const CLONE = '/dev/net/tun';

test.before(checkBuilt);
test.after.always(endSessions);

const ip = (...args: string[]): string => spawnSync('ip', args, { encoding: 'utf8' }).stdout;
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** TAP devices take a kernel that has them and privileges: no package brings them, so that CI skips as well. */
function canTap(t: ExecutionContext): boolean {
  if (existsSync(CLONE) && process.getuid?.() === 0) return true;
  t.log(`skipped: no ${CLONE}, or no privileges for it`);
  t.pass();
  return false;
}

test('Linux resolves the address of an emulated border router behind a TAP device, and the other way', async (t) => {
  // Linux sends a solicitation to the group of the board's address and believes the answer; the board has Linux in its
  // neighbour cache then. Neither knows that the other is no board, or no Linux.
  if (!canTap(t) || !needsTool(t, 'ip')) return;
  const tap = `rbt${process.pid % 10_000}`;
  const board = new Session(['gnrc_border_router', '--tap', tap, '--journal', 'tap.json']);
  await board.shows(/shell now\n/);
  for (let i = 0; i < 100 && !ip('link', 'show', tap).includes(tap); i++) await pause(50);
  ip('link', 'set', tap, 'up');
  const socket = createSocket('udp6');
  t.teardown(() => socket.close());
  let neighbours = '';
  for (let i = 0; i < 100 && !neighbours.includes('lladdr'); i++) {
    socket.send('x', 9, `fe80::ff:fe00:1%${tap}`, () => undefined);
    await pause(100);
    neighbours = ip('-6', 'neigh', 'show', 'dev', tap);
  }
  t.regex(neighbours, /fe80::ff:fe00:1 lladdr 02:00:00:00:00:01 (REACHABLE|DELAY|STALE)/);
  board.type('nib neigh\n');
  const [, mac] = /link\/ether ([0-9a-f:]{17})/.exec(ip('link', 'show', tap))!;
  await board.shows(new RegExp(`dev #5 lladdr ${mac!.toUpperCase()}`));
  board.child.kill('SIGINT');
  t.is((await board.end).code, 0);
  const again = new Session([`${board.folder}/tap.json`], {}, [process.execPath, MAIN, 'replay']);
  t.is((await again.end).code, 0);
});

test('a TAP device that another program has is refused with the reason', async (t) => {
  // The kernel gives a device to one program at a time.
  if (!canTap(t) || !needsTool(t, 'ip')) return;
  const tap = `rbu${process.pid % 10_000}`;
  const first = new Session(['gnrc_border_router', '--tap', tap]);
  await first.shows(/shell now\n/);
  for (let i = 0; i < 100 && !ip('link', 'show', tap).includes(tap); i++) await pause(50);
  const { code, stderr } = await new Session(['gnrc_border_router', '--tap', tap]).end;
  t.is(code, 2);
  t.is(stderr, `riotbed: --tap ${tap}: another program has it\n`);
});
