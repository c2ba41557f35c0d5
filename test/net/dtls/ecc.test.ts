// Handshakes over ECDHE_ECDSA with raw public keys, both ends the engine: order, keys, limits and refusals.

import fc from 'fast-check';
import test from 'ava';
import { hex, put16, put24 } from '../../../net/wire/bytes.ts';
import { describeDtls, emitEcdsaSignature, emitP256Point, parseDtlsMessage } from '../../../net/wire/dtls.ts';
import { readEcdsaSignature } from '../../../net/dtls/ecdsa.ts';
import { dtls_get_peer, dtls_handle_message, dtls_reset_peer, DTLS_STATE_CONNECTED, DTLS_STATE_NAMES,
  dtls_write } from '../../../net/dtls/dtls.ts';
import { BAD_CERTIFICATE, Pair, plainRecord, publicKeyOf, text } from './board.ts';
import type { DtlsHooks } from '../../../net/dtls/dtls.ts';
import type { BoardOptions } from './board.ts';

const ECC = { CONFIG_DTLS_ECC: 1 };
const NAMES = ['ClientHello', 'HelloVerifyRequest', 'ClientHello', 'ServerHello', 'Certificate', 'ServerKeyExchange',
  'CertificateRequest', 'ServerHelloDone', 'Certificate', 'ClientKeyExchange', 'CertificateVerify', 'ChangeCipherSpec',
  'Finished', 'ChangeCipherSpec', 'Finished'];

function eccPair(client: BoardOptions = {}, server: BoardOptions = {}): Pair {
  return new Pair({ ...client, config: { ...ECC, ...client.config } },
    { ...server, config: { ...ECC, ...server.config } });
}

/** A handshake in which `change` may replace a datagram. */
function handshakeWith(pair: Pair, change: (name: string, datagram: Uint8Array, index: number) => Uint8Array): void {
  const { client, server } = pair;
  client.connect(pair.serverAddress);
  for (let index = 0, more = true; more;) {
    const batches = [client.take(), server.take()];
    more = batches.some((batch) => batch.length > 0);
    for (const [i, batch] of batches.entries()) {
      for (const sent of batch) {
        const datagram = change(describeDtls(sent).split(' ')[0], sent, index++);
        if (i === 0) server.receive(pair.clientAddress, datagram);
        else client.receive(pair.serverAddress, datagram);
      }
    }
  }
}

for (const [suite, tag] of [[0xc0ae, 8], [0xc0ac, 16]] as const) {
  test(`a mutual handshake over ${suite.toString(16)} takes RIOT's messages, and data goes both ways`, (t) => {
    // Order and number of datagrams as in the capture; a tag of the suite's length; both keys were asked about.
    const config = { cipher_suites: [suite] };
    const pair = eccPair({ config }, { config });
    pair.handshake();
    t.deepEqual(pair.wire.map(({ datagram }) => describeDtls(datagram).split(' ')[0]), NAMES);
    t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
    t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
    t.deepEqual(pair.client.verified, [publicKeyOf(pair.server.privateKey!)]);
    t.deepEqual(pair.server.verified, [publicKeyOf(pair.client.privateKey!)]);
    pair.client.run(dtls_write(pair.client.ctx, pair.serverAddress, text('hello'), 5));
    const [record] = pair.client.take();
    t.is(record.length, 13 + 8 + 5 + tag);
    pair.server.receive(pair.clientAddress, record);
    pair.server.run(dtls_write(pair.server.ctx, pair.clientAddress, text('back'), 4));
    pair.settle();
    t.deepEqual([pair.server.reads, pair.client.reads], [[text('hello')], [text('back')]]);
    t.deepEqual([...pair.client.logs, ...pair.server.logs, ...pair.client.diagnostics], []);
  });
}

test('a build with both kinds of suites offers ECDHE_ECDSA first and shakes hands with either kind of server', (t) => {
  // RIOT's order c0ae, c0ac, c0a8, c0a4, 00ff; one with PSK alone answers with the PSK suite.
  const both = { CONFIG_DTLS_ECC: 1, CONFIG_DTLS_PSK: 1 };
  for (const [config, cipher] of [[both, 0xc0ae], [ECC, 0xc0ae], [{}, 0xc0a8]] as const) {
    const pair = new Pair({ config: both }, { config });
    pair.handshake();
    t.like(parseDtlsMessage(pair.wire[0].datagram.subarray(13)),
      { cipherSuites: [0xc0ae, 0xc0ac, 0xc0a8, 0xc0a4, 0xff] });
    t.is(dtls_get_peer(pair.client.ctx, pair.serverAddress)?.security_params[0]?.cipher, cipher);
    t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  }
});

