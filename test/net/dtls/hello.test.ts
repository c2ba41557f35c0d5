// What a server makes of all kinds of ClientHello, and a client of all kinds of ServerHello and HelloVerifyRequest.

import test from 'ava';
import { DTLS_STATE_CLIENTHELLO, DTLS_STATE_WAIT_CLIENTKEYEXCHANGE, DTLS_STATE_WAIT_SERVERHELLODONE,
} from '../../../net/dtls/dtls.ts';
import { describeDtls, DTLS_1_2, DTLS_CT_HANDSHAKE, DTLS_HT_CLIENT_HELLO, DTLS_HT_HELLO_VERIFY_REQUEST,
  DTLS_HT_SERVER_HELLO, emitDtlsMessage, parseDtlsMessage } from '../../../net/wire/dtls.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Board, endpoint, plainRecord } from './board.ts';
import type { ClientHello, ServerHello, TlsExtension } from '../../../net/wire/dtls.ts';

const NONE = new Uint8Array(0);
const CLIENT = endpoint(0x0b, 12345);
const SERVER = endpoint(0x0a, 20220);
const EMS: TlsExtension = { type: 23, data: NONE };
const NOTHING = { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 };
const FAILED = ['error updating security parameters', 'error while handling handshake packet'];

const GOOD: ClientHello = {
  msgType: DTLS_HT_CLIENT_HELLO, version: DTLS_1_2, random: new Uint8Array(32).fill(7), sessionId: NONE, cookie: NONE,
  cipherSuites: [0xc0a8, 0x00ff], compressionMethods: new Uint8Array([0]), extensions: [EMS],
};

/** A server that has received this hello twice, the second time with its cookie. */
function serverAfter(change: Partial<ClientHello>, spoil: (message: Uint8Array) => Uint8Array = (m) => m): Board {
  const server = new Board();
  const hello = { ...GOOD, ...change };
  server.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 0, spoil(emitDtlsMessage(hello, 0))));
  const answer = parseDtlsMessage(server.take()[0].subarray(13));
  if (typeof answer === 'string' || answer.msgType !== DTLS_HT_HELLO_VERIFY_REQUEST) throw new Error('no cookie');
  const withCookie = emitDtlsMessage({ ...hello, cookie: answer.cookie }, 1);
  server.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 1, spoil(withCookie)));
  return server;
}

test('HS-21 a server accepts what it need not know: foreign suites, methods, extensions and a session id', (t) => {
  // RFC 5246 §7.4.1.2: unknown values are ignored. Among them GREASE and the ECC extensions of a full-grown client.
  const changes: Partial<ClientHello>[] = [
    {},
    { cipherSuites: [0x0a0a, 0x1301, 0xc0a4, 0xc0a8, 0xfefe, 0x00ff] },
    { cipherSuites: [0x00ff, 0xc0a8] },
    { compressionMethods: new Uint8Array([1, 64, 0]) },
    { sessionId: new Uint8Array(32).fill(1) },
    { cipherSuites: [0xc0a8], extensions: [EMS, { type: 0xff01, data: new Uint8Array([0]) }] },
    { extensions: [{ type: 0x0a0a, data: new Uint8Array(9) }, EMS, { type: 22, data: NONE }, { type: 35, data: NONE },
      { type: 10, data: fromHex('0004001d0017') }, { type: 11, data: fromHex('03010200') },
      { type: 13, data: fromHex('0006040105010403') }, { type: 19, data: fromHex('020200') },
      { type: 20, data: fromHex('0102') }] },
  ];
  for (const change of changes) {
    const server = serverAfter(change);
    t.is(server.stateOf(CLIENT), DTLS_STATE_WAIT_CLIENTKEYEXCHANGE, JSON.stringify(change));
    t.deepEqual(server.logs, []);
  }
});

test('a server takes the first suite of the client\'s list that it knows', (t) => {
  // The client's order decides, not the server's.
  const server = serverAfter({ cipherSuites: [0xc0a4, 0xc0a8, 0x00ff] });
  const hello = parseDtlsMessage(server.take()[0].subarray(13));
  t.like(hello, { msgType: DTLS_HT_SERVER_HELLO, cipherSuite: 0xc0a4 });
});

