import test from 'ava';
import { COAP_METHOD_GET, COAP_OPT_URI_PATH, type CoapRepr, emitCoap, parseCoap } from '../../../net/wire/coap.ts';

const text = (s: string) => new TextEncoder().encode(s);

const GET: CoapRepr = {
  type: 0, code: COAP_METHOD_GET, id: 0x7d34, token: new Uint8Array(0),
  options: [{ number: COAP_OPT_URI_PATH, value: text('temperature') }], payload: new Uint8Array(0),
};

test('the GET of RFC 7252 appendix A is 40 01 7d 34 bb temperature', (t) => {
  // Figure 16's message, byte for byte, in both directions.
  const bytes = Uint8Array.from([0x40, 0x01, 0x7d, 0x34, 0xbb, ...text('temperature')]);
  t.deepEqual(emitCoap(GET), bytes);
  t.deepEqual(parseCoap(bytes), GET);
});

const LONG: CoapRepr = {
  type: 1, code: 0x45, id: 1, token: Uint8Array.of(1, 2),
  options: [{ number: 11, value: new Uint8Array(13) }, { number: 60, value: new Uint8Array(300) },
    { number: 2048, value: new Uint8Array(0) }],
  payload: text('x'),
};

test('option numbers and lengths of all three sizes come back as they were', (t) => {
  // Deltas 11, 49 and 1988, lengths 13, 300 and 0.
  t.deepEqual(parseCoap(emitCoap(LONG)), LONG);
});

test('no prefix reads past its end: each is refused, or is the message without its last parts', (t) => {
  // A message ends after any option; a cut within one is truncated, one behind the payload marker an empty payload.
  const bytes = emitCoap(LONG);
  const whole = [6, 6 + 2 + 13, 6 + 15 + 4 + 300, bytes.length - 2];
  for (let length = 0; length < bytes.length; length++) {
    t.is(typeof parseCoap(bytes.subarray(0, length)), whole.includes(length) ? 'object' : 'string', String(length));
  }
});

test('what RFC 7252 calls a format error is refused', (t) => {
  // Version, token length, reserved nibbles, marker without payload, empty message with content.
  t.is(parseCoap(Uint8Array.of(0x80, 1, 0, 0)), 'wrong version');
  t.is(parseCoap(Uint8Array.of(0x49, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)), 'bad token length');
  t.is(parseCoap(Uint8Array.of(0x40, 1, 0, 0, 0xf0)), 'bad option');
  t.is(parseCoap(Uint8Array.of(0x40, 1, 0, 0, 0x0f)), 'bad option');
  t.is(parseCoap(Uint8Array.of(0x40, 1, 0, 0, 0xff)), 'empty payload');
  t.is(parseCoap(Uint8Array.of(0x41, 0, 0, 0, 1)), 'empty message with content');
});

test('a token of nine bytes and options that do not ascend are mistakes of the caller', (t) => {
  // They would be another message on the wire.
  t.throws(() => emitCoap({ ...GET, token: new Uint8Array(9) }), { instanceOf: RangeError });
  t.throws(() => emitCoap({ ...GET, options: [...LONG.options].reverse() }), { instanceOf: RangeError });
});