test('a client with PSK alone and a server with ECDHE_ECDSA alone have no suite in common', (t) => {
  // The server's lines and order of alerts: close_notify of the peer that it had made, then handshake_failure.
  const pair = new Pair({}, { config: ECC });
  pair.handshake();
  t.deepEqual(pair.server.logs, ['No matching cipher suite found', 'error updating security parameters',
    'error while handling handshake packet']);
  t.deepEqual(pair.wire.slice(3).map(({ datagram }) => describeDtls(datagram).split(' seq')[0]),
    ['Alert warning close_notify(0)', 'Alert fatal handshake_failure(40)', 'Alert warning close_notify(0)']);
});

test('states go through the handshake as RIOT numbers them', (t) => {
  // The states that PSK never has: 2, 4, 9, 10.
  const pair = eccPair({ tracing: true }, { tracing: true });
  pair.handshake();
  const states = (board: Pair['client']): string[] =>
    board.trace.flatMap((e) => (e.kind === 'state' ? [DTLS_STATE_NAMES[e.to]] : []));
  t.deepEqual(states(pair.client), ['ClientHello sent', 'wait server Certificate', 'wait ServerKeyExchange',
    'wait ServerHelloDone', 'wait ChangeCipherSpec', 'wait Finished', 'connected']);
  t.deepEqual(states(pair.server), ['wait client Certificate', 'wait ClientKeyExchange', 'wait CertificateVerify',
    'wait ChangeCipherSpec', 'wait Finished', 'connected']);
});

test('each P-256 operation is told before it is done, and what was ready before it has left', (t) => {
  // A board charges seconds for each: ServerHello and Certificate are out before the server's key pair is made, and
  // the Certificate of the client before its own.
  const pair = eccPair();
  const outs: string[] = [];
  const { client, server } = pair;
  for (const [name, board] of [['client', client], ['server', server]] as const) {
    const perform = board.perform.bind(board);
    board.perform = (action) => {
      if (action.type === 'send') outs.push(`${name} ${describeDtls(action.datagram).split(' ')[0]}`);
      if (action.type === 'work') outs.push(`${name} works`);
      return perform(action);
    };
  }
  pair.handshake();
  t.deepEqual(outs.slice(3), ['server ServerHello', 'server Certificate', 'server works', 'server works',
    'server ServerKeyExchange', 'server CertificateRequest', 'server ServerHelloDone', 'client works',
    'client Certificate', 'client works', 'client ClientKeyExchange', 'client works', 'client CertificateVerify',
    'client works', 'client ChangeCipherSpec', 'client Finished', 'server works', 'server works',
    'server ChangeCipherSpec', 'server Finished']);
  const each = { p256Keygen: 1, p256Sign: 1, p256Shared: 1, p256Verify: 1 };
  t.like(client.env.work, each);
  t.like(server.env.work, each);
});

