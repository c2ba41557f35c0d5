import test from 'ava';
import { iotlabM3 as published } from 'riotbed/boards/iotlab-m3.js';
import { iotlabM3 } from '../../boards/iotlab-m3.ts';
import type { Board } from '../../boards/board.ts';
import { runScenario, scenario, seconds } from '../../emulator/scenario/index.ts';

test('a board of the user\'s own, made from one of ours under its package name, runs with its own figures', (t) => {
  // The package name must lead to the same data as the source, and the changed RAM must be what the image is fitted to.
  t.is(published, iotlabM3);
  const ram = (bytes: number): Board => ({ ...published, name: 'own', figures: { ...published.figures,
    ram_bytes: { value: bytes, unit: 'B', status: 'seen', source: 'my data sheet' } } });
  const hello = (board: Board) => scenario({ nodes: { a: { board, app: 'hello-world' } } }, (sim) => {
    sim.nodes.a.expect(/Hello World!/, { within: seconds(1) });
  });
  t.true(runScenario(hello(ram(8192)), { seed: 1 }).passed);
  t.throws(() => runScenario(hello(ram(1024)), { seed: 1 }), { message: /region 'ram' overflowed by \d+ bytes/ });
});
