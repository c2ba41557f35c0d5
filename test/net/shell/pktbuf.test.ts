import test from 'ava';
import { shell_run_once } from '../../../kernel/shell.ts';
import { GNRC_NETTYPE_UDP } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add } from '../../../net/gnrc/pktbuf.ts';
import { shell_cmd_gnrc_pktbuf } from '../../../net/shell/pktbuf.ts';
import { NetBoard } from '../gnrc/board.ts';

/** What the command prints after `fill`, between its echo and the next prompt. */
function typed(modules: string[], pointer: number, fill: () => void): string[] {
  const board = new NetBoard(function* () {
    shell_cmd_gnrc_pktbuf();
    fill();
    yield* shell_run_once(null, new Uint8Array(128), 128);
  }, { modules, net: { SIZEOF_POINTER: pointer, CONFIG_GNRC_PKTBUF_SIZE: 256 } });
  board.typeAt(1000, 'pktbuf\n');
  return board.run().printed.replaceAll('\r', '').split('\n').slice(1, -1);
}

const fill = (): void => void gnrc_pktbuf_add(null, Uint8Array.of(1, 2, 3), 3, GNRC_NETTYPE_UDP);

test('pktbuf of a buffer that nobody has used is one free block', (t) => {
  // RIOT's text: no chunk stands before the first free block if that is at the start.
  t.deepEqual(typed(['od'], 8, () => undefined), [
    'packet buffer: first byte: 0x45b810, last byte: 0x45b910 (size: 256)',
    '  position of last byte used: 0',
    '~ unused: 0x45b810 (next: (nil), size:  256) ~',
  ]);
});

test('pktbuf prints chunks in use byte by byte, descriptors as they lie on a board of 64 bits', (t) => {
  // A descriptor: next, data, size of 8 bytes each, type, users; then three bytes of data. What is behind them is never
  // written.
  const lines = typed(['od'], 8, fill);
  t.deepEqual(lines.map((line) => line.replace(/(03)( {2}\w\w){13}$/, '$1 ...')), [
    'packet buffer: first byte: 0x45b810, last byte: 0x45b910 (size: 256)',
    '  position of last byte used: 48',
    '=========== chunk   0 (0x45b810   size:   48) ===========',
    '00000000  00  00  00  00  00  00  00  00  30  B8  45  00  00  00  00  00',
    '00000010  03  00  00  00  00  00  00  00  06  00  00  00  01  00  00  00',
    '00000020  01  02  03 ...',
    '~ unused: 0x45b840 (next: (nil), size:  208) ~',
  ]);
});

test('pktbuf on a board of 32 bits: descriptors of 16 bytes; without module od no bytes', (t) => {
  // 16 + 8 bytes are in use. The addresses are in the RAM of a Cortex-M.
  const head = ['packet buffer: first byte: 0x20001000, last byte: 0x20001100 (size: 256)',
    '  position of last byte used: 24', '=========== chunk   0 (0x20001000 size:   24) ==========='];
  const tail = '~ unused: 0x20001018 (next: (nil), size:  232) ~';
  t.deepEqual(typed([], 4, fill), [...head, tail]);
  const dump = typed(['od'], 4, fill);
  t.deepEqual(dump.slice(0, 3), head);
  t.is(dump[3], '00000000  00  00  00  00  10  10  00  20  03  00  00  00  06  01  00  00');
  t.regex(dump[4]!, /^00000010 {2}01 {2}02 {2}03( {2}\w\w){5}$/);
  t.is(dump[5], tail);
});
