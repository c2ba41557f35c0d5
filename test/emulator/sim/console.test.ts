import test from 'ava';
import { collect, shellApp, simulate } from './apps.ts';

/** A shell that has booted and printed its prompt, and its console from there on. */
function shell() {
  const sim = simulate({ a: shellApp });
  sim.runUntil(0);
  const start = sim.node('a').console.length;
  const records = collect(sim);
  return { sim, records, console: () => sim.node('a').console.slice(start) };
}

function lostBytes(records: ReturnType<typeof collect>): number {
  return records.reduce((sum, r) => sum + (r.event.type === 'input_lost' ? r.event.bytes : 0), 0);
}

test('typed bytes arrive one by one, 87 µs each', (t) => {
  // The shell echoes each byte at the instant at which it gets it: 115200 Bd make 86.8 µs a byte.
  const { sim, records } = shell();
  sim.apply({ type: 'type', node: 'a', text: 'echo x' });
  sim.runFor(10_000);
  const echoes = records.flatMap((r) => r.event.type === 'out' ? [{ time: r.time, text: r.event.text }] : []);
  t.deepEqual(echoes.slice(0, 6), [...'echo x'].map((text, i) => ({ time: 87 * (i + 1), text })));
  t.deepEqual(echoes[6], { time: 87 * 7, text: '\r\n' });
});

test('a line typed while another is on its way comes after it', (t) => {
  // Both are on the wire at once for the host; the wire carries them one after the other.
  const { sim, console } = shell();
  sim.apply({ type: 'type', node: 'a', text: 'echo one' });
  sim.runFor(200);
  sim.apply({ type: 'type', node: 'a', text: 'echo two' });
  sim.runFor(10_000);
  t.is(console(), 'echo one\r\none\n> echo two\r\ntwo\n> ');
});

test('nothing that is typed is lost while the shell is busy: the line waits for room in the ring', (t) => {
  // 101 bytes for a ring of 64 and a shell that reads none of them for a second; and waiting takes no events.
  const { sim, records, console } = shell();
  const text = 'y'.repeat(95);
  sim.apply({ type: 'type', node: 'a', text: 'busy' });
  sim.runFor(10_000);
  sim.apply({ type: 'type', node: 'a', text: `echo ${text}` });
  sim.runFor(100_000);
  t.is(sim.nextAt(), 5 * 87 + 1_000_000);
  sim.runFor(1_000_000);
  t.is(lostBytes(records), 0);
  t.is(console(), `busy\r\n> echo ${text}\r\n${text}\n> `);
});

test('bytes thrown at the console all at once fill the ring of 64; the rest, the newline too, is lost', (t) => {
  // The captured console c-udp.shell.txt shows it at 5.413: of a line of 84 bytes typed at once 64 are left, and
  // the next line is glued to them.
  const { sim, records, console } = shell();
  const line = `echo ${'y'.repeat(79)}\n`;
  sim.apply({ type: 'type_raw', node: 'a', bytes: line });
  sim.runFor(0);
  t.is(console(), line.slice(0, 64));
  t.is(lostBytes(records), 85 - 64);
  sim.apply({ type: 'type_raw', node: 'a', bytes: 'z\n' });
  sim.runFor(0);
  t.true(console().endsWith('yz\r\n' + line.slice(5, 64) + 'z\n> '));
});

test('text is UTF-8 on the line, raw bytes are what they are', (t) => {
  // The shell echoes bytes: é is two of them, U+1F600 four, a lone surrogate the three of U+FFFD.
  const { sim, console } = shell();
  sim.apply({ type: 'type', node: 'a', text: 'é\u20ac\u{1f600}\ud800' });
  sim.runFor(10_000);
  t.true(console().startsWith('\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\r\n'));
  const before = console().length;
  sim.apply({ type: 'type_raw', node: 'a', bytes: '\xe9' });
  sim.runFor(0);
  t.is(console().slice(before), '\xe9');
});

test('Ctrl-D on an empty line switches a native board off', (t) => {
  // The shell ends, and native has nothing to go on with: its console closes with native's text.
  const { sim, console } = shell();
  sim.apply({ type: 'type_raw', node: 'a', bytes: '\x04' });
  sim.runFor(0);
  t.is(console(), '\nnative: exiting\n');
  t.is(sim.node('a').state, 'off');
});
