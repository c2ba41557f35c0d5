// RIOT's static packet buffer and this one, step by step.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_is_empty, gnrc_pktbuf_is_sane, gnrc_pktbuf_mark,
  gnrc_pktbuf_merge, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_reverse_snips, gnrc_pktbuf_start_write } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_pktbuf_map, gnrc_pktbuf_stats } from '../../../net/gnrc/pktbuf_stats.ts';
import { NetBoard } from './board.ts';

const SIZE = 2048;
const STEPS = 800;
const [steps, stats] = readFileSync(new URL('../../vectors/pktbuf-native64.txt', import.meta.url), 'utf8')
  .split('STATS\n') as [string, string];

/** The steps of the program that printed the vectors, in its order. */
class Program {
  readonly lines: string[] = [];
  readonly packets = new Array<gnrc_pktsnip_t | null>(8).fill(null);
  private state = 1;
  private counter = 0;

  private random(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) % n;
  }

  private show(what: string, res: number, pkt: gnrc_pktsnip_t | null): void {
    let line = `${what} ${res}`;
    for (let snip = pkt; snip !== null; snip = snip.next) {
      const sum = gnrc_pkt_bytes(snip).reduce((total, byte) => (total * 31 + byte) & 0xffffff, 0);
      line += ` ${snip.address}:${snip.data?.byteOffset ?? -1}:${snip.size}:${snip.users}:${sum.toString(16)}`;
    }
    this.lines.push(line + (gnrc_pktbuf_is_sane() ? '' : ' INSANE'));
  }

  step(number: number): void {
    const op = this.random(10);
    const which = this.random(8);
    const size = this.random(4) === 0 ? this.random(6) * 16 : this.random(160);
    const pkt = this.packets[which]!;
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => this.counter + i);
    this.counter += 7;
    if (pkt === null || op === 0) {
      const snip = gnrc_pktbuf_add(pkt, bytes, size, GNRC_NETTYPE_UNDEF);
      this.packets[which] = snip ?? pkt;
      this.show('add', snip === null ? 0 : 1, this.packets[which]);
    } else if (op <= 2) {
      this.show('mark', gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_UNDEF) === null ? 0 : 1, pkt);
    } else if (op <= 4) {
      const before = pkt.size;
      const res = gnrc_pktbuf_realloc_data(pkt, size);
      if (res === 0) pkt.data?.fill(number, before);
      this.show('realloc', res, pkt);
    } else if (op === 5) {
      this.write(pkt);
    } else if (op === 6) {
      this.show('merge', gnrc_pktbuf_merge(pkt), pkt);
    } else if (op === 7) {
      this.packets[which] = gnrc_pktbuf_reverse_snips(pkt);
      this.show('reverse', this.packets[which] === null ? 0 : 1, this.packets[which]);
    } else if (op === 8 && pkt.next !== null) {
      this.packets[which] = gnrc_pktbuf_remove_snip(pkt, pkt.next);
      this.show('remove', 1, this.packets[which]);
    } else {
      gnrc_pktbuf_release(pkt);
      this.packets[which] = null;
      this.show('release', 1, null);
    }
  }

  private write(pkt: gnrc_pktsnip_t): void {
    gnrc_pktbuf_hold(pkt, 1);
    const own = gnrc_pktbuf_start_write(pkt);
    if (own !== null) this.show('write', 1, own);
    gnrc_pktbuf_release(own ?? pkt);
    this.show('after', own === null ? 0 : 1, pkt);
  }
}

function run(): { board: NetBoard; program: Program } {
  const board = new NetBoard(function* () { return 0; }, { net: { CONFIG_GNRC_PKTBUF_SIZE: SIZE }, modules: ['od'] });
  const program = new Program();
  board.do(() => {
    for (let i = 0; i < STEPS; i++) program.step(i);
  });
  return { board, program };
}

test('800 random steps put every snip and every byte where the static packet buffer of RIOT puts them', (t) => {
  // RIOT's own C code printed the vectors: each line has all addresses, sizes, users and a sum of the bytes.
  t.deepEqual(run().program.lines, steps.trimEnd().split('\n'));
});

test('gnrc_pktbuf_stats() prints what RIOT prints: in use, empty, and full to the last byte', (t) => {
  // The same text but for the address of the buffer, and for bytes that RIOT never writes: those between the fields of
  // a descriptor and behind the end of data.
  const { board, program } = run();
  const known = new Uint8Array(SIZE);
  for (const { address, what, snip } of gnrc_pktbuf_map(board.kernel)) {
    if (what === 'snip') known.fill(1, address, address + 29);
    if (what === 'data') known.fill(1, address, address + snip!.size);
  }
  const [inUse, empty, full] = sections(stats);
  board.do(() => {
    gnrc_pktbuf_stats();
    t.deepEqual(relative(board.printed, known), relative(inUse, known));
    program.packets.forEach(gnrc_pktbuf_release);
    t.true(gnrc_pktbuf_is_empty());
    let from = board.printed.length;
    gnrc_pktbuf_stats();
    t.deepEqual(relative(board.printed.slice(from), known), relative(empty, known));
    gnrc_pktbuf_add(null, new Uint8Array(SIZE).fill(0xab), SIZE - 32, GNRC_NETTYPE_UNDEF);
    from = board.printed.length;
    gnrc_pktbuf_stats();
    const all = new Uint8Array(SIZE).fill(1).fill(0, 29, 32);
    t.deepEqual(relative(board.printed.slice(from), all), relative(full, all));
  });
});

function sections(text: string): [string, string, string] {
  const parts = text.split(/^EMPTY 1\n|^FULL\n/m);
  return [parts[0]!, parts[1]!, parts[2]!];
}

/** Lines with addresses from the start of the buffer, and bytes that are not `known` as `..`. */
function relative(text: string, known: Uint8Array): string[] {
  const base = Number(/first byte: (0x[0-9a-f]+)/.exec(text)![1]);
  let chunk = 0;
  return text.trimEnd().split('\n').map((line) => {
    const start = /^=+ chunk +\d+ \((0x[0-9a-f]+)/.exec(line);
    if (start !== null) chunk = Number(start[1]) - base;
    const dump = /^([0-9A-F]{8}) ( .*)$/.exec(line);
    if (dump !== null) return dumped(chunk + parseInt(dump[1]!, 16), dump[2]!, known, base);
    return line.replace(/0x[0-9a-f]+/g, (pointer) => `+${Number(pointer) - base}`);
  });
}

/** A line of a dump; words that point into the buffer are relative, too. */
function dumped(at: number, text: string, known: Uint8Array, base: number): string {
  const bytes = text.trim().split(/ +/);
  const shown = bytes.map((byte, i) => (known[at + i] === 1 ? byte : '..'));
  for (const i of [8, 0]) {
    const word = parseInt(bytes.slice(i, i + 3).reverse().join(''), 16) - base;
    if (word >= 0 && word < SIZE && known[at + i] === 1) shown.splice(i, 8, `pointer to +${word}`);
  }
  return `${at}: ${shown.join(' ')}`;
}
