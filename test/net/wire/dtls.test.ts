import fc from 'fast-check';
import test from 'ava';
import {
  checkChangeCipherSpec, describeDtls, DTLS_1_0, DTLS_1_2, DTLS_CT_ALERT, DTLS_CT_HANDSHAKE, DTLS_HT_CERTIFICATE,
  DTLS_HT_CERTIFICATE_REQUEST, DTLS_HT_CERTIFICATE_VERIFY, DTLS_HT_CLIENT_HELLO,
  DTLS_HT_CLIENT_KEY_EXCHANGE, DTLS_HT_FINISHED, DTLS_HT_HELLO_VERIFY_REQUEST, DTLS_HT_SERVER_HELLO,
  DTLS_HT_SERVER_HELLO_DONE, DTLS_HT_SERVER_KEY_EXCHANGE, dtlsMessageLength, emitDtlsAlert, emitDtlsMessage,
  emitDtlsRecord, looksLikeDtls, parseDtlsAlert, parseDtlsHandshake, parseDtlsMessage, parseDtlsRecord,
} from '../../../net/wire/dtls.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { RIOT_PSK_HELLO, RIOT_PSK_WRONG_IDENTITY } from '../../vectors/d-psk-datagrams.ts';
import { RIOT_ECC } from '../../vectors/e-ecc-datagrams.ts';
import type { ClientHello, DtlsMessage, DtlsRecordRepr } from '../../../net/wire/dtls.ts';

const datagram = (index: number): Uint8Array => fromHex(RIOT_PSK_HELLO[index].hex);
const NONE = new Uint8Array(0);

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u8 = fc.integer({ min: 0, max: 0xff });
const extensions = fc.option(fc.uniqueArray(fc.record({ type: u16, data: bytes(20) }),
  { maxLength: 5, selector: (e) => e.type }), { nil: null });

const message: fc.Arbitrary<DtlsMessage> = fc.oneof(
  fc.record({
    msgType: fc.constant(DTLS_HT_CLIENT_HELLO), version: u16, random: exactly(32), sessionId: bytes(32),
    cookie: bytes(255), cipherSuites: fc.array(u16, { minLength: 1, maxLength: 9 }),
    compressionMethods: fc.uint8Array({ minLength: 1, maxLength: 3 }), extensions,
  }),
  fc.record({
    msgType: fc.constant(DTLS_HT_SERVER_HELLO), version: u16, random: exactly(32), sessionId: bytes(32),
    cipherSuite: u16, compressionMethod: u8, extensions,
  }),
  fc.record({ msgType: fc.constant(DTLS_HT_HELLO_VERIFY_REQUEST), version: u16, cookie: bytes(255) }),
  fc.record({ msgType: fc.constant(DTLS_HT_SERVER_KEY_EXCHANGE), hint: bytes(300) }),
  fc.record({ msgType: fc.constant(DTLS_HT_SERVER_HELLO_DONE) }),
  fc.record({ msgType: fc.constant(DTLS_HT_CLIENT_KEY_EXCHANGE), identity: bytes(300) }),
  fc.record({ msgType: fc.constant(DTLS_HT_FINISHED), verifyData: exactly(12) }),
);

test('each message of a real session is parsed to its fields and emitted to the same bytes', (t) => {
  // The fields are those of the decoded capture of two RIOT nodes; equal bytes show that nothing was lost.
  const random = (index: number): Uint8Array => datagram(index).subarray(27, 59);
  const ems = { type: 23, data: NONE };
  const expected: [number, DtlsMessage][] = [
    [0, { msgType: DTLS_HT_CLIENT_HELLO, version: DTLS_1_2, random: random(0), sessionId: NONE, cookie: NONE,
      cipherSuites: [0xc0a8, 0xc0a4, 0x00ff], compressionMethods: new Uint8Array([0]), extensions: [ems] }],
    [1, { msgType: DTLS_HT_HELLO_VERIFY_REQUEST, version: DTLS_1_2,
      cookie: fromHex('bf2fa8de777c826576e4a97dd9997fc0') }],
    [3, { msgType: DTLS_HT_SERVER_HELLO, version: DTLS_1_2, random: random(3), sessionId: NONE, cipherSuite: 0xc0a8,
      compressionMethod: 0, extensions: [ems, { type: 0xff01, data: new Uint8Array([0]) }] }],
    [4, { msgType: DTLS_HT_SERVER_KEY_EXCHANGE, hint: new TextEncoder().encode('Prefer_Id_1') }],
    [5, { msgType: DTLS_HT_SERVER_HELLO_DONE }],
    [6, { msgType: DTLS_HT_CLIENT_KEY_EXCHANGE, identity: new TextEncoder().encode('Identity_1') }],
  ];
  for (const [index, fields] of expected) {
    const body = datagram(index).subarray(13);
    t.deepEqual(parseDtlsMessage(body), fields);
    const header = parseDtlsHandshake(body);
    t.is(hex(emitDtlsMessage(fields, typeof header === 'string' ? -1 : header.seq)), hex(body));
  }
});

