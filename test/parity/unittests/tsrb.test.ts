// RIOT's unit tests tests-tsrb, written anew: all of them.
import test from 'ava';
import {
  tsrb_add, tsrb_add_one, tsrb_avail, tsrb_clear, tsrb_drop, tsrb_empty, tsrb_free, tsrb_full, tsrb_get, tsrb_get_one,
  tsrb_peek, tsrb_peek_one, tsrb_t,
} from '../../../kernel/tsrb.ts';

const SIZE = 16;
const INPUT = 0xdb;
const CANARY = 0xb8;

function empty(): tsrb_t {
  return new tsrb_t(new Uint8Array(SIZE));
}

function filled(): tsrb_t {
  const rb = empty();
  for (let i = 0; i < SIZE; i++) tsrb_add_one(rb, INPUT + i);
  return rb;
}

/** The bytes that filled() puts in, from the `first` on, and canaries up to twice the size. */
function expected(first: number): number[] {
  return Array.from({ length: 2 * SIZE }, (_, i) => (i < SIZE - first ? (INPUT + first + i) & 0xff : CANARY));
}

test('avail, free, empty and full tell how many bytes are in, and clear drops them', (t) => {
  // clear, empty, avail, full and free of tests-tsrb, at each fill.
  const rb = empty();
  for (let i = 0; i < SIZE; i++) {
    t.deepEqual([tsrb_avail(rb), tsrb_free(rb), tsrb_empty(rb), tsrb_full(rb)], [i, SIZE - i, i === 0, false]);
    t.is(tsrb_add_one(rb, INPUT), 0);
  }
  t.deepEqual([tsrb_avail(rb), tsrb_free(rb), tsrb_empty(rb), tsrb_full(rb)], [SIZE, 0, false, true]);
  tsrb_clear(rb);
  t.deepEqual([tsrb_avail(rb), tsrb_empty(rb)], [0, true]);
});

test('single bytes go in and out, 0xff is not taken for an error, and a full ring refuses', (t) => {
  // get_one, peek_one and add_one.
  const rb = empty();
  t.deepEqual([tsrb_get_one(rb), tsrb_peek_one(rb)], [-1, -1]);
  for (const byte of [INPUT, 0, 0xff]) {
    t.is(tsrb_add_one(rb, byte), 0);
    t.deepEqual([tsrb_peek_one(rb), tsrb_peek_one(rb), tsrb_get_one(rb)], [byte, byte, byte]);
    t.deepEqual([tsrb_get_one(rb), tsrb_peek_one(rb)], [-1, -1]);
  }
  const full = filled();
  t.is(tsrb_add_one(full, INPUT), -1);
  t.is(tsrb_avail(full), SIZE);
});

test('get and peek copy what is there and touch nothing behind it; only get takes it out', (t) => {
  // get and peek, into a buffer twice as long.
  for (const [copy, left] of [[tsrb_get, 0], [tsrb_peek, SIZE]] as const) {
    const buffer = new Uint8Array(2 * SIZE).fill(CANARY);
    t.is(copy(empty(), buffer, buffer.length), 0);
    const rb = filled();
    t.is(copy(rb, buffer, buffer.length), SIZE);
    t.deepEqual([...buffer], expected(0));
    t.is(tsrb_avail(rb), left);
  }
});

test('drop takes bytes from the front, at most those that are there', (t) => {
  // drop.
  t.is(tsrb_drop(empty(), 2 * SIZE), 0);
  const rb = filled();
  t.is(tsrb_drop(rb, 4), 4);
  t.is(tsrb_avail(rb), SIZE - 4);
  const buffer = new Uint8Array(2 * SIZE).fill(CANARY);
  t.is(tsrb_get(rb, buffer, buffer.length), SIZE - 4);
  t.deepEqual([...buffer], expected(4));
});

test('add takes as many bytes as there is room for', (t) => {
  // add.
  const rb = empty();
  const input = Uint8Array.from({ length: 2 * SIZE }, (_, i) => INPUT + i);
  t.is(tsrb_add(rb, input, 0), 0);
  t.is(tsrb_add(rb, input, input.length), SIZE);
  t.true(tsrb_full(rb));
  for (let i = 0; i < SIZE; i++) t.is(tsrb_get_one(rb), input[i]);
});
