import test from 'ava';
import { KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import { AssertFailed } from '../../kernel/panic.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { NET_CONFIG } from '../../net/config.ts';
import {
  CREDMAN_EXIST, CREDMAN_INVALID, CREDMAN_NOT_FOUND, CREDMAN_NO_SPACE, CREDMAN_OK, CREDMAN_TAG_EMPTY,
  CREDMAN_TYPE_ECDSA, CREDMAN_TYPE_EMPTY, CREDMAN_TYPE_PSK, CREDMAN_TYPE_UNKNOWN, credman_add, credman_delete,
  credman_get, credman_get_used_count, credman_reset, type credman_credential_t,
} from '../../net/credman.ts';
import { native } from '../../boards/native.ts';

/** A board that runs nothing, and what it printed and traced. */
function board(config: Record<string, number> = {}) {
  let printed = '';
  const traced: unknown[] = [];
  const kernel = new Kernel({
    platform: {
      now: () => 0,
      setAlarm: () => undefined,
      setCpuWake: () => undefined,
      random32: () => 0,
      uartWrite: (text) => { printed += text; },
      power: () => undefined,
      traced: () => true,
      trace: (event) => { traced.push(event); },
    },
    config: resolveConfig([KERNEL_CONFIG, NET_CONFIG], config),
    stacks: native.stacks,
    modules: new Set(),
    idleThread: true,
  });
  return { kernel, traced, printed: () => printed };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function psk(tag: number): credman_credential_t {
  return {
    type: CREDMAN_TYPE_PSK, tag,
    params: { psk: { key: { s: bytes('LGPLisyourfriend'), len: 16 }, id: { s: bytes('RIOTer'), len: 6 } } },
  };
}

function ecdsa(tag: number): credman_credential_t {
  const part = new Uint8Array(32);
  return {
    type: CREDMAN_TYPE_ECDSA, tag, params: { ecdsa: { private_key: part, public_key: { x: part, y: part } } },
  };
}

function none(): credman_credential_t {
  return { type: CREDMAN_TYPE_EMPTY, tag: CREDMAN_TAG_EMPTY, params: {} };
}

test('add: tag or type EMPTY gives CREDMAN_INVALID', (t) => {
  // The credential is complete otherwise, and the pool stays empty.
  board().kernel.run(() => {
    t.is(credman_add({ ...psk(1), tag: CREDMAN_TAG_EMPTY }), CREDMAN_INVALID);
    t.is(credman_add({ ...psk(1), type: CREDMAN_TYPE_EMPTY }), CREDMAN_INVALID);
    t.is(credman_get_used_count(), 0);
  });
});

test('add: a PSK key that is NULL or of length 0 gives CREDMAN_INVALID, the identity is not checked', (t) => {
  // The last credential differs from the first two in its key alone and is taken without an identity.
  board().kernel.run(() => {
    const key = bytes('key');
    t.is(credman_add({ ...psk(1), params: { psk: { key: { s: null, len: 3 } } } }), CREDMAN_INVALID);
    t.is(credman_add({ ...psk(1), params: { psk: { key: { s: key, len: 0 } } } }), CREDMAN_INVALID);
    t.is(credman_add({ ...psk(1), params: {} }), CREDMAN_INVALID);
    t.is(credman_add({ ...psk(1), params: { psk: { key: { s: key, len: 3 } } } }), CREDMAN_OK);
  });
});

test('add: an ECDSA credential without private key, x or y gives CREDMAN_INVALID', (t) => {
  // Each of the three parts is taken away alone; with all of them it is added.
  board().kernel.run(() => {
    const part = new Uint8Array(32);
    const with_ = (private_key: Uint8Array | null, x: Uint8Array | null, y: Uint8Array | null) =>
      credman_add({ ...ecdsa(1), params: { ecdsa: { private_key, public_key: { x, y } } } });
    t.is(with_(null, part, part), CREDMAN_INVALID);
    t.is(with_(part, null, part), CREDMAN_INVALID);
    t.is(with_(part, part, null), CREDMAN_INVALID);
    t.is(with_(part, part, part), CREDMAN_OK);
  });
});

test('add: an unknown type gives CREDMAN_TYPE_UNKNOWN', (t) => {
  // Its parameters would do for either type.
  board().kernel.run(() => {
    t.is(credman_add({ type: 3, tag: 1, params: { ...psk(1).params, ...ecdsa(1).params } }), CREDMAN_TYPE_UNKNOWN);
  });
});

test('add: the same tag and type gives CREDMAN_EXIST, even with a full pool', (t) => {
  // The pool of two is full at the second attempt, so EXIST is told before NO_SPACE.
  board().kernel.run(() => {
    t.is(credman_add(psk(1)), CREDMAN_OK);
    t.is(credman_add(psk(1)), CREDMAN_EXIST);
    t.is(credman_add(psk(2)), CREDMAN_OK);
    t.is(credman_add(psk(1)), CREDMAN_EXIST);
    t.is(credman_get_used_count(), 2);
  });
});

test('add: parameter checks come before CREDMAN_EXIST', (t) => {
  // Tag and type are in the pool, but the key is missing.
  board().kernel.run(() => {
    t.is(credman_add(psk(1)), CREDMAN_OK);
    t.is(credman_add({ ...psk(1), params: {} }), CREDMAN_INVALID);
  });
});

test('add: a full pool gives CREDMAN_NO_SPACE, at CONFIG_CREDMAN_MAX_CREDENTIALS', (t) => {
  // RIOT's default is 2; an app that sets 4 gets two more in.
  for (const [config, limit] of [[{}, 2], [{ CONFIG_CREDMAN_MAX_CREDENTIALS: 4 }, 4]] as const) {
    board(config).kernel.run(() => {
      for (let tag = 1; tag <= limit; tag++) t.is(credman_add(psk(tag)), CREDMAN_OK);
      t.is(credman_add(psk(limit + 1)), CREDMAN_NO_SPACE);
      t.is(credman_get_used_count(), limit);
    });
  }
});

test('the same tag may exist once for each type', (t) => {
  // Both are found again by their type, with the parameters of that type.
  board().kernel.run(() => {
    t.is(credman_add(psk(7)), CREDMAN_OK);
    t.is(credman_add(ecdsa(7)), CREDMAN_OK);
    const found = none();
    t.is(credman_get(found, 7, CREDMAN_TYPE_ECDSA), CREDMAN_OK);
    t.is(found.params.ecdsa?.private_key?.length, 32);
    t.is(found.params.psk, undefined);
  });
});

test('get: an absent credential gives CREDMAN_NOT_FOUND and leaves the argument alone', (t) => {
  // The tag is there with the other type.
  board().kernel.run(() => {
    credman_add(psk(1));
    const found = ecdsa(9);
    t.is(credman_get(found, 1, CREDMAN_TYPE_ECDSA), CREDMAN_NOT_FOUND);
    t.is(found.tag, 9);
  });
});

test('keys are kept by pointer, the structure around them is copied', (t) => {
  // A byte changed in the app's key is seen by a later get; a length changed in its structure is not.
  board().kernel.run(() => {
    const credential = psk(1);
    credman_add(credential);
    const key = credential.params.psk!.key;
    key.s![0] = 0x21;
    key.len = 1;
    const found = none();
    t.is(credman_get(found, 1, CREDMAN_TYPE_PSK), CREDMAN_OK);
    t.deepEqual([found.params.psk!.key.s![0], found.params.psk!.key.len], [0x21, 16]);
    t.deepEqual(found.params.psk!.hint, { s: null, len: 0 });
  });
});

test('delete: an absent credential is a no-op, a deleted one makes room', (t) => {
  // The place of the first is used again while the second stays.
  board().kernel.run(() => {
    credman_delete(1, CREDMAN_TYPE_PSK);
    t.is(credman_get_used_count(), 0);
    credman_add(psk(1));
    credman_add(psk(2));
    credman_delete(1, CREDMAN_TYPE_PSK);
    t.is(credman_get_used_count(), 1);
    t.is(credman_get(none(), 1, CREDMAN_TYPE_PSK), CREDMAN_NOT_FOUND);
    t.is(credman_get(none(), 2, CREDMAN_TYPE_PSK), CREDMAN_OK);
    t.is(credman_add(psk(3)), CREDMAN_OK);
  });
});

test('delete of tag and type EMPTY takes one off the count, as in RIOT', (t) => {
  // RIOT finds a free place by that tag and type; with a full pool there is none to find.
  board().kernel.run(() => {
    credman_add(psk(1));
    credman_delete(CREDMAN_TAG_EMPTY, CREDMAN_TYPE_EMPTY);
    t.is(credman_get_used_count(), 0);
    credman_add(psk(2));
    credman_delete(CREDMAN_TAG_EMPTY, CREDMAN_TYPE_EMPTY);
    t.is(credman_get_used_count(), 1);
  });
});

test('reset empties the pool', (t) => {
  // Count and contents are both gone.
  board().kernel.run(() => {
    credman_add(psk(1));
    credman_reset();
    t.is(credman_get_used_count(), 0);
    t.is(credman_get(none(), 1, CREDMAN_TYPE_PSK), CREDMAN_NOT_FOUND);
  });
});

test('each board has a pool of its own', (t) => {
  // Two boards in one process: what one adds, the other does not have.
  const [a, b] = [board(), board()];
  a.kernel.run(() => credman_add(psk(1)));
  t.is(a.kernel.run(credman_get_used_count), 1);
  t.is(b.kernel.run(credman_get_used_count), 0);
});

test('add: a NULL credential fails the assertion of credman.c:56', (t) => {
  // RIOT prints file and line of the assertion.
  const { kernel, printed } = board();
  kernel.run(() => t.throws(() => credman_add(null as unknown as credman_credential_t), { instanceOf: AssertFailed }));
  t.regex(printed(), /^sys\/net\/credman\/credman\.c:56 => /);
});

test('the level of the pool is a gauge with its peak', (t) => {
  // The peak stays when a credential is deleted.
  const { kernel, traced } = board();
  kernel.run(() => {
    credman_add(psk(1));
    credman_add(psk(2));
    credman_delete(1, CREDMAN_TYPE_PSK);
  });
  const gauge = { layer: 'dtls', type: 'gauge', name: 'CONFIG_CREDMAN_MAX_CREDENTIALS', limit: 2 };
  t.deepEqual(traced, [
    { ...gauge, used: 1, peak: 1 }, { ...gauge, used: 2, peak: 2 }, { ...gauge, used: 1, peak: 2 },
  ]);
});