test('each record header of a real session is parsed and emitted to the same bytes', (t) => {
  // Types, versions, epochs and numbers of the capture: feff for the hellos, epoch 1 behind ChangeCipherSpec.
  const expected: [number, DtlsRecordRepr][] = [
    [0, { type: 22, version: DTLS_1_0, epoch: 0, seq: 0, length: 64 }],
    [3, { type: 22, version: DTLS_1_2, epoch: 0, seq: 1, length: 61 }],
    [7, { type: 20, version: DTLS_1_2, epoch: 0, seq: 3, length: 1 }],
    [8, { type: 22, version: DTLS_1_2, epoch: 1, seq: 0, length: 40 }],
    [13, { type: 21, version: DTLS_1_2, epoch: 1, seq: 2, length: 18 }],
  ];
  for (const [index, fields] of expected) {
    t.deepEqual(parseDtlsRecord(datagram(index)), fields);
    const out = new Uint8Array(13);
    t.is(emitDtlsRecord(fields, out, 0), 13);
    t.is(hex(out), hex(datagram(index).subarray(0, 13)));
  }
});

test('parse(emit(message)) is the message, and its length is the one foretold', (t) => {
  // Any fields within the limits of the format, all message types.
  fc.assert(fc.property(message, u16, (fields, seq) => {
    const out = emitDtlsMessage(fields, seq);
    t.is(out.length, dtlsMessageLength(fields));
    t.deepEqual(parseDtlsMessage(out), fields);
    const length = out.length - 12;
    t.like(parseDtlsHandshake(out), { seq, length, fragmentOffset: 0, fragmentLength: length });
  }), { seed: 42, numRuns: 500 });
});

test('parse(emit(record header)) is the header, up to number 2^48-1', (t) => {
  // The number does not fit 32 bits: both halves must come back.
  fc.assert(fc.property(fc.integer({ min: 20, max: 23 }), u16, fc.integer({ min: 0, max: 2 ** 48 - 1 }), bytes(50),
    (type, epoch, seq, payload) => {
      const fields = { type, version: DTLS_1_2, epoch, seq, length: payload.length };
      const out = new Uint8Array(13 + payload.length);
      out.set(payload, emitDtlsRecord(fields, out, 0));
      t.deepEqual(parseDtlsRecord(out), fields);
    }), { seed: 42, numRuns: 300 });
});

test('every strict prefix of a message is refused, and so is a byte behind it', (t) => {
  // All lengths of all messages of a real session, and of arbitrary ones.
  const check = (whole: Uint8Array): void => {
    for (let length = 0; length < whole.length; length++) {
      t.is(typeof parseDtlsMessage(whole.slice(0, length)), 'string');
    }
    t.is(typeof parseDtlsMessage(Uint8Array.from([...whole, 0])), 'string');
  };
  for (const index of [0, 1, 2, 3, 4, 5, 6]) check(datagram(index).subarray(13));
  fc.assert(fc.property(message, (fields) => check(emitDtlsMessage(fields, 1))), { seed: 42, numRuns: 50 });
});

test('every strict prefix of a record is refused', (t) => {
  // A record that is not whole must not be read, with and without its header.
  for (const { hex: text } of RIOT_PSK_HELLO) {
    const whole = fromHex(text);
    for (let length = 0; length < whole.length; length++) {
      t.is(parseDtlsRecord(whole.slice(0, length)), 'truncated');
      t.is(parseDtlsRecord(whole, 0, length), 'truncated');
    }
  }
});

test('length fields that point within or beyond the message are refused', (t) => {
  // One more and one less in every length of a real ClientHello: session id, cookie, suites, methods, extensions.
  const hello = datagram(2).subarray(13);
  for (const at of [46, 47, 65, 72, 75, 79]) {
    for (const change of [1, -1]) {
      const bad = hello.slice();
      bad[at] += change;
      t.is(typeof parseDtlsMessage(bad), 'string', `byte ${at} ${change}`);
    }
  }
});

