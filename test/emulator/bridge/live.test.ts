import test from 'ava';
import type { LiveEnd, LiveSession } from '../../../emulator/bridge/protocol.ts';
import { replay } from '../../../emulator/sim/index.ts';
import { runScenario, scenario, simulationOptions } from '../../../emulator/scenario/index.ts';
import { checkBuilt } from '../../tools.ts';

// A worker starts from built files only.
const { LiveRun } = await import(new URL('../../../dist/emulator/bridge/live.js', import.meta.url).href) as
  typeof import('../../../emulator/bridge/live.ts');

test.before('the build is that of these sources', checkBuilt);

/** A live run whose output can be waited for. */
class Run {
  readonly run: InstanceType<typeof LiveRun>;
  readonly output = new Map<string, string>();
  private readonly waiting: { node: string; text: string; found: () => void }[] = [];

  constructor(session: LiveSession) {
    this.run = new LiveRun(session, {
      out: (node, text) => {
        this.output.set(node, (this.output.get(node) ?? '') + text);
        for (const { node: which, text: wanted, found } of this.waiting) if (this.has(which, wanted)) found();
      },
      taken: () => undefined,
    });
  }

  /** Until the node has printed `text`. */
  shows(node: string, text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.has(node, text)) resolve();
      else this.waiting.push({ node, text, found: resolve });
    });
  }

  type(node: string, text: string): undefined {
    this.run.send({ type: 'op', op: { type: 'type', node, text } });
  }

  private has(node: string, text: string): boolean {
    return (this.output.get(node) ?? '').includes(text);
  }
}

function ended(end: LiveEnd): Extract<LiveEnd, { type: 'ended' }> {
  if (end.type !== 'ended') throw new Error(`it ended otherwise: ${JSON.stringify(end)}`);
  return end;
}

test('boards that run live in a worker do a DTLS handshake, and that replays offline to the same digest', async (t) => {
  // What was typed came when the host let it in: only the recording knows when. The replay runs on the sources, in one
  // go, and has to come to the same frames at the same times.
  const nodes = {
    server: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0a', bootAt: 0 },
    client: { board: 'native', app: 'dtls_sock', eui64: '02:00:00:00:00:00:00:0b', bootAt: 0 },
  };
  const live = new Run({ seed: 3, nodes });
  await live.shows('server', '> ');
  live.type('server', 'dtlss start');
  await live.shows('server', 'dtlss start\r\n');
  live.type('client', 'dtlsc fe80::a hello');
  await live.shows('client', 'Received 5 bytes: "hello"');
  live.run.stop(true);
  const { recording, crashed, apps } = ended(await live.run.end);
  t.deepEqual(crashed, []);
  t.is(apps, null);
  const again = replay(recording, simulationOptions(scenario({ nodes }, () => undefined), { seed: 3 }));
  t.is(again.digest(), recording.digest);
  t.is(again.node('client').console, live.output.get('client')!);
  t.is(again.node('server').console, live.output.get('server')!);
});

test('virtual time of a live run passes as fast as time', async (t) => {
  // The app prints after 1 s and 2 s of its time. It must never be ahead of ours; by how much it is behind is bounded
  // loosely, since the machine may be busy.
  const nodes = { a: { board: 'native', app: 'timer_periodic_wakeup', bootAt: 0 } };
  const before = performance.now();
  const passed = () => (performance.now() - before) * 1000;
  const live = new Run({ seed: 1, nodes });
  await live.shows('a', 'slept until 1000\n');
  t.true(passed() >= 1_000_000);
  await live.shows('a', 'slept until 2000\n');
  t.true(passed() >= 2_000_000);
  live.run.stop(false);
  const { recording } = ended(await live.run.end);
  t.true(recording.end.time >= 2_000_000);
  t.true(recording.end.time <= passed() && recording.end.time > passed() - 10_000_000);
});

test('a session that cannot be is refused with the reason', async (t) => {
  // The messages are those of a scenario's nodes.
  const refused = async (node: object) => {
    const session = { seed: 1, nodes: { a: { board: 'native', app: 'default', ...node } } };
    return await new Run(session).run.end;
  };
  const of = (message: string) => ({ type: 'refused', message });
  t.deepEqual(await refused({ app: 'defualt' }), of("unknown app 'defualt'; did you mean 'default'?"));
  t.deepEqual(await refused({ app: './nope.ts' }), of('app ./nope.ts: no such file'));
  t.deepEqual(await refused({ eui64: 'x' }), of("EUI-64 'x' is not eight pairs of hexadecimal digits with colons, " +
    'such as 02:00:00:00:00:00:00:0a'));
});

test('a scenario of the same nodes prints what the live run printed', async (t) => {
  // One engine, two drivers: the same seed and the same typing give the same console.
  const nodes = { a: { board: 'native', app: 'default', bootAt: 0 } } as const;
  const live = new Run({ seed: 1, nodes });
  live.type('a', 'ps');
  await live.shows('a', 'SUM');
  await live.shows('a', ')\n> ');
  live.run.stop(true);
  await live.run.end;
  const played = runScenario(scenario({ nodes }, (sim) => {
    sim.nodes.a.type('ps');
    sim.nodes.a.expect(/SUM.*\n> /);
  }));
  t.is(live.output.get('a'), `${played.simulation.node('a').console}\nnative: exiting\n`);
});
