// A scenario within the package, with an app that imports sources of the package by relative paths.
import { scenario } from 'riotbed';
import type { Blocking } from '../../../kernel/blocking.ts';
import { puts } from '../../../kernel/stdio.ts';

const app = {
  name: 'inside',
  modules: [],
  * main(): Blocking<number> {
    puts('from inside');
    return 0;
  },
};

export default scenario({ nodes: { a: { board: 'native', app } } }, (sim) => {
  sim.nodes.a.expect('from inside');
});