test('a ClientHello with a long session id, no suites, odd suites, no method or a type twice is refused', (t) => {
  // Each has consistent lengths: only the rule itself can refuse it.
  const good: ClientHello = { msgType: DTLS_HT_CLIENT_HELLO, version: DTLS_1_2, random: new Uint8Array(32),
    sessionId: NONE, cookie: NONE, cipherSuites: [0xc0a8], compressionMethods: new Uint8Array([0]), extensions: null };
  const parse = (change: object): unknown => parseDtlsMessage(emitDtlsMessage({ ...good, ...change }, 0));
  t.deepEqual(parse({}), good);
  t.is(parse({ sessionId: new Uint8Array(33) }), 'bad-length');
  t.is(parse({ cipherSuites: [] }), 'bad-length');
  t.is(parse({ compressionMethods: NONE }), 'bad-length');
  t.is(parse({ extensions: [{ type: 23, data: NONE }, { type: 23, data: NONE }] }), 'duplicate-extension');
  const odd = fromHex(`0100002b000000000000002bfefd${'00'.repeat(32)}00000003c0a8000100`);
  t.is(parseDtlsMessage(odd), 'bad-length');
});

test('fragments, unknown types and foreign records are refused by name', (t) => {
  // The reasons go to the trace: each has its own.
  const done = datagram(5).subarray(13);
  const fragment = datagram(0).subarray(13).slice();
  fragment[11] = 10;
  t.is(parseDtlsMessage(fragment), 'fragment');
  fragment[8] = 60;
  t.is(parseDtlsMessage(fragment), 'bad-length');
  const unknown = done.slice();
  unknown[0] = 4;
  t.is(parseDtlsMessage(unknown), 'unknown-message');
  const record = datagram(5).slice();
  record[2] = 0xfc;
  t.is(parseDtlsRecord(record), 'bad-version');
  for (const type of [0, 19, 24, 64, 255]) {
    record[0] = type;
    t.is(parseDtlsRecord(record), 'bad-type');
  }
});

test('arbitrary bytes never throw in any parser nor in describeDtls', (t) => {
  // Random bytes, and real datagrams with random bytes changed, which get further.
  const corrupt = fc.tuple(fc.integer({ min: 0, max: RIOT_PSK_HELLO.length - 1 }),
    fc.array(fc.tuple(fc.nat(92), u8), { maxLength: 4 })).map(([index, changes]) => {
    const data = datagram(index);
    for (const [at, value] of changes) if (at < data.length) data[at] = value;
    return data;
  });
  fc.assert(fc.property(fc.oneof(bytes(120), corrupt), (data) => {
    t.notThrows(() => {
      parseDtlsRecord(data);
      parseDtlsHandshake(data);
      parseDtlsMessage(data);
      parseDtlsMessage(data.subarray(13));
      parseDtlsAlert(data);
      describeDtls(data);
    });
  }), { seed: 42, numRuns: 2000 });
});

test('alerts and ChangeCipherSpec are exactly two bytes and the one byte 1', (t) => {
  // The captured alert of an unknown identity, and all other lengths.
  const alert = fromHex(RIOT_PSK_WRONG_IDENTITY.find(({ hex: text }) => text.startsWith('15'))!.hex).subarray(13);
  t.deepEqual(parseDtlsAlert(alert), { level: 2, description: 80 });
  t.deepEqual(emitDtlsAlert({ level: 2, description: 80 }), alert);
  t.is(parseDtlsAlert(NONE), 'truncated');
  t.is(parseDtlsAlert(new Uint8Array(1)), 'truncated');
  t.is(parseDtlsAlert(new Uint8Array(3)), 'bad-length');
  t.is(checkChangeCipherSpec(new Uint8Array([1])), null);
  t.is(checkChangeCipherSpec(NONE), 'truncated');
  for (const bad of [[0], [2], [255], [1, 1]]) t.is(checkChangeCipherSpec(new Uint8Array(bad)), 'bad-length');
});