test('a server refuses a hello with the wrong extensions, suites or methods, with RIOT\'s lines', (t) => {
  // Each ends in the same way: close_notify, then handshake_failure, no peer left. The first line tells the reason.
  const cases: [Partial<ClientHello>, string[]][] = [
    [{ cipherSuites: [0xc0ae, 0x00ff] }, ['No matching cipher suite found']],
    [{ compressionMethods: new Uint8Array([1]) }, []],
    [{ extensions: null }, []],
    [{ extensions: [] }, []],
    [{ cipherSuites: [0xc0a8] }, []],
    [{ extensions: [EMS, { type: 0xff01, data: fromHex('0101') }] }, ['only empty renegotiation info is supported.']],
    [{ extensions: [EMS, { type: 0xff01, data: NONE }] }, ['only empty renegotiation info is supported.']],
    [{ extensions: [EMS, { type: 10, data: fromHex('0002001d') }] }, ['no supported elliptic curve found']],
    [{ extensions: [EMS, { type: 10, data: fromHex('00040017') }] },
      ['the list of the supported elliptic curves should be tls extension length - 2']],
    [{ extensions: [EMS, { type: 10, data: NONE }] },
      ['the list of the supported elliptic curves should be tls extension length - 2']],
    [{ extensions: [EMS, { type: 11, data: fromHex('0101') }] }, ['no supported ec_point_format found']],
    [{ extensions: [EMS, { type: 11, data: fromHex('02') }] },
      ['the list of the supported ec_point_formats should be tls extension length - 1']],
    [{ extensions: [EMS, { type: 13, data: fromHex('00020401') }] }, ['no supported signature_algorithms found']],
    [{ extensions: [EMS, { type: 13, data: fromHex('0403') }] },
      ['the list of the supported signature_algorithms should be tls extension length - 2']],
    [{ extensions: [EMS, { type: 19, data: fromHex('0100') }] }, ['no supported certificate type found']],
    [{ extensions: [EMS, { type: 20, data: fromHex('0202') }] },
      ['the list of the supported certificate types should be tls extension length - 1']],
  ];
  for (const [change, lines] of cases) {
    const server = serverAfter(change);
    t.deepEqual(server.logs, [...lines, ...FAILED]);
    t.deepEqual(server.take().map(describeDtls),
      ['Alert warning close_notify(0) seq1 ep0', 'Alert fatal handshake_failure(40) seq1 ep0']);
    t.deepEqual(server.used(), NOTHING);
  }
});

test('HS-02 every length field of a hello with a right cookie, changed to any value, leads nowhere', (t) => {
  // Suites, methods, list of extensions and each extension: all 256 values of each byte. No value may throw or leak.
  const size = emitDtlsMessage(GOOD, 0).length;
  for (let fromEnd = 1; fromEnd <= 14; fromEnd++) {
    for (let value = 0; value < 256; value++) {
      const server = serverAfter({}, (message) => {
        const bad = message.slice();
        bad[bad.length - fromEnd] = value;
        return bad;
      });
      const sound = server.stateOf(CLIENT) === DTLS_STATE_WAIT_CLIENTKEYEXCHANGE;
      t.deepEqual(server.used(), sound ? { peer: 1, handshake: 1, security: 1, netq: 2, context: 1 } : NOTHING,
        `byte ${size - fromEnd} = ${value}`);
    }
  }
});

test('CK-07 a hello whose cookie or session id reaches out of the message gets no answer at all', (t) => {
  // Nothing can be computed over it: the line, and silence, so that no reply is larger than its request.
  for (const at of [46, 47]) {
    for (const value of [30, 100, 255]) {
      const server = new Board();
      const hello = emitDtlsMessage({ ...GOOD, extensions: null }, 0);
      hello[at] = value;
      t.is(server.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 0, hello)), 0);
      t.deepEqual(server.logs, ['error in dtls_verify_peer err: -552', 'error while handling handshake packet']);
      t.deepEqual(server.take(), []);
    }
  }
});

test('CK-08 a fragment of a ClientHello is dropped with RIOT\'s line and no answer', (t) => {
  // GnuTLS with a small MTU sends such.
  const server = new Board();
  const hello = emitDtlsMessage(GOOD, 0);
  hello[11]--;
  server.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 0, hello.slice(0, -1)));
  t.deepEqual([server.logs, server.take()], [['No fragment support (yet)'], []]);
  server.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 0, emitDtlsMessage(GOOD, 0).slice(0, -1)));
  t.deepEqual(server.logs[1], 'Fragment size does not match packet size');
});

/** A client that has sent its first hello and received this answer. */
function clientAfter(message: Uint8Array): Board {
  const client = new Board();
  client.connect(SERVER);
  client.take();
  client.receive(SERVER, plainRecord(DTLS_CT_HANDSHAKE, 0, message));
  return client;
}

const SERVER_HELLO: ServerHello = {
  msgType: DTLS_HT_SERVER_HELLO, version: DTLS_1_2, random: new Uint8Array(32), sessionId: NONE, cipherSuite: 0xc0a8,
  compressionMethod: 0, extensions: [EMS, { type: 0xff01, data: new Uint8Array([0]) }],
};

test('a client accepts a ServerHello without a cookie exchange, with a session id, and with either suite', (t) => {
  // OpenSSL's s_server asks for no cookie; a session id is legal and not used.
  for (const change of [{}, { sessionId: new Uint8Array(32) }, { cipherSuite: 0xc0a4 }]) {
    const client = clientAfter(emitDtlsMessage({ ...SERVER_HELLO, ...change }, 0));
    t.is(client.stateOf(SERVER), DTLS_STATE_WAIT_SERVERHELLODONE);
    t.deepEqual(client.logs, []);
  }
});

