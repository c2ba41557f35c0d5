// Bytes that no honest peer sends: nothing throws, nothing leaks, nothing that is not authentic is believed.

import fc from 'fast-check';
import test from 'ava';
import { dtls_free_context, dtls_get_peer, dtls_handle_message, dtls_write, DTLS_EVENT_CONNECTED, DTLS_STATE_CONNECTED,
  DTLS_STATE_WAIT_FINISHED } from '../../../net/dtls/dtls.ts';
import { prepareRecord } from '../../../net/dtls/record.ts';
import { describeDtls, DTLS_CT_ALERT, DTLS_CT_APPLICATION_DATA, DTLS_CT_HANDSHAKE } from '../../../net/wire/dtls.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Board, concat, endpoint, Pair, plainRecord, renumbered, text } from './board.ts';
import type { Context } from '../../../net/dtls/env.ts';

/** A handshake of which the first `delivered` datagrams have arrived (0..11; 11: connected, one record exchanged). */
function stage(delivered: number, hint = text('Prefer_Id_1')): Pair {
  const pair = new Pair({}, { hint });
  pair.client.connect(pair.serverAddress);
  pair.settle((_from, _datagram, index) => index < delivered);
  return pair;
}

/** A connected pair whose old keys are gone on both sides. */
function connected(): Pair {
  const pair = new Pair();
  pair.handshake();
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5));
  pair.settle();
  return pair;
}

/** What every board must keep to, whatever it received: pools within limits, counters right, no freed peer in use. */
function checkSound(board: Board): void {
  for (const pool of Object.values(board.env.pools)) {
    const taken = pool.slots.filter((slot: unknown) => slot !== null).length;
    if (taken !== pool.used || pool.used > pool.limit) throw new Error(`${pool.name}: ${pool.used} of ${taken}`);
  }
  for (const peer of board.ctx.peers) if (peer.freed) throw new Error('a freed peer is in the list');
  for (const node of board.ctx.sendqueue) if (node.peer.freed) throw new Error('a node of a freed peer is queued');
}

/** At the end of its life a context must have given everything back. */
function checkNoLeak(board: Board): void {
  board.run(dtls_free_context(board.ctx));
  for (const pool of Object.values(board.env.pools)) {
    if (pool.used !== 0) throw new Error(`${pool.name}: ${pool.used} still in use`);
  }
}

const u8 = fc.integer({ min: 0, max: 255 });

/** A handshake message with a right length and arbitrary contents. */
const handshakeMessage = fc.tuple(fc.constantFrom(0, 1, 2, 3, 11, 12, 13, 14, 16, 20), fc.nat(5),
  fc.uint8Array({ maxLength: 60 })).map(([type, seq, body]) =>
  concat(new Uint8Array([type, 0, 0, body.length, 0, seq, 0, 0, 0, 0, 0, body.length]), body));

/** Bytes that look more or less like a record. */
const record = fc.tuple(fc.constantFrom(20, 21, 22, 23, 24, 0), fc.constantFrom(0xfd, 0xff, 0x00),
  fc.constantFrom(0, 1, 2), fc.nat(12), fc.oneof(fc.uint8Array({ maxLength: 40 }), handshakeMessage))
  .map(([type, minor, epoch, seq, payload]) => {
    const out = plainRecord(type, seq, payload);
    out[2] = minor;
    out[4] = epoch;
    return out;
  });

/** A datagram of a real handshake, from either side, with some bytes changed, cut off or added. */
const mutated = fc.record({
  index: fc.nat(10),
  changes: fc.array(fc.tuple(fc.nat(92), u8), { maxLength: 3 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.nat(93)),
  tail: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 5 })),
});

