import test from 'ava';
import { native } from '../../../boards/native.ts';
import { Images } from '../../../emulator/sim/image.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import { quiet, shellApp } from './apps.ts';

test('nodes of one board, app and configuration share one image', (t) => {
  // The same object: a table for each of ten thousand nodes would take more memory than all else in them.
  const images = new Images();
  const one = images.of({ board: native, app: quiet, config: { MAXTHREADS: 8 } });
  t.is(images.of({ board: native, app: quiet, config: { MAXTHREADS: 8 } }), one);
  t.is(images.of({ board: native, app: quiet }), images.of({ board: native, app: quiet }));
});

test('another board, app or configuration has an image of its own, equal names or not', (t) => {
  // The apps of these tests are all called "test", and a board may be a changed copy of one of ours.
  const images = new Images();
  const all = [
    images.of({ board: native, app: quiet }),
    images.of({ board: native, app: { ...quiet, modules: ['ps'] } }),
    images.of({ board: { ...native, modules: [] }, app: quiet }),
    images.of({ board: native, app: quiet, config: { MAXTHREADS: 8 } }),
    images.of({ board: native, app: shellApp }),
  ];
  t.is(new Set(all).size, all.length);
  t.deepEqual(all.map(({ config }) => config.MAXTHREADS), [32, 32, 32, 8, 32]);
  t.deepEqual(all.map(({ modules }) => modules.has('ps')), [false, true, false, false, false]);
});

test('a configuration that is wrong is refused for each node that has it', (t) => {
  // The second time too: nothing half-made is kept. The simulation names the node.
  const images = new Images();
  const wrong = { board: native, app: quiet, config: { MAXTHREADS: 0 } };
  for (let i = 0; i < 2; i++) t.throws(() => images.of(wrong), { instanceOf: RangeError, message: /^MAXTHREADS: 0 / });
  t.throws(() => new Simulation({ seed: 1, nodes: { a: { board: native, app: quiet }, b: wrong } }),
    { instanceOf: RangeError, message: /^node b: MAXTHREADS: 0 / });
});
