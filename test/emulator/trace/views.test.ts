import test from 'ava';
import { ConsoleLines, formatConsoleLine, type ConsoleLine } from '../../../emulator/trace/console.ts';
import { KeyLog } from '../../../emulator/trace/keylog.ts';
import { Summary } from '../../../emulator/trace/summary.ts';
import { captured, record } from './records.ts';

function lines(...outputs: [time: number, node: string, text: string][]): ConsoleLine[] {
  const found: ConsoleLine[] = [];
  const view = new ConsoleLines((line) => void found.push(line));
  for (const [time, node, text] of outputs) view.read(record(0, time, node, { layer: 'console', type: 'out', text }));
  view.flush();
  return found;
}

test('console lines come when they are complete, echo and output in one', (t) => {
  // A shell prints its prompt long before the user types: the line belongs to the time of its newline.
  t.deepEqual(lines([10, 'a', '> '], [20, 'b', 'x\n'], [30, 'a', 'help'], [40, 'a', '\r\nCommand\nrest']), [
    { time: 20, node: 'b', text: 'x' },
    { time: 40, node: 'a', text: '> help' },
    { time: 40, node: 'a', text: 'Command' },
    { time: 40, node: 'a', text: 'rest' },
  ]);
});

test('a bare prompt at the end is no line', (t) => {
  // Every shell ends with one.
  t.deepEqual(lines([10, 'a', 'x\n> ']), [{ time: 10, node: 'a', text: 'x' }]);
});

test('console bytes are UTF-8', (t) => {
  // One character of a console event is one byte: the two of é come apart.
  t.is(lines([1, 'a', 'caf\u00c3'], [2, 'a', '\u00a9\n'])[0]!.text, 'café');
});

test('a console line has virtual time and node name', (t) => {
  // The format that the README shows.
  t.is(formatConsoleLine({ time: 12_345, node: 'server', text: 'hi' }, 8), '  0.012345 server   | hi');
});

test('a key log has each secret once', (t) => {
  // Client and server both tell it.
  const log = new KeyLog();
  const [clientRandom, masterSecret] = [Uint8Array.of(1), Uint8Array.of(2)];
  const secrets = { layer: 'dtls', type: 'secrets', peer: '', clientRandom, masterSecret } as const;
  log.read(record(1, 1, 'a', secrets));
  log.read(record(2, 2, 'b', secrets));
  t.is(log.text(), 'CLIENT_RANDOM 01 02\n');
});

test('a summary counts frames, bytes, handshakes and drops', (t) => {
  // Sizes from the capture; times of the handshake made by hand.
  const summary = new Summary();
  for (const entry of captured('d-psk').slice(0, 6)) summary.read(entry);
  const hello = (time: number, message: number) => summary.read(record(1, time, 'client', {
    layer: 'dtls', type: 'message', peer: 's', direction: 'out', name: 'ClientHello', epoch: 0, recordSequence: message,
    messageSequence: message, bytes: 52,
  }));
  hello(1000, 0);
  hello(4000, 1);
  summary.read(record(2, 43_210, 'client', {
    layer: 'dtls', type: 'state', peer: 's', role: 'client', from: 'finished', to: 'connected',
  }));
  hello(50_000, 0);
  summary.read(record(3, 3, 'server', { layer: 'udp', type: 'drop', reason: 'bad-checksum', bytes: 10 }));
  t.is(summary.text({ time: 2_500_000, nodes: 2, seed: 7, digest: '0123456789abcdef' }),
    '2 nodes ran 2.500000 s of virtual time (seed 7, digest 0123456789abcdef). On the air: 6 frames, 1 of them ACK, ' +
    '294 bytes. 1 DTLS handshake from ClientHello to Finished in 42.21 ms; 1 DTLS handshake not finished. ' +
    'Discarded: 1 bad-checksum (udp).');
});

test('a summary counts the quirks that were met, the most frequent first', (t) => {
  // Without any it says nothing of them, see above.
  const summary = new Summary();
  for (const id of ['one', 'two', 'two']) summary.read(record(1, 1, 'a', { layer: 'quirk', type: 'quirk', id }));
  t.regex(summary.text({ time: 0, nodes: 1, seed: 1, digest: '' }),
    /Nothing was discarded\. Quirks met: two ×2, one ×1\.$/);
});
