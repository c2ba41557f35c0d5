import test from 'ava';
import { native } from '../../../boards/native.ts';
import { type RunOptions, type Sim, runScenario, scenario } from 'riotbed';
import { speaker } from './apps.ts';

const NODE = { board: 'native', app: speaker, bootAt: 0 };

/** What a definition is refused with: `Kind: message`. */
function refused(options: object, run: object = {}): string {
  try {
    const definition = scenario(options as Parameters<typeof scenario>[0], () => undefined);
    const { error } = runScenario(definition, run as RunOptions);
    return error === null ? 'it runs' : `in the run: ${String(error)}`;
  } catch (error) {
    return String(error);
  }
}

function node(options: object): string {
  return refused({ nodes: { a: { ...NODE, ...options } } });
}

/** What a call inside a scenario fails with. */
function called(body: (sim: Sim<'a'>) => unknown): string {
  const definition = scenario({ nodes: { a: NODE } }, (sim) => void body(sim));
  return String(runScenario(definition).error);
}

test('the definition that all of these tests change one thing of runs', (t) => {
  // Without it every refusal below could have another reason.
  t.is(node({}), 'it runs');
  t.is(called((sim) => sim.nodes.a.expect(/ready/, { within: 1000 })), 'null');
});

test('an option of a scenario that is wrong: what it is, and what was expected', (t) => {
  // Names, types, and values that are from a short list.
  t.is(refused({ nodes: { a: NODE }, profil: 'rfc' }),
    "TypeError: unknown scenario option 'profil'; did you mean 'profile'?");
  t.is(refused({ nodes: { a: NODE }, profile: 'rfd' }), "RangeError: unknown profile 'rfd'; did you mean 'rfc'?");
  t.is(refused({ nodes: { a: NODE }, quirks: { 'icmpv6-error-tails': false } }),
    "RangeError: unknown quirk 'icmpv6-error-tails'; did you mean 'icmpv6-error-tail'?");
  t.is(refused({ nodes: { a: NODE }, quirks: { 'icmpv6-error-tail': 0 } }),
    "TypeError: quirk 'icmpv6-error-tail': 0 is neither true nor false");
  t.is(refused({ nodes: { a: NODE }, params: 5 }), 'TypeError: params: 5 is not { name: value }');
  t.is(refused({ nodes: { a: NODE }, params: { x: null } }),
    'TypeError: parameter x: null is neither a text nor a number nor true or false');
  t.regex(refused({ nodes: 5 }), /^TypeError: nodes are missing: scenario\(\{ nodes: /);
  t.regex(refused({}), /^TypeError: nodes are missing: /);
});

test('an option of a node that is wrong: which node, what it is, and what was expected', (t) => {
  // The name of the node stands first.
  t.is(node({ profile: 'riod' }), "RangeError: node a: unknown profile 'riod'; did you mean 'riot'?");
  t.regex(node({ quirks: { none: true } }), /^RangeError: node a: unknown quirk 'none'; there are: /);
  t.is(node({ quirks: 'none' }), 'TypeError: node a: quirks: none is not { id: true or false }');
  t.is(node({ config: 5 }), 'TypeError: node a: config: 5 is not { NAME: number }');
  t.is(node({ config: { MAXTHREADS: '8' } }), "TypeError: node a: config: MAXTHREADS: '8' is not a number");
  t.is(node({ config: { MAXTHREADS: 0.5 } }),
    'RangeError: node a: MAXTHREADS: 0.5 is not an integer from 1 to 32767 (threads)');
  t.regex(node({ config: { CONFIG_GNRC_PKTBUF_SIZ: 1 } }),
    /^RangeError: node a: unknown configuration name CONFIG_GNRC_PKTBUF_SIZ; there are: CONFIG_GNRC_PKTBUF_SIZE\b/);
  t.is(node({ set: [] }), 'TypeError: node a: set:  is not { NAME: number }');
  t.is(node({ set: { clock_mhz: -1 } }), 'RangeError: node a: board native: clock_mhz: -1 is not from 0.001 to 10000');
  t.is(node({ bootAt: -1 }), 'RangeError: node a: bootAt -1 is not a time in integer µs');
  t.is(node({ bootAt: '5 s' }), 'RangeError: node a: bootAt 5 s is not a time in integer µs');
  t.is(node({ app: { name: 'x', modules: [] } }), 'TypeError: node a: the app has no main()');
  t.is(node({ app: { main() {}, modules: [] } }), 'TypeError: node a: the app has no name');
  t.is(node({ app: { main() {}, name: 'x', modules: 'gnrc' } }),
    'TypeError: node a: the modules of app x are not a list of names');
  t.is(node({ app: 5 }), 'TypeError: node a: app is neither a name nor an object');
  t.is(node({ board: null }), 'TypeError: node a: board is neither a name nor an object');
  t.is(node({ board: { ...native, radio: { ...native.radio, byteTime: 0 } } }),
    'RangeError: node a: board native: radio.byteTime: 0 is not from 1 to 1000000');
});

test('an EUI-64 that is none, or that of a group, is refused with an example of a right one', (t) => {
  // Each is one edit away from 02:00:00:00:00:00:00:0a.
  const texts = ['', '02:00:00:00:00:00:00', '02:00:00:00:00:00:00:0a:00', '2:0:0:0:0:0:0:a', '02-00-00-00-00-00-00-0a',
    '020000000000000a', '02:00:00:00:00:00:00:0g', ' 02:00:00:00:00:00:00:0a', 'fe80::a'];
  for (const text of texts) {
    t.is(node({ eui64: text }), `RangeError: node a: EUI-64 '${text}' is not eight pairs of hexadecimal digits with ` +
      'colons, such as 02:00:00:00:00:00:00:0a');
  }
  t.is(node({ eui64: 10 }), "TypeError: node a: eui64 is not a text such as '02:00:00:00:00:00:00:0a'");
  t.is(node({ eui64: '03:00:00:00:00:00:00:0a' }), "RangeError: node a: EUI-64 '03:00:00:00:00:00:00:0a' is a " +
    "group's: the lowest bit of its first byte is 1; of a node's it is 0");
  t.is(node({ eui64: '02:00:00:00:00:00:00:0A' }), 'it runs');
});

test('an address or prefix of a configuration that is none is refused, and a right one shown', (t) => {
  // What RIOT's build would take as any text, and complain about on the console of the board at best.
  const router = (config: object) => node({ app: 'gnrc_border_router', wires: ['lan'], config });
  const address = (text: unknown) => router({ CONFIG_GNRC_IPV6_STATIC_ADDR: text });
  const prefix = (text: unknown) => router({ CONFIG_GNRC_IPV6_STATIC_PREFIX: text });
  t.is(router({}), 'it runs');
  for (const text of ['2001:db8::1/64', '2001:db8', '2001:db8::g', '10.0.0.1', 'router']) {
    t.is(address(text), `RangeError: node a: CONFIG_GNRC_IPV6_STATIC_ADDR: ${text} is not an IPv6 address such as ` +
      '2001:db8::1');
  }
  for (const text of ['2001:db8::', '2001:db8::/129', '2001:db8::/', '2001:db8::/x', '/64']) {
    t.is(prefix(text), `RangeError: node a: CONFIG_GNRC_IPV6_STATIC_PREFIX: ${text} is not an IPv6 prefix with its ` +
      'length such as 2001:db8:1::/64');
  }
  t.regex(address(5), /^(Range|Type)Error: node a: .*CONFIG_GNRC_IPV6_STATIC_ADDR: 5 is not a text/);
});

test('wires and radio that are wrong: which node, what it is, and what was expected', (t) => {
  // A name that is misspelt is a wire of its own, and cannot be told; all else can.
  t.is(node({ wires: 'lan' }), "TypeError: node a: wires is not a list of names such as ['lan']");
  t.is(node({ wires: ['lan 1'] }), "TypeError: node a: wire 'lan 1' is not a name of letters, digits, _ . : -");
  t.is(node({ wires: [5] }), 'TypeError: node a: wire 5 is not a name of letters, digits, _ . : -');
  t.is(node({ wires: ['lan', 'lan'] }), 'TypeError: node a: two ports on the same wire');
  t.is(node({ radio: 'no' }), 'TypeError: node a: radio is neither true nor false');
});

test('an option of a run that is wrong: what it is, and what was expected', (t) => {
  // A misspelt seed would run with seed 1 and say nothing.
  const options = { nodes: { a: NODE }, params: { times: 2 } };
  t.is(refused(options, { sed: 4 }), "TypeError: unknown run option 'sed'; did you mean 'seed'?");
  t.is(refused(options, { seed: '4' }), 'RangeError: seed 4 is not a non-negative integer');
  t.is(refused(options, { profile: 'x' }), "RangeError: unknown profile 'x'; there are: riot, rfc");
  t.is(refused(options, { set: { clock_mh: 1 } }),
    'RangeError: node a: board native: unknown figure clock_mh; there are: clock_mhz, mcu_active_ua_per_mhz … ' +
    '(boards/README.md)');
  t.is(refused(options, { params: { times: '3' } }),
    'TypeError: parameter times: 3 is not a number, as its default 2 is');
  t.is(refused(options, { params: { time: 3 } }), "TypeError: unknown parameter 'time'; did you mean 'times'?");
});

test('a call with a wrong argument inside a scenario is refused, and names what was given', (t) => {
  // An expect(undefined) would match anything at all, and a misspelt within would wait for another time.
  const any = (value: unknown) => value as never;
  t.is(called((sim) => sim.nodes.a.expect(any(undefined))),
    'TypeError: a: expect, which takes a regular expression too: undefined is not a text');
  t.is(called((sim) => sim.nodes.a.expect('ready', any({ witin: 5 }))),
    "TypeError: unknown option of expect 'witin'; did you mean 'within'?");
  t.is(called((sim) => sim.nodes.a.expect('ready', any(5))), 'TypeError: expect: 5 is not { within }');
  t.is(called((sim) => sim.nodes.a.expect('ready', { within: -1 })),
    'RangeError: expect: within: -1 is not a duration in integer µs');
  t.is(called((sim) => sim.nodes.a.type(any(5))), 'TypeError: a: type: 5 is not a text');
  t.is(called((sim) => sim.nodes.a.typeRaw(any(null))), 'TypeError: a: typeRaw: null is not a text');
  t.is(called((sim) => sim.nodes.a.typeRaw('ä€')), 'RangeError: type_raw takes one character a byte, up to U+00FF');
  t.is(called((sim) => sim.runUntil(any('5 s'))), "TypeError: runUntil: '5 s' is no time and no function");
  t.is(called((sim) => sim.runUntil(() => true, any({ with: 5 }))),
    "TypeError: unknown option of runUntil 'with'; did you mean 'within'?");
  t.is(called((sim) => sim.runUntil(-1)), 'RangeError: -1 is not a time in integer µs from 0 on');
});
