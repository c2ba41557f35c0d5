// RIOT's tests/sys/trickle, written anew, with a recorded console; and RFC 6206's rules.
import test from 'ava';
import fc from 'fast-check';
import type { Blocking } from '../../../kernel/blocking.ts';
import { msg_array, msg_init_queue, msg_receive, msg_t } from '../../../kernel/msg.ts';
import { puts, printf } from '../../../kernel/stdio.ts';
import { thread_getpid } from '../../../kernel/thread.ts';
import {
  trickle_callback, trickle_increment_counter, trickle_reset_timer, trickle_start, trickle_stop, trickle_t,
} from '../../../kernel/trickle.ts';
import { ZTIMER_MSEC, ztimer_is_set, ztimer_now } from '../../../kernel/ztimer.ts';
import { TestBoard, runMain } from '../../kernel/harness.ts';
import { TEST_MODULES, lines, recorded } from './console.ts';

const MSG = 0xfeef;
const IMIN = 8;
const DOUBLINGS = 20;

/** A board that draws the numbers of a list. */
class ReplayBoard extends TestBoard {
  readonly draws: number[] = [];

  override random32(): number {
    return this.draws.shift()!;
  }
}

/** Waits for the message of a trickle timer and handles it; its time, ms. */
function* round(): Blocking<number> {
  const m = new msg_t();
  yield* msg_receive(m);
  const now = ztimer_now(ZTIMER_MSEC);
  yield* trickle_callback(m.content.ptr as trickle_t);
  return now;
}

const NOW = /(?<=now = )\d+/g;

function roundsOf(console: string): { now: number; t: number }[] {
  return [...console.matchAll(/now = (\d+), t = (\d+)/g)].map(([, now, t]) => ({ now: Number(now), t: Number(t) }));
}

/**
 * What RIOT drew, from its console: `t` less the half of its interval, whose start is `now - t`. The first
 * interval begins at 0 and is as long as the second begins late.
 */
function drawn(rounds: readonly { now: number; t: number }[], first: number): number[] {
  let half = first;
  return rounds.map(({ t }) => {
    const draw = t - half;
    half *= 2;
    return draw;
  });
}

test('trickle: intervals double from the shortest, and again after a reset', (t) => {
  // RIOT's own console: the board draws the numbers that RIOT drew, which its console tells. The host held RIOT up in
  // the last two rounds, for a millisecond.
  const rounds = roundsOf(recorded('trickle').join('\n'));
  t.is(rounds.length, 12);
  const first = (rounds[1]!.now - rounds[1]!.t) / 2;
  // The draws before the reset and at the end are for rounds that do not come.
  const draws = [first - IMIN, ...drawn(rounds.slice(0, 5), first), 0, ...drawn(rounds.slice(5), IMIN), 0];
  let before = 0;
  const board: ReplayBoard = new ReplayBoard(function* () {
    msg_init_queue(msg_array(2), 2);
    const trickle: trickle_t<null> = new trickle_t({
      func: () => {
        printf(`now = ${ztimer_now(ZTIMER_MSEC)}, t = ${trickle.t}\n`);
        t.true(before < trickle.t);
        before = trickle.t;
        return undefined;
      },
      args: null,
    });
    trickle_start(thread_getpid(), trickle, MSG, IMIN, DOUBLINGS, 10);
    puts('[START]');
    for (let i = 0; i < 12; i++) {
      if (i === 5) {
        before = 0;
        trickle_reset_timer(trickle);
        puts('[TRICKLE_RESET]');
      }
      yield* round();
    }
    puts('[SUCCESS]');
  }, { modules: TEST_MODULES });
  board.draws.push(...draws);
  board.run(60_000_000);
  t.deepEqual(lines(board.console, NOW), recorded('trickle', NOW));
  const late = roundsOf(board.console).map(({ now }, i) => rounds[i]!.now - now);
  t.deepEqual(late, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});

test('the callback is called unless k consistent things were heard; 0 means always', (t) => {
  // RFC 6206 §4.2, 3 and 4, and §6.5. The counter starts anew in each interval.
  const called = (k: number, heard: number): number => {
    let calls = 0;
    t.is(runMain(function* () {
      const trickle = new trickle_t({ func: () => void calls++, args: null });
      trickle_start(thread_getpid(), trickle, MSG, 8, 2, k);
      for (let i = 0; i < heard; i++) trickle_increment_counter(trickle);
      yield* round();
      yield* round();
      trickle_stop(trickle);
    }), '');
    return calls;
  };
  t.deepEqual([called(2, 0), called(2, 1), called(2, 2), called(2, 3), called(0, 9)], [2, 2, 1, 1, 2]);
});

test('the time of a callback is in the second half of its interval, and intervals end at the longest', (t) => {
  // RFC 6206 §4.2, 2 and 5, for random parameters: what is due at `t` comes at the interval's start plus `t`.
  t.notThrows(() => fc.assert(fc.property(
    fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 6 }), fc.integer(),
    (Imin, Imax, seed) => {
      const longest = Imin * 2 ** Imax;
      const seen: string[] = [];
      const board = new TestBoard(function* () {
        const trickle = new trickle_t({ func: () => undefined, args: null });
        trickle_start(thread_getpid(), trickle, MSG, Imin, Imax, 0);
        let start = 0;
        for (let i = 0; i < 10; i++) {
          const { I, t: due } = trickle;
          if (I > longest || due < Math.floor(I / 2) || due >= I) seen.push(`I ${I} t ${due}`);
          const now = yield* round();
          if (now !== start + due) seen.push(`${now} is not ${start} + ${due}`);
          if (trickle.I !== Math.min(2 * I, longest)) seen.push(`${I} became ${trickle.I}`);
          start += I;
        }
        trickle_stop(trickle);
      }, { seed });
      return board.run().printed === '' && seen.length === 0;
    }), { seed: 42, numRuns: 100 }));
});

test('a stopped timer sends nothing; wrong figures and a reset in the first interval are failed assertions', (t) => {
  // The board has nothing due any more after the stop: run() returns. The places are those of RIOT's asserts.
  const make = (): trickle_t<null> => new trickle_t({ func: () => undefined, args: null });
  t.is(runMain(function* () {
    const trickle = make();
    trickle_start(thread_getpid(), trickle, MSG, 8, 2, 1);
    trickle_stop(trickle);
    printf(String(ztimer_is_set(ZTIMER_MSEC, trickle.msg_timer)));
    yield* msg_receive(new msg_t());
    printf('a message');
  }), 'false');
  const fails = (Imin: number, Imax: number): string => runMain(function* () {
    trickle_start(thread_getpid(), make(), MSG, Imin, Imax, 1);
  });
  t.is(fails(0, 2), 'sys/trickle/trickle.c:73 => FAILED ASSERTION.\n');
  t.is(fails(8, 28), 'sys/trickle/trickle.c:74 => FAILED ASSERTION.\n');
  t.is(runMain(function* () {
    const trickle = make();
    trickle.Imin = 8;
    trickle.I = 8;
    trickle_reset_timer(trickle);
  }), 'sys/trickle/trickle.c:63 => FAILED ASSERTION.\n');
});
