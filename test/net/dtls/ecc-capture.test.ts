// The engine against what two real RIOT nodes sent each other over ECDHE_ECDSA with raw public keys.

import test from 'ava';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { emitDtlsMessage, isP256Point, parseDtlsHandshake, parseDtlsMessage,
  parseDtlsRecord } from '../../../net/wire/dtls.ts';
import { dtls_get_peer, DTLS_STATE_WAIT_CHANGECIPHERSPEC, DTLS_STATE_WAIT_FINISHED } from '../../../net/dtls/dtls.ts';
import { RIOT_ECC } from '../../vectors/e-ecc-datagrams.ts';
import { Board, endpoint, publicKeyOf } from './board.ts';
import type { DtlsMessage } from '../../../net/wire/dtls.ts';

const CLIENT = endpoint(0x0b, 12345);
const SERVER = endpoint(0x0a, 20220);
const CONFIG = { CONFIG_DTLS_ECC: 1 };

/** The keys of RIOT's example dtls-sock. */
const CLIENT_KEY = fromHex('41c1cb6b51247a144321435b7a80e714896a33bbad7294ca401455a194a949fa');
const SERVER_KEY = fromHex('23bdd36c1017e90dc10a8f02f20ee95dbe373835b64b8a1b20a6a7862fd1c8e5');

const of = (from: 'client' | 'server'): Uint8Array[] =>
  RIOT_ECC.filter((d) => d.from === from).map((d) => fromHex(d.hex));
const parse = (datagram: Uint8Array): DtlsMessage => {
  const message = parseDtlsMessage(datagram.subarray(13), 'ecdhe_ecdsa');
  if (typeof message === 'string') throw new Error(message);
  return message;
};

/** Headers, and all fields of the message; what is random is told by its size. */
function fields(datagram: Uint8Array): unknown {
  const record = parseDtlsRecord(datagram);
  if (typeof record === 'string') throw new Error(record);
  const { length: _, ...header } = record;
  if (record.type !== 22) return { ...header, payload: hex(datagram.subarray(13)) };
  if (record.epoch !== 0) return { ...header, length: record.length };
  const message = parse(datagram);
  const { seq } = parseDtlsHandshake(datagram.subarray(13)) as { seq: number };
  const point = 'point' in message ? { point: isP256Point(message.point) } : {};
  const signature = 'signature' in message ? { signature: message.signature[0] === 0x30 } : {};
  return { ...header, seq, ...message, ...point, ...signature };
}

test('each message of the captured handshake is parsed and emitted to the same bytes', (t) => {
  // Certificate, both key exchanges, CertificateRequest and CertificateVerify of real nodes: nothing is lost.
  for (const { hex: text } of RIOT_ECC) {
    const datagram = fromHex(text);
    if (datagram[0] !== 22 || datagram[4] !== 0) continue;
    const { seq } = parseDtlsHandshake(datagram.subarray(13)) as { seq: number };
    t.is(hex(emitDtlsMessage(parse(datagram), seq)), hex(datagram.subarray(13)));
  }
});

test('a client with the captured random sends what the RIOT client sent, but for its key and its signature', (t) => {
  // The real server's signature is verified over both randoms and its point; all that is not random is compared.
  const sent = of('client');
  const [hvr, ...flight] = of('server');
  const client = new Board({ config: CONFIG, privateKey: CLIENT_KEY, peerKey: publicKeyOf(SERVER_KEY),
    randoms: [new Uint8Array(12), sent[0].slice(27, 59)] });
  t.is(client.connect(SERVER), 98);
  client.receive(SERVER, hvr);
  t.deepEqual(client.take().map((d) => hex(d)), sent.slice(0, 2).map((d) => hex(d)));
  for (const datagram of flight) t.is(client.receive(SERVER, datagram), 0);
  const answer = client.take();
  t.deepEqual(answer.map(fields), sent.slice(2).map(fields));
  t.is(hex(answer[0]), hex(sent[2]), 'the Certificate is the same to the byte');
  t.deepEqual(client.verified, [publicKeyOf(SERVER_KEY)]);
  t.is(dtls_get_peer(client.ctx, SERVER)?.state, DTLS_STATE_WAIT_CHANGECIPHERSPEC);
  t.deepEqual([...client.logs, ...client.diagnostics], []);
});

test('a server with the captured random and cookie sends what the RIOT server sent, but for key and signature', (t) => {
  // As above for the other role. The transcript is then made the captured one, so that the real client's
  // CertificateVerify has to verify.
  const [hello1, hello2, certificate, exchange, verify, spec] = of('client');
  const sent = of('server');
  const server = new Board({ config: CONFIG, privateKey: SERVER_KEY, peerKey: publicKeyOf(CLIENT_KEY),
    randoms: [new Uint8Array(12), sent[1].slice(27, 59)] });
  const secret = { begin: () => {}, update: () => {}, finish: (out: Uint8Array) => out.set(sent[0].slice(28)) };
  Object.assign(server.ctx, { cookie_secret: secret });
  for (const datagram of [hello1, hello2]) t.is(server.receive(CLIENT, datagram), 0);
  const flight = server.take();
  t.deepEqual(flight.map(fields), sent.map(fields));
  for (const same of [0, 1, 2, 4, 5]) t.is(hex(flight[same]), hex(sent[same]));

  const { hs_hash } = dtls_get_peer(server.ctx, CLIENT)!.handshake_params!;
  hs_hash.reset();
  for (const datagram of [hello2, ...sent.slice(1)]) hs_hash.update(datagram.subarray(13));
  for (const datagram of [certificate, exchange, verify, spec]) t.is(server.receive(CLIENT, datagram), 0);
  t.deepEqual(server.verified, [publicKeyOf(CLIENT_KEY)]);
  t.is(dtls_get_peer(server.ctx, CLIENT)?.state, DTLS_STATE_WAIT_FINISHED);
  t.deepEqual([...server.logs, ...server.diagnostics], []);
});

test('a captured signature with one bit changed is refused by either role', (t) => {
  // The same runs: only the bit can be the reason.
  const [hvr, hello, certificate, exchange] = of('server');
  const client = new Board({ config: CONFIG, privateKey: CLIENT_KEY,
    randoms: [new Uint8Array(12), of('client')[0].slice(27, 59)] });
  client.connect(SERVER);
  for (const datagram of [hvr, hello, certificate]) client.receive(SERVER, datagram);
  const bad = exchange.slice();
  bad[bad.length - 1] ^= 1;
  t.is(client.receive(SERVER, bad), -(2 << 8 | 40));
  t.deepEqual(client.logs, ['wrong signature', 'error in check_server_key_exchange err: -552',
    'error 0x0228 handling handshake packet of type: server_key_exchange (12), state 10']);
});
