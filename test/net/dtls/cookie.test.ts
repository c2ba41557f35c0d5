// The stateless start: cookies.

import test from 'ava';
import { createCookie } from '../../../net/dtls/cookie.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { Board, concat, endpoint } from './board.ts';
import type { Context } from '../../../net/dtls/env.ts';

test('CK-01 a flood of first hellos takes no slot, and is answered with fewer bytes than it sent', (t) => {
  // RFC 6347 §4.2.1: no state and no amplification before the cookie comes back.
  const server = new Board();
  const client = new Board({ seed: 3 });
  client.connect(endpoint(1, 1));
  const [hello] = client.take();
  for (let i = 0; i < 500; i++) server.receive(endpoint(i & 0xff, 1000 + i), hello);
  const answers = server.take();
  t.is(answers.length, 500);
  t.true(answers.every((d) => d.length === 44 && d.length < hello.length));
  t.deepEqual(server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
  t.is(new Set(answers.map((d) => hex(d))).size, 500, 'each endpoint has its own cookie');
});

test('CK-04 a cookie holds for one endpoint and one hello: any change gets a new one, and the interface none', (t) => {
  // Address, port and every byte of the hello but the cookie itself are in it; session_t.ifindex is not.
  const server = new Board();
  const hello = firstHello();
  const at = endpoint(0x0b, 12345);
  const cookie = (message: Uint8Array, from = at): string => {
    const made = createCookie(server.ctx as Context, from, message);
    return typeof made === 'number' ? String(made) : hex(made);
  };
  const mine = cookie(hello);
  t.is(mine.length, 32);
  t.is(cookie(hello, { ...at, ifindex: 9 }), mine);
  t.not(cookie(hello, { ...at, port: 12346 }), mine);
  t.not(cookie(hello, endpoint(0x0c, 12345)), mine);
  for (let i = 12; i < hello.length; i++) {
    const other = hello.slice();
    other[i] ^= 1;
    t.not(cookie(other), mine, `byte ${i}`);
  }
  const withCookie = concat(hello.subarray(0, 47), new Uint8Array([4, 1, 2, 3, 4]), hello.subarray(48));
  withCookie[3] += 4;
  withCookie[11] += 4;
  t.is(cookie(withCookie), mine);
  t.not(cookie(hello), hex(new Uint8Array(16)));
  t.not((() => {
    const made = createCookie(new Board({ seed: 50 }).ctx as Context, at, hello);
    return typeof made === 'number' ? '' : hex(made);
  })(), mine, 'another board has another secret');
});

/** A ClientHello without a cookie, without its record header. */
function firstHello(): Uint8Array {
  const client = new Board({ seed: 3 });
  client.connect(endpoint(1, 1));
  return client.take()[0].slice(13);
}