test('a client refuses a ServerHello of another version, suite or method, or without what RIOT forces', (t) => {
  // The alert sent is the one of the error code, and the peer is gone.
  const cases: [Partial<ServerHello>, string | null, number, string][] = [
    [{ version: 0xfeff }, 'unknown DTLS version', 582, 'protocol_version(70)'],
    [{ cipherSuite: 0xc0ae }, 'unsupported cipher 0xc0 0xae', 583, 'insufficient_security(71)'],
    [{ cipherSuite: 0 }, 'unsupported cipher 0x00 0x00', 583, 'insufficient_security(71)'],
    [{ compressionMethod: 1 }, 'unsupported compression method 0x01', 583, 'insufficient_security(71)'],
    [{ extensions: null }, null, 552, 'handshake_failure(40)'],
    [{ extensions: [EMS] }, null, 552, 'handshake_failure(40)'],
    [{ extensions: SERVER_HELLO.extensions!.slice(1) }, null, 552, 'handshake_failure(40)'],
  ];
  for (const [change, line, err, alert] of cases) {
    const client = clientAfter(emitDtlsMessage({ ...SERVER_HELLO, ...change }, 0));
    const code = err.toString(16).padStart(4, '0');
    t.deepEqual(client.logs, [...(line === null ? [] : [line]), `error in check_server_hello err: -${err}`,
      `error 0x${code} handling handshake packet of type: server_hello (2), state 8`]);
    t.deepEqual(client.take().map(describeDtls), [`Alert fatal ${alert} seq1 ep0`]);
    t.deepEqual(client.used(), NOTHING);
  }
});

test('CK-05 a client answers each HelloVerifyRequest with the same random, whatever its version', (t) => {
  // RFC 6347 §4.2.1. RIOT has no limit on their number: each one costs a hello.
  const client = new Board();
  client.connect(SERVER);
  const random = client.take()[0].slice(27, 59);
  for (let i = 0; i < 20; i++) {
    const cookie = new Uint8Array(i % 32 + 1).fill(i);
    const hvr = emitDtlsMessage({ msgType: DTLS_HT_HELLO_VERIFY_REQUEST, version: 0xfeff - i, cookie }, i);
    client.receive(SERVER, plainRecord(DTLS_CT_HANDSHAKE, i, hvr));
    const [hello] = client.take();
    t.like(parseDtlsMessage(hello.subarray(13)), { cookie, random });
    t.is(describeDtls(hello), `ClientHello msg${i + 1} seq${i + 1} ep0`);
  }
  t.is(client.stateOf(SERVER), DTLS_STATE_CLIENTHELLO);
});

test('a client refuses a cookie of more than 32 bytes and one that is cut', (t) => {
  // The lines differ: the long cookie fails where the hello is made.
  const hvr = (length: number): Uint8Array => emitDtlsMessage({
    msgType: DTLS_HT_HELLO_VERIFY_REQUEST, version: DTLS_1_2, cookie: new Uint8Array(length),
  }, 0);
  t.deepEqual(clientAfter(hvr(33)).logs, ['the cookie is too long', 'cannot send ClientHello',
    'error in check_server_hello_verify_request err: -552',
    'error 0x0228 handling handshake packet of type: hello_verify_request (3), state 8']);
  const cut = hvr(16);
  cut[14] = 17;
  t.deepEqual(clientAfter(cut).logs, ['error in check_server_hello_verify_request err: -562',
    'error 0x0232 handling handshake packet of type: hello_verify_request (3), state 8']);
});

test('KX-03 hints and identities of 32 bytes pass, longer ones and wrong lengths are refused', (t) => {
  // tinydtls' limit, with its spelling of the lines.
  const client = (data: Uint8Array): Board => {
    const board = clientAfter(emitDtlsMessage(SERVER_HELLO, 0));
    const message = new Uint8Array([12, 0, 0, data.length, 0, 1, 0, 0, 0, 0, 0, data.length, ...data]);
    board.receive(SERVER, plainRecord(DTLS_CT_HANDSHAKE, 1, message));
    return board;
  };
  const counted = (length: number): Uint8Array => new Uint8Array([0, length, ...new Uint8Array(length)]);
  t.deepEqual(client(counted(32)).logs, []);
  t.is(client(counted(33)).logs[0], 'please use a smaller server identity hint');
  t.is(client(counted(5).subarray(0, 4)).logs[0], 'the length of the server identity hint is worng');
  t.is(client(new Uint8Array([0])).logs[0], 'the packet length does not match the expected');

  const server = (data: Uint8Array): Board => {
    const board = serverAfter({});
    const message = new Uint8Array([16, 0, 0, data.length, 0, 2, 0, 0, 0, 0, 0, data.length, ...data]);
    board.receive(CLIENT, plainRecord(DTLS_CT_HANDSHAKE, 2, message));
    return board;
  };
  t.deepEqual(server(counted(32)).logs, []);
  t.deepEqual(server(counted(33)).logs, ['please use a smaller client identity',
    'error in check_client_keyexchange err: -592',
    'error 0x0250 handling handshake packet of type: client_key_exchange (16), state 3']);
  for (const bad of [counted(5).subarray(0, 5), Uint8Array.from([...counted(5), 0]), new Uint8Array([0])]) {
    t.is(server(bad).logs[0], 'error in check_client_keyexchange err: -552');
  }
});
