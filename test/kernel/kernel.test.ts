// The loop that runs a board: slices, interrupts, CPU time, and how a board ends.
import test from 'ava';
import type { Blocking } from '../../kernel/blocking.ts';
import { cpu_spend } from '../../kernel/cpu.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { InvariantError, invariant } from '../../kernel/invariant.ts';
import { irq_disable, irq_restore } from '../../kernel/irq.ts';
import { msg_receive, msg_send_int, msg_t, msg_try_receive } from '../../kernel/msg.ts';
import { mutex_lock, mutex_t, mutex_trylock, mutex_unlock } from '../../kernel/mutex.ts';
import { assert, core_panic } from '../../kernel/panic.ts';
import { pm_off, pm_reboot } from '../../kernel/periph/pm.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { STATUS_SLEEPING } from '../../kernel/sched.ts';
import { thread_create, thread_getstatus, thread_wakeup, thread_yield } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_set, ztimer_sleep, ztimer_spin, ztimer_t } from '../../kernel/ztimer.ts';
import { TestBoard, runMain } from './harness.ts';

const STACK = { length: 1024 };

function create(priority: number, task: () => Blocking<unknown>, name = 't', flags = 0): Blocking<number> {
  return thread_create(STACK, STACK.length, priority, flags, task, null, name);
}

test('an interrupt within cpu_spend() runs at its own instant and a better thread takes over', (t) => {
  // The log holds virtual times: the interrupt at 300 µs and the thread it wakes come before the
  // end of the charge, which moves by what the thread itself spends.
  const board = new TestBoard(function* () {
    const pid = yield* create(6, function* () {
      const m = new msg_t();
      yield* msg_receive(m);
      puts(`woken at ${ztimer_now(ZTIMER_USEC)}`);
      yield* cpu_spend(50);
      puts(`worked until ${ztimer_now(ZTIMER_USEC)}`);
    });
    board.interruptAt(300, () => {
      puts(`interrupt at ${ztimer_now(ZTIMER_USEC)}`);
      msg_send_int(new msg_t(), pid);
      return undefined;
    });
    yield* cpu_spend(1000);
    puts(`charge paid at ${ztimer_now(ZTIMER_USEC)}`);
  });
  t.deepEqual(board.run().printed.trimEnd().split('\n'),
    ['interrupt at 300', 'woken at 300', 'worked until 350', 'charge paid at 1050']);
});

test('a worse thread does not run while a better one spends CPU time', (t) => {
  // Both are ready at 0; the worse one prints only when the charge is paid and main has ended.
  t.is(runMain(function* () {
    yield* create(8, function* () {
      puts(`worse at ${ztimer_now(ZTIMER_USEC)}`);
    });
    yield* cpu_spend(100);
    puts(`better at ${ztimer_now(ZTIMER_USEC)}`);
  }), 'better at 100\nworse at 100\n');
});

test('fractions of a microsecond are carried over, none is lost or charged twice', (t) => {
  // 1,000 charges of 0.3 µs are 300 µs; rounding each would make 0 or 1,000.
  t.is(runMain(function* () {
    for (let i = 0; i < 1000; i++) yield* cpu_spend(0.3);
    puts(String(Math.abs(ztimer_now(ZTIMER_USEC) - 300) <= 1));
  }), 'true\n');
});

test('CPU time charged with interrupts disabled passes at once; what is due runs when they are restored', (t) => {
  // The clock stands at 100 within the section; the interrupt that is due at 10 does not cut it in two.
  const board = new TestBoard(function* () {
    board.interruptAt(10, () => printf('interrupt ') as undefined);
    const state = irq_disable();
    yield* cpu_spend(100);
    printf(`section at ${ztimer_now(ZTIMER_USEC)} `);
    yield* irq_restore(state);
    printf(`restored at ${ztimer_now(ZTIMER_USEC)}`);
  });
  t.is(board.run().printed, 'section at 100 interrupt restored at 100');
});

test('ztimer_spin() keeps worse threads from running but lets time and interrupts pass', (t) => {
  // The timer fires inside the spin, the worse thread runs after it.
  t.is(runMain(function* () {
    yield* create(8, function* () {
      printf('worse');
    });
    ztimer_set(ZTIMER_USEC, new ztimer_t(() => printf('timer ') as undefined), 100);
    yield* ztimer_spin(ZTIMER_USEC, 500);
    printf(`spun ${ztimer_now(ZTIMER_USEC)} `);
  }), 'timer spun 500 worse');
});