test('describeDtls tells several records, fragments, plain alerts, and what is no DTLS', (t) => {
  // Each shape that a ladder has to show on one line.
  const two = Uint8Array.from([...datagram(7), ...datagram(8)]);
  t.is(describeDtls(two), 'ChangeCipherSpec seq3 ep0 + Finished (encrypted, 40) seq0 ep1');
  t.is(describeDtls(Uint8Array.from([...datagram(7), 9, 9])), 'ChangeCipherSpec seq3 ep0 + garbage (2 bytes)');
  const record = (type: number, payload: Uint8Array): Uint8Array => {
    const out = new Uint8Array(13 + payload.length);
    out.set(payload, emitDtlsRecord({ type, version: DTLS_1_2, epoch: 0, seq: 5, length: payload.length }, out, 0));
    return out;
  };
  t.is(describeDtls(record(DTLS_CT_ALERT, new Uint8Array([2, 40]))), 'Alert fatal handshake_failure(40) seq5 ep0');
  t.is(describeDtls(record(DTLS_CT_ALERT, new Uint8Array([1, 0]))), 'Alert warning close_notify(0) seq5 ep0');
  t.is(describeDtls(record(DTLS_CT_ALERT, new Uint8Array([2]))), 'Alert (cut) seq5 ep0');
  const fragment = datagram(0).subarray(13, 13 + 12 + 10).slice();
  fragment[11] = 10;
  t.is(describeDtls(record(DTLS_CT_HANDSHAKE, fragment)), 'ClientHello 0..10/52 msg0 seq5 ep0');
  t.is(describeDtls(record(DTLS_CT_HANDSHAKE, NONE)), 'Handshake (empty) seq5 ep0');
  t.is(describeDtls(new Uint8Array([1, 2, 3])), 'not DTLS (3 bytes)');
  t.is(describeDtls(NONE), 'empty');
  t.true(looksLikeDtls(datagram(0)));
  t.false(looksLikeDtls(new Uint8Array(30)));
});

const ecdhe: fc.Arbitrary<DtlsMessage> = fc.oneof(
  fc.record({ msgType: fc.constant(DTLS_HT_CERTIFICATE), publicKeyInfo: bytes(120) }),
  fc.record({ msgType: fc.constant(DTLS_HT_SERVER_KEY_EXCHANGE), curve: u16, point: bytes(133), algorithm: u16,
    signature: bytes(80) }),
  fc.record({ msgType: fc.constant(DTLS_HT_CERTIFICATE_REQUEST), certificateTypes: bytes(5), authorities: bytes(20),
    algorithms: bytes(5).map((half) => Uint8Array.from([...half, ...half])) }),
  fc.record({ msgType: fc.constant(DTLS_HT_CERTIFICATE_VERIFY), algorithm: u16, signature: bytes(80) }),
  fc.record({ msgType: fc.constant(DTLS_HT_CLIENT_KEY_EXCHANGE), point: bytes(133) }),
);

test('messages of ECDHE_ECDSA: parse(emit(message)) is the message, no strict prefix nor a byte more is taken', (t) => {
  // Any fields within the limits of the format; the same type is another message with PSK.
  fc.assert(fc.property(ecdhe, u16, (fields, seq) => {
    const out = emitDtlsMessage(fields, seq);
    t.is(out.length, dtlsMessageLength(fields));
    t.deepEqual(parseDtlsMessage(out, 'ecdhe_ecdsa'), fields);
    t.is(typeof parseDtlsMessage(Uint8Array.from([...out, 0]), 'ecdhe_ecdsa'), 'string');
    for (let length = 0; length < out.length; length++) {
      const prefix = out.slice(0, length);
      t.is(typeof parseDtlsMessage(prefix, 'ecdhe_ecdsa'), 'string');
      if (length < 12) continue;
      prefix[3] = prefix[11] = length - 12;
      t.is(typeof parseDtlsMessage(prefix, 'ecdhe_ecdsa'), 'string', 'with a header that fits');
    }
  }), { seed: 42, numRuns: 150 });
});

test('HS-02 a ServerKeyExchange of another curve type, a CertificateRequest with half an algorithm: refused', (t) => {
  // Only the rule itself can refuse them.
  const exchange = emitDtlsMessage({ msgType: DTLS_HT_SERVER_KEY_EXCHANGE, curve: 23, point: NONE, algorithm: 0x403,
    signature: NONE }, 0);
  exchange[12] = 1;
  t.is(parseDtlsMessage(exchange, 'ecdhe_ecdsa'), 'bad-type');
  const request = emitDtlsMessage({ msgType: DTLS_HT_CERTIFICATE_REQUEST, certificateTypes: NONE,
    algorithms: new Uint8Array(3), authorities: NONE }, 0);
  t.is(parseDtlsMessage(request, 'ecdhe_ecdsa'), 'bad-length');
});

test('each message of the ECDHE_ECDSA capture is named by describeDtls', (t) => {
  // The names of the decoded capture.
  t.deepEqual(RIOT_ECC.map((d) => describeDtls(fromHex(d.hex)).split(' ')[0]), ['ClientHello', 'HelloVerifyRequest',
    'ClientHello', 'ServerHello', 'Certificate', 'ServerKeyExchange', 'CertificateRequest', 'ServerHelloDone',
    'Certificate', 'ClientKeyExchange', 'CertificateVerify', 'ChangeCipherSpec', 'Finished']);
});
