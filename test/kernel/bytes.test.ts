// kernel/text.ts, iolist.ts, ringbuffer.ts, tsrb.ts, random.ts, errno.ts and config.ts.
import test from 'ava';
import fc from 'fast-check';
import { type ConfigTable, KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import { EAGAIN, ECANCELED, EINVAL, ENOBUFS, ETIMEDOUT, errno_str } from '../../kernel/errno.ts';
import { type iolist_t, iolist_count, iolist_size, iolist_to_buffer } from '../../kernel/iolist.ts';
import { printf, putchar, puts } from '../../kernel/print.ts';
import { random_bytes, random_uint32, random_uint32_range } from '../../kernel/random.ts';
import {
  ringbuffer_add, ringbuffer_add_one, ringbuffer_empty, ringbuffer_full, ringbuffer_get, ringbuffer_get_free,
  ringbuffer_get_one, ringbuffer_peek, ringbuffer_peek_one, ringbuffer_remove, ringbuffer_t,
} from '../../kernel/ringbuffer.ts';
import { decodeText, encodeText } from '../../kernel/text.ts';
import {
  tsrb_add, tsrb_add_one, tsrb_avail, tsrb_drop, tsrb_empty, tsrb_free, tsrb_full, tsrb_get, tsrb_get_one,
  tsrb_peek, tsrb_peek_one, tsrb_t,
} from '../../kernel/tsrb.ts';
import { runMain } from './harness.ts';

test('text becomes UTF-8 and comes back; Node\'s Buffer agrees byte for byte', (t) => {
  // Any string without lone surrogates, which have no UTF-8.
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    t.deepEqual([...encodeText(text)], [...Buffer.from(text, 'utf8')]);
    t.is(decodeText(encodeText(text)), text);
  }), { seed: 42 });
});

test('bytes that are no UTF-8 become U+FFFD, and what follows them is kept', (t) => {
  // Lone continuation, overlong forms, a surrogate, beyond U+10FFFF, cut sequences.
  for (const bytes of [[0x80], [0xc0, 0xaf], [0xc1, 0x81], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80], [0xf5], [0xff], [0xe2, 0x82]]) {
    const text = decodeText(Uint8Array.from([...bytes, 0x41]));
    t.regex(text, /^\ufffd+A$/);
  }
});

test('printf, puts and putchar write UTF-8, one character a byte', (t) => {
  // U+20AC is E2 82 AC.
  t.is(runMain(function* () {
    printf('€');
    puts('x');
    putchar(0x1e2);
  }), '\u00e2\u0082\u00acx\n\u00e2');
});

test('an iolist is counted, measured and copied; what does not fit is refused', (t) => {
  // Pieces with more storage than length, and one without data.
  const last: iolist_t = { iol_next: null, iol_base: Uint8Array.of(4, 5, 99), iol_len: 2 };
  const middle: iolist_t = { iol_next: last, iol_base: null, iol_len: 0 };
  const list: iolist_t = { iol_next: middle, iol_base: Uint8Array.of(1, 2, 3), iol_len: 3 };
  const dst = new Uint8Array(8);
  t.deepEqual([iolist_count(list), iolist_size(list), iolist_count(null), iolist_size(null)], [3, 5, 0, 0]);
  t.is(iolist_to_buffer(list, dst, 5), 5);
  t.deepEqual([...dst], [1, 2, 3, 4, 5, 0, 0, 0]);
  t.is(iolist_to_buffer(list, dst, 4), -ENOBUFS);
  t.is(iolist_to_buffer(null, dst, 0), 0);
});

test('a ring of bytes behaves as a queue of bounded length', (t) => {
  // Random operations against a plain array, for ringbuffer and tsrb alike.
  const ops = fc.array(fc.tuple(fc.nat(4), fc.uint8Array({ maxLength: 12 }), fc.nat(12)), { maxLength: 60 });
  fc.assert(fc.property(ops, (steps) => {
    const [rb, ts] = [new ringbuffer_t(new Uint8Array(8)), new tsrb_t(new Uint8Array(8))];
    let model: number[] = [];
    for (const [what, bytes, n] of steps) {
      const [a, b] = [new Uint8Array(12), new Uint8Array(12)];
      if (what === 0) {
        const fit = [...bytes].slice(0, 8 - model.length);
        t.is(ringbuffer_add(rb, bytes, bytes.length), fit.length);
        t.is(tsrb_add(ts, bytes, bytes.length), fit.length);
        model.push(...fit);
      } else if (what === 1) {
        const taken = model.splice(0, n);
        t.deepEqual([ringbuffer_get(rb, a, n), tsrb_get(ts, b, n)], [taken.length, taken.length]);
        t.deepEqual([[...a.subarray(0, taken.length)], [...b.subarray(0, taken.length)]], [taken, taken]);
      } else if (what === 2) {
        const first = model.shift() ?? -1;
        t.deepEqual([ringbuffer_get_one(rb), tsrb_get_one(ts)], [first, first]);
      } else if (what === 3) {
        const dropped = model.splice(0, n).length;
        t.deepEqual([ringbuffer_remove(rb, n), tsrb_drop(ts, n)], [dropped, dropped]);
      } else {
        const seen = model.slice(0, n);
        t.deepEqual([ringbuffer_peek(rb, a, n), tsrb_peek(ts, b, n)], [seen.length, seen.length]);
        t.deepEqual([...a.subarray(0, seen.length)], seen);
        const first = model[0] ?? -1;
        t.deepEqual([ringbuffer_peek_one(rb), tsrb_peek_one(ts)], [first, first]);
      }
      t.deepEqual([ringbuffer_empty(rb), tsrb_empty(ts)], [model.length === 0, model.length === 0]);
      t.deepEqual([ringbuffer_full(rb), tsrb_full(ts)], [model.length === 8, model.length === 8]);
      t.deepEqual([ringbuffer_get_free(rb), tsrb_free(ts), tsrb_avail(ts)],
        [8 - model.length, 8 - model.length, model.length]);
    }
  }), { seed: 42 });
});