for (const [what, loop] of Object.entries<() => Blocking<unknown>>({
  'yields': function* () {
    while (true) yield* thread_yield();
  },
  'polls for messages': function* () {
    while ((yield* msg_try_receive(new msg_t())) < 0);
  },
  'polls a mutex': function* () {
    const mutex = new mutex_t();
    mutex_trylock(mutex);
    while (mutex_trylock(mutex) === 0);
  },
  'reads the clock': function* () {
    while (ztimer_now(ZTIMER_USEC) < 1);
  },
  'locks and unlocks': function* () {
    const mutex = new mutex_t();
    while (true) {
      yield* mutex_lock(mutex);
      yield* mutex_unlock(mutex);
    }
  },
})) {
  test(`livelock: a thread that ${what} for ever at one instant panics its board`, (t) => {
    // run() returns at all only because of the panic, which says why.
    const board = new TestBoard(loop).run();
    t.true(board.kernel.halted);
    t.is(board.printed, '*** RIOT kernel panic:\nlivelock: 1000000 kernel calls at one instant\n\n*** halted.\n\n');
  });
}

test('livelock: a timer that sets itself again with 0 in its callback panics its board', (t) => {
  // On RIOT this loops in the interrupt handler for ever.
  const board = new TestBoard(function* () {
    const timer: ztimer_t<null> = new ztimer_t(() => {
      ztimer_set(ZTIMER_USEC, timer, 0);
      return undefined;
    }, null);
    ztimer_set(ZTIMER_USEC, timer, 0);
  }).run();
  t.regex(board.printed, /livelock/);
});

test('many kernel calls are no livelock while time passes', (t) => {
  // 2,000,000 calls and more, but never a million at one instant.
  const board = new TestBoard(function* () {
    for (let i = 0; i < 4000; i++) {
      for (let k = 0; k < 500; k++) ztimer_now(ZTIMER_USEC);
      yield* ztimer_sleep(ZTIMER_USEC, 100);
    }
  }).run();
  t.false(board.kernel.halted);
});

test('a JavaScript error in a thread panics its own board with the message, and no other', (t) => {
  // The second board runs in the same process and goes on.
  const broken = new TestBoard(function* () {
    yield* thread_yield();
    (null as unknown as { f: () => void }).f();
  });
  const sound = new TestBoard(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    puts('fine');
  });
  broken.run();
  sound.run();
  t.regex(broken.printed, /^\*\*\* RIOT kernel panic:\nTypeError: .*\n\n\*\*\* halted\.\n\n$/);
  t.true(broken.kernel.failure instanceof TypeError);
  t.is(sound.printed, 'fine\n');
});

test('a JavaScript error in an interrupt handler panics the board too', (t) => {
  // The handler runs outside of any thread; without the catch it would end the host's run.
  const board = new TestBoard(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
  });
  board.interruptAt(10, () => {
    throw new RangeError('bad handler');
  });
  t.regex(board.run().printed,
    /^\*\*\* RIOT kernel panic:\nRangeError: bad handler \(test\/kernel\/kernel\.test\.ts:\d+\)\n/);
});

test('whatever an app throws panics its board: texts, things without a text, errors whose getters throw', (t) => {
  // Nothing of it may leave runSlice().
  const panicOf = (thrown: unknown) => runMain(function* () {
    throw thrown;
  }).split('\n')[1];
  t.is(panicOf('no'), 'thrown: no');
  t.is(panicOf(undefined), 'thrown: undefined');
  t.is(panicOf(Object.create(null)), 'thrown: something without a text');
  t.is(panicOf(Object.defineProperty(new Error(), 'message', { get: () => JSON.parse('{') })),
    'thrown: something without a text');
});

test('a broken invariant of the emulator is not swallowed', (t) => {
  // An InvariantError is no fault of the app: it leaves runSlice().
  const board = new TestBoard(function* () {
    invariant(false, 'for the test');
  });
  t.throws(() => board.run(), { instanceOf: InvariantError, message: 'for the test' });
});

test('a failed assertion stops its thread for ever, even if it is woken; the others go on', (t) => {
  // RIOT's text and nothing of a panic; b-ping-psk of the captures shows the same.
  const board = new TestBoard(function* () {
    const pid = yield* create(6, function* () {
      assert(1 > 2, 'apps/x/main.c:7');
      puts('not reached');
    });
    yield* thread_wakeup(pid);
    puts(thread_getstatus(pid) === STATUS_SLEEPING ? 'sleeps' : 'runs');
    yield* ztimer_sleep(ZTIMER_USEC, 10);
    puts('main goes on');
  }).run();
  t.is(board.printed, 'apps/x/main.c:7 => FAILED ASSERTION.\nsleeps\nmain goes on\n');
  t.false(board.kernel.halted);
});