test('arbitrary bytes at any point of a handshake never throw, never break a counter and never leak', (t) => {
  // Twelve points, both ends, from the peer's address and from others; random bytes, near-records, and honest datagrams
  // with changes. Afterwards a context that is freed must leave every pool empty.
  const input = fc.oneof(fc.uint8Array({ maxLength: 130 }), record, mutated);
  t.notThrows(() => fc.assert(fc.property(fc.nat(11), fc.boolean(), fc.array(fc.tuple(input, fc.nat(3)), { maxLength: 6 }),
    (delivered, atClient, inputs) => {
      const pair = stage(delivered);
      const board = atClient ? pair.client : pair.server;
      const honest = atClient ? pair.serverAddress : pair.clientAddress;
      for (const [data, who] of inputs) {
        let bytes: Uint8Array;
        if (data instanceof Uint8Array) {
          bytes = data;
        } else {
          bytes = concat(pair.wire[data.index % pair.wire.length].datagram.subarray(0, data.cut), data.tail);
          for (const [at, value] of data.changes) if (at < bytes.length) bytes[at] = value;
        }
        board.receive(who === 0 ? endpoint(0x77, 7) : honest, bytes);
        checkSound(board);
      }
      checkNoLeak(board);
    }), { seed: 42, numRuns: 3000 }));
});

test('RC-04 every strict prefix of every datagram is dropped without any effect', (t) => {
  // At the point where the whole datagram would be accepted: no answer, no line, no slot, no state.
  for (let index = 0; index < 11; index++) {
    const pair = stage(index);
    const { from, datagram } = pair.wire[index];
    const [board, address] = from === 'client' ? [pair.server, pair.clientAddress] : [pair.client, pair.serverAddress];
    board.logs.length = 0;
    const effect = (): unknown[] =>
      [board.used(), board.stateOf(address), dtls_get_peer(board.ctx, address)?.handshake_params?.mseq_r];
    const before = effect();
    for (let length = 0; length < datagram.length; length++) {
      t.is(board.receive(address, datagram.slice(0, length)), 0);
      t.is(board.run(dtls_handle_message(board.ctx, address, datagram.slice(), length)), 0);
      t.deepEqual(effect(), before, `${length} bytes of datagram ${index}`);
    }
    t.deepEqual([board.sent.length, board.logs], [0, []]);
    board.receive(address, datagram);
    t.notDeepEqual([...effect(), board.sent.length], [...before, 0], `datagram ${index} itself`);
  }
});

test('HS-01 every cut of a plain message, with the record length made right, is refused', (t) => {
  // The message then claims more than is there: RIOT ends a handshake for that, but never goes on with it.
  for (const index of [0, 2, 3, 4, 5, 6]) {
    const whole = stage(11).wire[index].datagram;
    for (let length = 0; length < whole.length - 13; length++) {
      const pair = stage(index);
      const { from } = pair.wire[index];
      const [board, address] = from === 'client' ? [pair.server, pair.clientAddress]
        : [pair.client, pair.serverAddress];
      const cut = pair.wire[index].datagram.slice(0, 13 + length);
      cut[12] = length;
      const before = board.stateOf(address);
      board.receive(address, cut);
      checkSound(board);
      t.true([before, null].includes(board.stateOf(address)), `${length} bytes of datagram ${index}`);
      t.true(board.take().every((d) => d.length <= 15), 'at most an alert is sent');
      checkNoLeak(board);
    }
  }
});

test('RC-01 RC-02 one flipped bit anywhere in a record of a connection has no effect but "decryption failed"', (t) => {
  // Header bits are additional data, so type, version, epoch, number and length are covered as well.
  const pair = connected();
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('secret'), 6));
  const [datagram] = pair.client.take();
  pair.server.reads.length = 0;
  for (let bit = 0; bit < datagram.length * 8; bit++) {
    const bad = datagram.slice();
    bad[bit >> 3] ^= 1 << (bit & 7);
    t.is(pair.server.receive(pair.clientAddress, bad), 0);
    t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED, `bit ${bit}`);
  }
  t.deepEqual([pair.server.reads, pair.server.sent.length], [[], 0]);
  t.true(pair.server.logs.every((line) => line === 'decryption failed' || line.startsWith('No security context')));
  pair.server.receive(pair.clientAddress, datagram);
  t.deepEqual(pair.server.reads, [text('secret')], 'the window was not moved: the honest record still counts');
});