test('the ephemeral key is the random bytes as a number in a board\'s byte order; 0 is drawn again', (t) => {
  // A little-endian board takes 32 bytes in memory for a number: the last byte is the highest.
  const drawn = Uint8Array.from({ length: 32 }, (_, i) => i);
  const tooLarge = new Uint8Array(32).fill(0xff);
  const zero = new Uint8Array(32);
  const pair = eccPair({ randoms: [new Uint8Array(12), new Uint8Array(32), zero, tooLarge, drawn.slice()] });
  pair.handshake();
  const exchange = parseDtlsMessage(pair.wire[9].datagram.subarray(13), 'ecdhe_ecdsa');
  t.like(exchange, { point: emitP256Point(publicKeyOf(drawn.slice().reverse())) });
  t.is(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
});

test('KX-07 a key that is not the right one is refused with bad_certificate by either role', (t) => {
  // Each end in turn knows another key than the one it is shown.
  const other = publicKeyOf(new Uint8Array(32).fill(77));
  for (const [client, server] of [[{ peerKey: other }, {}], [{}, { peerKey: other }]]) {
    const pair = eccPair(client, server);
    pair.handshake();
    t.is(pair.client.stateOf(pair.serverAddress), null);
    t.is(pair.server.stateOf(pair.clientAddress), null);
    const refusing = 'peerKey' in client ? pair.client : pair.server;
    t.is(refusing.logs[0], 'The certificate was not accepted');
    t.is(refusing.logs[1], `error in check_server_certificate err: -${2 << 8 | BAD_CERTIFICATE}`);
    const alert = pair.wire.find(({ datagram }) => datagram[0] === 21)!;
    t.is(hex(alert.datagram.subarray(13)), '022a');
  }
});

test('a server without a key says so after its ServerHello and gives up; a client before its Certificate', (t) => {
  // tinydtls asks when the message is due.
  const server = eccPair({}, { privateKey: null });
  server.handshake();
  t.deepEqual(server.server.logs.slice(0, 2),
    ['no ecdsa certificate to send in certificate', 'error while handling handshake packet']);
  t.is(describeDtls(server.wire[3].datagram).split(' ')[0], 'ServerHello');
  const client = eccPair({ privateKey: null });
  client.handshake();
  t.deepEqual(client.client.logs.slice(0, 2),
    ['no ecdsa certificate to send in certificate', 'error in check_server_hellodone err: -592']);
  t.is(client.client.stateOf(client.serverAddress), null);
});

test('an own key has one of four places from its Certificate until the session is connected', (t) => {
  // The gauge goes up and down once on each side.
  const pair = eccPair({ tracing: true }, { tracing: true });
  pair.handshake();
  for (const board of [pair.client, pair.server]) {
    const slots = board.trace.flatMap((e) => (e.kind === 'slots' && e.pool === 'ecdsa_key' ? [[e.used, e.limit]] : []));
    t.deepEqual(slots, [[1, 4], [0, 4]]);
  }
});

test('a handshake that is given up keeps its key\'s place: after four no more can start', (t) => {
  // RIOT frees a place only with a CONNECTED of an equal session: the fifth handshake has no key.
  const pair = eccPair();
  const { client, server } = pair;
  for (let round = 1; round <= 4; round++) {
    pair.client.connect(pair.serverAddress);
    pair.settle((from, datagram) => from === 'client' && /ClientHello/.test(describeDtls(datagram))
      || /HelloVerify/.test(describeDtls(datagram)));
    t.is(server.env.pools.ecdsa_key.used, round);
    client.run(dtls_reset_peer(client.ctx, dtls_get_peer(client.ctx, pair.serverAddress)!));
    client.take();
  }
  server.logs.length = 0;
  pair.handshake();
  t.is(server.logs[0], 'no ecdsa certificate to send in certificate');
  t.is(client.stateOf(pair.serverAddress), null);
});

test('a place that was kept is found by what lies in its peer\'s memory: the next session gives it back', (t) => {
  // DTLS_PEER_MAX 1: the place of the handshake that was given up points to the memory that the next peer gets.
  const pair = eccPair();
  const { client, server } = pair;
  client.connect(pair.serverAddress);
  pair.settle((from, datagram) => from === 'client' || /HelloVerify/.test(describeDtls(datagram)));
  t.is(server.env.pools.ecdsa_key.used, 1);
  client.run(dtls_reset_peer(client.ctx, dtls_get_peer(client.ctx, pair.serverAddress)!));
  client.take();
  pair.handshake();
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
  t.is(server.env.pools.ecdsa_key.used, 1, 'two were taken, one CONNECTED gives one back');
});

test('KX-09 a ServerKeyExchange with another curve type, curve, point length or encoding is refused', (t) => {
  // Before the signature is looked at, each with RIOT's line and alert.
  for (const [at, value, line, alert] of [[0, 1, 'Only named curves supported', 40], [2, 24, 'secp256r1 supported', 40],
    [3, 64, 'expected 65 bytes long public point', 40], [4, 2, 'expected uncompressed public point', 50]] as const) {
    const pair = eccPair();
    handshakeWith(pair, (name, datagram) => {
      if (name === 'ServerKeyExchange') datagram[25 + at] = value;
      return datagram;
    });
    t.is(pair.client.logs[0], line);
    t.is(pair.client.logs[1], `error in check_server_key_exchange err: -${512 + alert}`);
    t.is(pair.client.stateOf(pair.serverAddress), null);
  }
});

test('KX-06 TD-10 a Certificate of any other length or another header of its key is refused by either role', (t) => {
  // All bytes of the header of SubjectPublicKeyInfo, and every length of the message below the right one.
  for (const index of [4, 8]) {
    const board = (pair: Pair): Pair['client'] => (index === 4 ? pair.client : pair.server);
    for (let at = 0; at < 27; at += 5) {
      const pair = eccPair();
      handshakeWith(pair, (_, datagram, i) => {
        if (i === index) datagram[28 + at] ^= 1;
        return datagram;
      });
      t.is(board(pair).logs[0], 'got an unexpected Subject public key format');
    }
    for (let length = 0; length < 94; length += length < 4 ? 1 : 9) {
      const pair = eccPair();
      handshakeWith(pair, (_, datagram, i) => (i === index ? cut(datagram, length) : datagram));
      t.is(pair.client.stateOf(pair.serverAddress), null);
      t.like(board(pair).diagnostics, { 0: 'a DTLS Certificate is read past its end; here it is refused' });
      t.is(board(pair).verified.length, 0);
    }
  }
});

/** The handshake record with the first `length` bytes of its message, and headers that say so. */
function cut(datagram: Uint8Array, length: number): Uint8Array {
  const out = datagram.slice(0, 25 + length);
  put16(out, 11, 12 + length);
  put24(out, 14, length);
  put24(out, 22, length);
  return out;
}

test('HS-01 every strict prefix of every message is refused, whatever its headers say', (t) => {
  // Each message of the handshake in turn, cut at each length: headers as they were, and headers that fit.
  const whole = eccPair();
  whole.handshake();
  for (const index of [3, 4, 5, 6, 8, 9, 10]) {
    const body = whole.wire[index].datagram.length - 25;
    for (let length = 0; length < body; length += index === 6 ? 1 : 7) {
      const pair = eccPair();
      handshakeWith(pair, (_, datagram, i) => (i === index ? cut(datagram, length) : datagram));
      t.not(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED, `message ${index}, ${length} bytes`);
      t.not(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
    }
  }
});

test('TD-43 KX-12 a client whose ephemeral point is not on the curve, or zero, never gets keys', (t) => {
  // tinydtls multiplies such a point; here the handshake ends at the ChangeCipherSpec, when the keys are due. The
  // CertificateVerify covers the point: the hash is taken as the liar would have made it.
  for (const bad of [new Uint8Array(64), new Uint8Array(64).fill(1), new Uint8Array(64).fill(0xff)]) {
    const pair = eccPair();
    handshakeWith(pair, (name, datagram) => {
      if (name === 'CertificateVerify') {
        dtls_get_peer(pair.server.ctx, pair.clientAddress)!.handshake_params!.other_eph_pub = bad;
      }
      return datagram;
    });
    t.like(pair.server.logs, { 0: 'error while handling ChangeCipherSpec message' });
    t.is(pair.server.stateOf(pair.clientAddress), null);
  }
});

test('TD-21 a second CertificateRequest is unexpected', (t) => {
  // The first is taken off the list of what may come.
  const pair = eccPair();
  let request = new Uint8Array(0);
  handshakeWith(pair, (name, datagram) => {
    if (name === 'CertificateRequest') request = datagram.slice();
    if (name !== 'ServerHelloDone') return datagram;
    request[10] = datagram[10];
    put16(request, 17, 5);
    return request;
  });
  t.is(pair.client.logs[0], 'error 0x020a handling handshake packet of type: certificate_request (13), state 11');
});

test('OS-06 a server that misses Certificate, ClientKeyExchange or CertificateVerify never gets connected', (t) => {
  // All seven combinations left out, the messages that remain renumbered so that none waits.
  const left = ['Certificate', 'ClientKeyExchange', 'CertificateVerify'];
  for (let mask = 1; mask < 8; mask++) {
    const pair = eccPair();
    let seq = 2;
    handshakeWith(pair, (name, datagram, index) => {
      const i = index >= 8 ? left.indexOf(name) : -1;
      if (i < 0) return datagram;
      if (mask & 1 << i) return new Uint8Array(0);
      put16(datagram, 17, seq++);
      return datagram;
    });
    t.not(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
    t.not(pair.client.stateOf(pair.serverAddress), DTLS_STATE_CONNECTED);
  }
});

test('KX-11 a client that answers a CertificateRequest with an empty Certificate is refused', (t) => {
  // RIOT always wants the client's key.
  const pair = eccPair();
  handshakeWith(pair, (name, datagram, index) => {
    if (index !== 8) return datagram;
    const empty = cut(datagram, 3);
    empty.fill(0, 25);
    return empty;
  });
  t.is(pair.server.logs[0], 'expect length of 91 bytes for certificate');
  t.is(pair.server.stateOf(pair.clientAddress), null);
});

test('a CertificateRequest without ecdsa_sign or without SHA-256 and ECDSA is refused with RIOT\'s lines', (t) => {
  // One byte each; an odd list of algorithms too.
  for (const [at, value, line] of [[1, 1, 'the request authentication algorithm is not supported'],
    [4, 5, 'no supported hash and signature algorithm'], [3, 1, 'illegal certificate request']] as const) {
    const pair = eccPair();
    handshakeWith(pair, (name, datagram) => {
      if (name === 'CertificateRequest') datagram[25 + at] = value;
      return datagram;
    });
    t.is(pair.client.logs[0], line);
  }
});

test('every hello extension that ECDHE_ECDSA needs is asked for', (t) => {
  // Types 10, 11, 19 and 20 of the client, 20 of the server: renamed, they are missing. 13 may be.
  const first = (hello: 'ClientHello' | 'ServerHello', type: number): string | undefined => {
    const pair = eccPair();
    handshakeWith(pair, (name, datagram) => {
      if (name !== hello) return datagram;
      for (let at = datagram.length - (hello === 'ClientHello' ? 38 : 25); at < datagram.length;) {
        const length = datagram[at + 3];
        if (datagram[at] === 0 && datagram[at + 1] === type) datagram[at + 1] = 99;
        at += 4 + length;
      }
      return datagram;
    });
    return (hello === 'ClientHello' ? pair.server : pair.client).logs[0];
  };
  for (const type of [10, 11, 19, 20]) {
    t.is(first('ClientHello', type), 'not all required tls extensions found in client hello');
  }
  t.is(first('ServerHello', 20), 'not all required tls extensions found in server hello');
  // What is not missed: only the transcripts then differ, as the last signature shows.
  for (const type of [13, 98]) {
    t.not(first('ClientHello', type), 'not all required tls extensions found in client hello');
  }
});

test('a signature goes into DER and back, whatever zeros and high bits its numbers begin with', (t) => {
  // r and s of every length: the shortest form of each, as RIOT writes them.
  const hooks = { log: () => undefined } as unknown as DtlsHooks;
  const number = fc.tuple(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([zeros, bytes]) => {
      bytes.fill(0, 0, zeros);
      bytes[31] |= 1;
      return bytes;
    });
  fc.assert(fc.property(number, number, (r, s) => {
    const signature = Uint8Array.from([...r, ...s]);
    const der = emitEcdsaSignature(signature);
    t.true(der.length >= 8 && der.length <= 72);
    const element = Uint8Array.from([4, 3, 0, der.length, ...der]);
    t.deepEqual(readEcdsaSignature(hooks, element), signature);
    for (let length = 0; length < element.length; length++) {
      t.is(typeof readEcdsaSignature(hooks, element.subarray(0, length)), 'number');
    }
  }), { seed: 42, numRuns: 300 });
});

test('arbitrary bytes as a signature are refused or read within their bounds', (t) => {
  // The reader is fed with all that DER can get wrong; it must neither throw nor take what is not there.
  const hooks = { log: () => undefined } as unknown as DtlsHooks;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (tail) => {
    const result = readEcdsaSignature(hooks, Uint8Array.from([4, 3, 0, tail.length, ...tail]));
    t.true(typeof result === 'number' ? result < 0 : result.length === 64);
  }), { seed: 42, numRuns: 2000 });
});

test('TD-33 a client with a valid cookie and a malformed Certificate costs the server no slot', (t) => {
  // Twenty times; then an honest client gets in. The places of own keys are RIOT's loss: given room here.
  const config = { CONFIG_DTLS_CREDENTIALS_MAX: 30 };
  const pair = eccPair({ config }, { config });
  for (let i = 0; i < 20; i++) {
    handshakeWith(pair, (_, datagram, index) => (index === 8 ? cut(datagram, 2) : datagram));
    t.is(pair.server.stateOf(pair.clientAddress), null);
    t.deepEqual(pair.server.used(), { peer: 0, handshake: 0, security: 0, netq: 0, context: 1 });
    const left = dtls_get_peer(pair.client.ctx, pair.serverAddress);
    if (left !== null) pair.client.run(dtls_reset_peer(pair.client.ctx, left));
    pair.client.take();
  }
  pair.handshake();
  t.is(pair.server.stateOf(pair.clientAddress), DTLS_STATE_CONNECTED);
});

test('in a build without ECDHE_ECDSA its messages are unhandled, with RIOT\'s line', (t) => {
  // The case label is compiled out there.
  for (const [config, line] of [[{}, 'unhandled message 11'],
    [{ CONFIG_DTLS_ECC: 1, CONFIG_DTLS_PSK: 1, cipher_suites: [0xc0a8] },
      'error 0x020a handling handshake packet of type: certificate (11), state 8']] as const) {
    const pair = new Pair({ config }, {});
    pair.client.connect(pair.serverAddress);
    const message = new Uint8Array(12);
    message[0] = 11;
    const datagram = plainRecord(22, 0, message);
    pair.client.run(dtls_handle_message(pair.client.ctx, pair.serverAddress, datagram, datagram.length));
    t.is(pair.client.logs[0], line);
  }
});