test('a failed assertion is a panic in an interrupt handler and with interrupts disabled', (t) => {
  // RIOT core/lib/assert.c: no thread can sleep there.
  const text = 'x.c:1 => *** RIOT kernel panic:\nFAILED ASSERTION.\n\n*** halted.\n\n';
  t.is(runMain(function* () {
    irq_disable();
    assert(false, 'x.c:1');
  }), text);
  const board = new TestBoard(function* () {
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
  });
  board.interruptAt(10, () => {
    assert(false, 'x.c:1');
    return undefined;
  });
  t.is(board.run().printed, text);
});

test('core_panic() halts the board: no thread and no interrupt runs any more', (t) => {
  // The other thread and the timer would print.
  const board = new TestBoard(function* () {
    yield* create(8, function* () {
      puts('not reached');
    });
    ztimer_set(ZTIMER_USEC, new ztimer_t(() => printf('not reached') as undefined), 100);
    core_panic('the end');
  }).run();
  t.is(board.printed, '*** RIOT kernel panic:\nthe end\n\n*** halted.\n\n');
  t.false(board.kernel.ready);
});

test('a panic with module ps prints the table of threads between text and end', (t) => {
  // RIOT core/lib/panic.c: text, ps(), an empty line, the end.
  const printed = runMain(function* () {
    core_panic('the end');
  }, { modules: ['ps'] });
  t.regex(printed, /^\*\*\* RIOT kernel panic:\nthe end\n\n\tpid \| name [^]*SUM [^]*\n\n\*\*\* halted\.\n\n$/);
});

test('pm_off() and pm_reboot() ask the platform and nothing of the board runs on', (t) => {
  // The lines behind the calls would print.
  for (const [call, powered] of [[pm_off, 'off'], [pm_reboot, 'reboot']] as const) {
    const board = new TestBoard(function* () {
      try {
        call();
      } finally {
        yield* ztimer_sleep(ZTIMER_USEC, 10);
        puts('not reached');
      }
    }).run();
    t.is(board.powered, powered);
    t.is(board.printed, '');
  }
});

test('interrupts of one instant run in the order in which they came, before any thread', (t) => {
  // Three handlers at 10 µs; the thread that the first one wakes prints after the last one.
  const board = new TestBoard(function* () {
    const pid = yield* create(1, function* () {
      yield* msg_receive(new msg_t());
      printf('thread');
    });
    board.interruptAt(10, () => {
      printf('1 ');
      msg_send_int(new msg_t(), pid);
      return undefined;
    });
    board.interruptAt(10, () => printf('2 ') as undefined);
    board.interruptAt(10, () => printf('3 ') as undefined);
    yield* ztimer_sleep(ZTIMER_USEC, 1000);
  });
  t.is(board.run().printed, '1 2 3 thread');
});

test('an interrupt that a thread causes runs at its next kernel call', (t) => {
  // Raised between two prints of one slice: it must not wait until the thread blocks.
  t.is(runMain(function* () {
    current().interrupt(() => printf('interrupt ') as undefined);
    printf('before ');
    yield* thread_yield();
    printf('after');
  }), 'before interrupt after');
});

test('a board with an idle thread gives it the first pid; one without starts with main', (t) => {
  // RIOT: native has an idle thread, Cortex-M has none.
  const names = (idleThread: boolean): (string | undefined)[] =>
    new TestBoard(() => thread_yield(), { idleThread }).kernel.threads.slice(1, 3).map((thread) => thread?.name);
  t.deepEqual(names(true), ['idle', 'main']);
  t.deepEqual(names(false), ['main', undefined]);
});

test('while the board sleeps the idle thread is the active one, or else the last that ran', (t) => {
  // What thread_getpid() answers in an interrupt: RIOT's sched_active_thread.
  for (const idleThread of [true, false]) {
    const board = new TestBoard(function* () {
      yield* ztimer_sleep(ZTIMER_USEC, 1000);
    }, { idleThread });
    board.interruptAt(10, () => printf(current().activeThread?.name ?? 'none') as undefined);
    t.is(board.run().printed, idleThread ? 'idle' : 'main');
  }
});

test('perBoard() state is a board\'s own, and made anew for a new board', (t) => {
  // Two boards count on the same accessor.
  const statics = perBoard(() => ({ count: 0 }), { bytes: 4 });
  const counter = function* () {
    puts(String(++statics().count));
  };
  t.is(runMain(counter), '1\n');
  t.is(runMain(counter), '1\n');
  t.throws(() => statics(), { instanceOf: InvariantError });
});