test('TD-06 a record of epoch 1 too short for nonce and tag is dropped before it is decrypted', (t) => {
  // 0 to 15 bytes; no line, since nothing was tried.
  const pair = connected();
  for (let length = 0; length < 16; length++) {
    const bad = plainRecord(DTLS_CT_APPLICATION_DATA, 9, new Uint8Array(length));
    bad[4] = 1;
    const { aes } = pair.server.env.work;
    t.is(pair.server.receive(pair.clientAddress, bad), 0);
    t.is(pair.server.env.work.aes, aes);
  }
  t.deepEqual(pair.server.logs, []);
});

test('a connection ignores everything plain: alerts, data, ChangeCipherSpec, handshake messages', (t) => {
  // Epoch 0 is over. Only a ClientHello is looked at, and that only gets a cookie.
  const pair = connected();
  for (const [type, payload] of [[21, [2, 40]], [21, [1, 0]], [23, [1, 2, 3]], [20, [1]], [99, [1]]] as const) {
    pair.server.receive(pair.clientAddress, plainRecord(type, 20, new Uint8Array(payload)));
  }
  pair.server.receive(pair.clientAddress, plainRecord(DTLS_CT_HANDSHAKE, 20, pair.wire[6].datagram.slice(13)));
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.server.logs.map((l) => l.replace(/.*\(/, '(')),
    ['(alert)', '(alert)', '(application_data)', '(change_cipher_spec)', '(99)', '(handshake)']);
  t.deepEqual(pair.server.take(), []);
  pair.server.receive(pair.clientAddress, pair.wire[0].datagram);
  t.deepEqual(pair.server.take().map(describeDtls), ['HelloVerifyRequest msg0 seq0 ep0']);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
});

test('OS-07 plain application data is never delivered, at no point of a handshake', (t) => {
  // Epoch 0 has no keys: whoever sends it is not authentic.
  for (let delivered = 0; delivered <= 11; delivered++) {
    const pair = stage(delivered);
    for (const [board, from] of [[pair.client, pair.serverAddress], [pair.server, pair.clientAddress]] as const) {
      board.receive(from, plainRecord(DTLS_CT_APPLICATION_DATA, 30, text('hello')));
      t.deepEqual(board.reads, []);
    }
  }
});

test('TD-29 encrypted data before the Finished is dropped', (t) => {
  // The server reads epoch 1 after the ChangeCipherSpec, but has not yet seen who the client is.
  const pair = stage(8);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_WAIT_FINISHED);
  const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
  const early = prepareRecord(pair.client.ctx as Context, peer, DTLS_CT_APPLICATION_DATA, text('early'));
  if (typeof early === 'number') return t.fail();
  pair.server.receive(pair.clientAddress, early.datagram);
  t.deepEqual([pair.server.reads, pair.server.logs], [[], []]);
  return undefined;
});

test('a replayed record is dropped, an empty one too', (t) => {
  // tinydtls does not mark empty records; a replay of one would be believed there.
  const pair = connected();
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('once'), 4));
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, new Uint8Array(0), 0));
  pair.server.reads.length = 0;
  const sent = pair.client.take();
  for (const datagram of [...sent, ...sent, ...sent.reverse()]) pair.server.receive(pair.clientAddress, datagram);
  t.deepEqual(pair.server.reads, [text('once'), new Uint8Array(0)]);
});