test('one byte too many: ringbuffer loses its oldest, tsrb refuses the new one', (t) => {
  // RIOT: the lost byte is returned; -1 otherwise.
  const [rb, ts] = [new ringbuffer_t(new Uint8Array(2)), new tsrb_t(new Uint8Array(2))];
  t.deepEqual([1, 2, 3].map((b) => ringbuffer_add_one(rb, b)), [-1, -1, 1]);
  t.deepEqual([ringbuffer_get_one(rb), ringbuffer_get_one(rb)], [2, 3]);
  t.deepEqual([1, 2, 3].map((b) => tsrb_add_one(ts, b)), [0, 0, -1]);
  t.deepEqual([tsrb_get_one(ts), tsrb_get_one(ts)], [1, 2]);
});

test('random_uint32_range() stays in its range and reaches both ends', (t) => {
  // 2,000 draws of each range; the ends of the small ones must come up.
  runMain(function* () {
    for (const [a, b] of [[0, 1], [5, 9], [0, 1000], [10, 26], [0, 0xffffffff], [0x80000000, 0xffffffff]]) {
      const drawn = Array.from({ length: 2000 }, () => random_uint32_range(a, b));
      t.true(drawn.every((n) => n >= a && n < b));
      if (b - a < 20) t.deepEqual([Math.min(...drawn), Math.max(...drawn)], [a, b - 1]);
    }
  });
  t.is(runMain(function* () {
    random_uint32_range(3, 3);
  }), 'sys/random/random.c:81 => FAILED ASSERTION.\n');
});

test('random_bytes() takes the bytes of each draw from the lowest up', (t) => {
  // Two boards with one seed: the bytes are those of random_uint32().
  const words: number[] = [];
  runMain(function* () {
    for (let i = 0; i < 2; i++) words.push(random_uint32());
  });
  runMain(function* () {
    const bytes = new Uint8Array(8);
    random_bytes(bytes, 7);
    const expected = new Uint8Array(Uint32Array.from(words).buffer);
    t.deepEqual([...bytes], [...expected.subarray(0, 7), 0]);
  });
});

test('errno numbers are Linux\'s and have names', (t) => {
  // A few that RIOT native prints.
  t.deepEqual([EAGAIN, EINVAL, ENOBUFS, ETIMEDOUT, ECANCELED], [11, 22, 105, 110, 125]);
  t.deepEqual([errno_str(-EINVAL), errno_str(ETIMEDOUT), errno_str(-4242)], ['EINVAL', 'ETIMEDOUT', '-4242']);
});

test('configuration: later layers win, unknown names and bad values are named', (t) => {
  // RangeErrors say what would be right.
  const table: ConfigTable = { CONFIG_X: { value: 1, min: 0, max: 9, unit: 'things', source: 'here' } };
  t.is(resolveConfig([table]).CONFIG_X, 1);
  t.is(resolveConfig([table], { CONFIG_X: 2 }, undefined, { CONFIG_X: 3 }).CONFIG_X, 3);
  t.throws(() => resolveConfig([KERNEL_CONFIG], { CONFIG_MSG_QUEUE: 1 }), {
    instanceOf: RangeError,
    message: /unknown configuration name CONFIG_MSG_QUEUE; there are: CONFIG_MSG_QUEUE_PRINT_MAX/,
  });
  for (const value of [-1, 10, 1.5, NaN]) {
    t.throws(() => resolveConfig([table], { CONFIG_X: value }), {
      instanceOf: RangeError, message: `CONFIG_X: ${value} is not an integer from 0 to 9 (things)`,
    });
  }
});
