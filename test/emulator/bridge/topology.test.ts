import test from 'ava';
import { parseTopology } from '../../../emulator/bridge/topology.ts';

/** The example that comes with RIOT's zep_dispatch, without its comments. */
const EXAMPLE = '# uncomment to pin\n# A := BA:7C:18:E4:C0:45:65:AF\n\nA\tB\n# A and C\nA\tC\t0.9\nB\tC\t0.4\t0.7\n';

test('the example of zep_dispatch reads as its comments say', (t) => {
  // A and B are ideal, A and C lose 10 % both ways, B > C 60 % and C > B 30 %: so the README beside the file.
  const { nodes, links } = parseTopology(EXAMPLE, 'example.topo');
  t.deepEqual(nodes, [{ name: 'A', eui64: null }, { name: 'B', eui64: null }, { name: 'C', eui64: null }]);
  t.deepEqual(links.map(({ from, to, weight }) => `${from}${to} ${weight}`),
    ['AB 1', 'BA 1', 'AC 0.9', 'CA 0.9', 'BC 0.4', 'CB 0.7']);
});

test('a node is pinned to its address, one without link is a node, a weight of 0 is no link', (t) => {
  // Three of the four forms of a line; spaces and carriage returns count as blanks, as strtok has them but for \r.
  const { nodes, links } = parseTopology('A := 02:00:00:00:00:00:00:0a\r\nD\nA  D 0 1.0\n', 'x');
  t.deepEqual(nodes, [{ name: 'A', eui64: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 10) }, { name: 'D', eui64: null }]);
  t.deepEqual(links, [{ from: 'D', to: 'A', weight: 1 }]);
});

const WEIGHT = 'expected a number from 0 (never) to 1 (always arrives)';

for (const [line, message] of [
  ['A B 1.5', `'1.5' is no weight; ${WEIGHT}`],
  ['A B -1', `'-1' is no weight; ${WEIGHT}`],
  ['A B 0.5 x', `'x' is no weight; ${WEIGHT}`],
  ['A := 02:00', "'02:00' is no address; expected 8 pairs of hexadecimal digits with colons"],
  ['A :=', 'expected A := ADDRESS'],
  ['A A', 'A has a link to itself'],
  ['A B 1 1 1', "'1' is too much; expected NODE NODE [WEIGHT [WEIGHT_BACK]], NODE := ADDRESS, NODE or # comment"],
  [`${'x'.repeat(32)} B`, `'${'x'.repeat(32)}' is longer than 31 characters`],
] as const) {
  test(`the line '${line.slice(0, 12)}' is refused with file, line and what was expected`, (t) => {
    // zep_dispatch would take each of these for something else: weight 1.5 for 1, an address for none, 32 letters for
    // 31.
    t.throws(() => parseTopology(`# first\n${line}\n`, 'net.topo'),
      { instanceOf: RangeError, message: `topology net.topo, line 2: ${message}` });
  });
}

test('a file without nodes is refused', (t) => {
  // Nobody could ever hear anybody: surely the wrong file.
  t.throws(() => parseTopology('# nothing\n\n', 'empty.topo'), { instanceOf: RangeError, message: /names no node/ });
});