test('RC-07 the replay window is 64 wide, moves only forward, and accepts each number once', (t) => {
  // Against a plain model: a set of the numbers seen and the highest one. Any order, repeats and gaps.
  fc.assert(fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 60 }), (order) => {
    const pair = connected();
    const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
    const first = peer.security_params[0]!.rseq;
    const datagrams = Array.from({ length: 201 }, (_, i) => {
      pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, new Uint8Array([i]), 1));
      return pair.client.take()[0];
    });
    pair.server.reads.length = 0;
    const seen = new Set<number>();
    let highest = first - 1;
    const expected: number[] = [];
    for (const i of order) {
      const number = first + i;
      if (!seen.has(number) && highest - number < 64) {
        seen.add(number);
        highest = Math.max(highest, number);
        expected.push(i);
      }
      pair.server.receive(pair.clientAddress, datagrams[i]);
    }
    t.deepEqual(pair.server.reads.map((r) => r[0]), expected);
  }), { seed: 42, numRuns: 60 });
});

test('numbers beyond 32 bits are kept apart', (t) => {
  // The 48-bit record number is used whole: in the record, in the nonce and in the window.
  const pair = connected();
  const security = dtls_get_peer(pair.client.ctx, pair.serverAddress)!.security_params[0]!;
  for (const rseq of [2 ** 32 - 1, 2 ** 32, 2 ** 47 + 1, 2 ** 48 - 1]) {
    security.rseq = rseq;
    pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('far'), 3));
    const [datagram] = pair.client.take();
    t.is(describeDtls(datagram), `ApplicationData 19 seq${rseq} ep1`);
    pair.server.reads.length = 0;
    pair.server.receive(pair.clientAddress, datagram);
    t.is(pair.server.reads.length, 1);
  }
});

test('RC-09 several records in a datagram are handled in order; nothing behind a ClientHello is', (t) => {
  // RFC 6347 §4.1.1 allows it; RIOT itself sends one each.
  const pair = stage(3);
  const flight = pair.wire.slice(3).map(({ datagram }) => datagram);
  pair.client.receive(pair.serverAddress, concat(...flight));
  pair.server.receive(pair.clientAddress, concat(...pair.client.take()));
  pair.client.receive(pair.serverAddress, concat(...pair.server.take(), new Uint8Array([1, 2, 3])));
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  t.deepEqual([...pair.client.logs, ...pair.server.logs], []);

  const other = stage(0);
  const [{ datagram }] = other.wire;
  other.server.receive(other.clientAddress, concat(datagram, renumbered(datagram, 1)));
  t.deepEqual(other.server.take().length, 1);
});

test('a Finished with a wrong verify_data or with a byte behind it is refused', (t) => {
  // Made with the real keys. tinydtls would accept the tail; here it never counts as authentic.
  const cases: [(m: Uint8Array) => Uint8Array, number, string][] = [
    [(m) => { m[20] ^= 1; return m; }, -563, '0x0233'],
    [(m) => { m[3]++; m[11]++; return concat(m, new Uint8Array(1)); }, -562, '0x0232'],
    [(m) => { m[3]--; m[11]--; return m.slice(0, -1); }, -552, '0x0228'],
  ];
  for (const [change, err, code] of cases) {
    const pair = stage(8);
    const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
    const finished = pair.client.ctx.sendqueue.at(-1)!.data.slice();
    const bad = prepareRecord(pair.client.ctx as Context, peer, DTLS_CT_HANDSHAKE, change(finished));
    if (typeof bad === 'number') return t.fail();
    t.is(pair.server.receive(pair.clientAddress, bad.datagram), err);
    t.deepEqual(pair.server.logs, [`error in check_finished err: ${err}`,
      `error ${code} handling handshake packet of type: finished (20), state 6`]);
    t.deepEqual(pair.server.events, []);
    t.is(pair.server.env.pools.peer.used, 0);
  }
  return undefined;
});

test('TD-28 any handshake message on a connection is ignored, but tells "connected" once more', (t) => {
  // RIOT's recv returns -EXDEV again for it: GnuTLS and OpenSSL resend a Finished under a new number.
  const pair = connected();
  const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
  const hello = fromHex('000000000000000000000000');
  const out = prepareRecord(pair.client.ctx as Context, peer, DTLS_CT_HANDSHAKE, hello);
  if (typeof out === 'number') return t.fail();
  pair.server.events.length = 0;
  t.is(pair.server.receive(pair.clientAddress, out.datagram), 0);
  t.deepEqual(pair.server.logs, ['ignore unexpected handshake message']);
  t.deepEqual(pair.server.events, [{ level: 0, code: DTLS_EVENT_CONNECTED }]);
  t.deepEqual(pair.server.take(), []);
  return undefined;
});

test('an encrypted alert of level warning that is no close_notify changes nothing', (t) => {
  // Told to the application as an event, and that is all.
  const pair = connected();
  const peer = dtls_get_peer(pair.client.ctx, pair.serverAddress)!;
  pair.server.events.length = 0;
  for (const payload of [[1, 100], [1], []]) {
    const out = prepareRecord(pair.client.ctx as Context, peer, DTLS_CT_ALERT, new Uint8Array(payload));
    if (typeof out !== 'number') pair.server.receive(pair.clientAddress, out.datagram);
  }
  t.deepEqual(pair.server.events, [{ level: 1, code: 100 }]);
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  t.deepEqual(pair.server.take(), []);
});

test('TD-17 a hello of another version with a right cookie gets protocol_version and makes no peer', (t) => {
  // DTLS 1.0 and nonsense alike; the lines are RIOT's.
  for (const version of [0xfeff, 0x0000, 0xfefc, 0xffff]) {
    const pair = stage(2);
    const hello = pair.wire[2].datagram.slice();
    hello[25] = version >> 8;
    hello[26] = version & 0xff;
    t.is(pair.server.receive(pair.clientAddress, hello), 0);
    t.deepEqual(pair.server.take().map(describeDtls), ['Alert fatal protocol_version(70) seq1 ep0']);
    t.deepEqual(pair.server.logs, ['error while fetching the cookie, err: -582', 'error in dtls_verify_peer err: -582',
      'error while handling handshake packet']);
    t.is(pair.server.env.pools.peer.used, 0);
  }
});

test('a client that receives a ClientHello answers it as a server would, and its own handshake goes on', (t) => {
  // RIOT's roles are not enforced: a hello in epoch 0 is looked at without regard to any peer.
  const pair = stage(3);
  pair.client.receive(pair.serverAddress, pair.wire[0].datagram);
  t.deepEqual(pair.client.take().map(describeDtls), ['HelloVerifyRequest msg0 seq0 ep0']);
  for (const { datagram } of pair.wire.slice(3)) pair.client.receive(pair.serverAddress, datagram);
  pair.settle();
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
});

test('ST-12 a session is address, port and interface together', (t) => {
  // Another interface is another peer: its records are dropped.
  const pair = connected();
  pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('x'), 1));
  const [datagram] = pair.client.take();
  pair.server.reads.length = 0;
  pair.server.receive({ ...pair.clientAddress, ifindex: 7 }, datagram);
  pair.server.receive({ ...pair.clientAddress, port: 1 }, datagram);
  pair.server.receive(endpoint(0x0c, pair.clientAddress.port), datagram);
  t.deepEqual([pair.server.reads, pair.server.logs], [[], []]);
  pair.server.receive(pair.clientAddress, datagram);
  t.is(pair.server.reads.length, 1);
});

test('wrong lengths from the caller are refused by name', (t) => {
  // A length beyond the buffer is a fault of the host code, not of the network.
  const board = new Board();
  const at = endpoint(1, 1);
  t.throws(() => board.receive(at, new Uint8Array(0)) || board.run(dtls_handle_message(board.ctx, at,
    new Uint8Array(3), 4)), { instanceOf: RangeError, message: /msglen 4/ });
  t.throws(() => board.run(dtls_write(board.ctx, at, new Uint8Array(3), 4)),
    { instanceOf: RangeError, message: /len 4/ });
});
