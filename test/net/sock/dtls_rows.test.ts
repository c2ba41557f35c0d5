// The behaviours of RIOT's DTLS sock, one row each, and the tests that have them: a row without its test fails here.
import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';

/** Row, and the beginning of the title of its test. Sections as in RIOT's headers: dtls.h, dtls/creds.h, async. */
const ROWS: readonly (readonly [row: string, title: string])[] = [
  ['create: role', 'create: a role that is not client or server gives -1'],
  ['create: version', 'create: version 0, 4, DTLS 1.0 and DTLS 1.3 give -1'],
  ['create: pool of contexts', 'create: the third context gives -1'],
  ['create: not checked', 'create: neither the tag nor the binding of the UDP sock is checked'],
  ['create: second create', 'create: a second create on an open sock leaks its context'],
  ['create: EMPTY', 'create: CREDMAN_TAG_EMPTY gives an empty list of tags'],
  ['create: NULL', 'create: NULL for the sock or the UDP sock fails the assertion'],
  ['role not enforced', 'the role is not enforced'],
  ['hint: 33 characters', 'set_server_psk_id_hint: 33 characters give -1'],
  ['hint: 32 characters', 'set_server_psk_id_hint: 32 characters are stored, with a diagnostic'],
  ['hint: NULL', 'set_server_psk_id_hint: NULL is a diagnostic and -1'],
  ['hint: empty', 'set_server_psk_id_hint: an empty hint removes it'],
  ['add_credential', 'add_credential: the fifth tag gives -1'],
  ['remove_credential', 'remove_credential: an absent tag gives -1'],
  ['get_credentials', 'get_credentials: gives the count and the list of the sock itself'],
  ['callbacks', 'the callbacks are stored and can be taken back'],
  ['session_init: unbound', 'session_init: an unbound UDP sock gives -EADDRNOTAVAIL'],
  ['session_init: port 0, family', 'session_init: port 0 gives -EINVAL'],
  ['session_init: no peer slot', 'session_init: no free peer gives -ENOMEM'],
  ['session_init: no handshake slot', 'session_init: no free handshake gives -ENOMEM'],
  ['session_init: 1', 'session_init: sends exactly one ClientHello and returns 1 at once'],
  ['session_init: session exists', 'session_init: a session that exists is a diagnostic'],
  ['session_destroy: none', 'session_destroy: without such a session nothing happens'],
  ['session_destroy: handshake', 'session_destroy: of a handshake under way'],
  ['session_destroy: connected', 'session_destroy: of a connected session'],
  ['session_destroy: reconnect', 'session_destroy: reconnecting afterwards works'],
  ['session_destroy: full queue', 'session_destroy: with a full queue of messages'],
  ['session_create', 'session_create (deprecated)'],
  ['session_set/get_udp_ep', 'session_set_udp_ep and get_udp_ep: the interface is kept'],
  ['session_set_udp_ep: family', 'session_set_udp_ep: another family fails the assertion'],
  ['close: create again', 'close: create may be called again on the same sock'],
  ['close: use afterwards', 'close: any use of the sock afterwards is a diagnostic'],
  ['close: peers', 'close: sends a close_notify to every peer'],
  ['no server', 'no server there: recv gives -ETIMEDOUT'],
  ['wrong key', 'wrong key: the server drops the Finished'],
  ['unknown identity', 'unknown identity: a fatal internal_error frees both peers'],
  ['no credential', 'client without a credential: a fatal internal_error'],
  ['key of 17 bytes', 'a key of 17 bytes'],
  ['peers full at the server', 'a client for whom the server has no peer left'],
  ['client restarts', 'a client that restarts replaces its peer'],
  ['PSK: callback', 'client: the tag of the callback comes first'],
  ['PSK: hint', 'client: the credential whose hint equals the server'],
  ['PSK: no hint', 'client: without a hint of the server the first credential with an empty hint wins'],
  ['PSK: key by identity', 'the key is found by its identity'],
  ['RPK: key that is not known', 'ecc: a server key that the client does not know is a bad certificate'],
  ['RPK: callback', 'ecc: a client echoes with the server'],
  ['send: no peer, 0', 'send: no peer and timeout 0 gives -ENOTCONN'],
  ['send: no peer, connect fails', 'send: no peer, and no handshake can be started, gives -ENOMEM'],
  ['send: no peer, finite', 'send: no peer and a finite timeout gives -ETIMEDOUT after all of it'],
  ['send: no peer, finite, connected meanwhile', 'send: no peer and a finite timeout gives -ETIMEDOUT even when'],
  ['send: no peer, no timeout', 'send: no peer and SOCK_NO_TIMEOUT blocks for ever'],
  ['send: peer vanished', 'send: a peer that vanished during the wait is a diagnostic'],
  ['send: handshake', 'send: a peer whose handshake is not finished gives 0'],
  ['send: length 0', 'send: connected, length 0 gives 0'],
  ['send: 1..171', 'send: connected, 1 to 171 bytes give the length'],
  ['send: 172..179', 'send: connected, 172 to 179 bytes overrun'],
  ['send: 180', 'send: connected, 180 bytes and more give -592'],
  ['send: error of UDP', 'send: connected, an error of the UDP sock is handed on'],
  ['recv: unbound', 'recv: an unbound UDP sock gives -EADDRNOTAVAIL'],
  ['recv: -EAGAIN and -ETIMEDOUT', 'recv: timeout 0 and no datagram gives -EAGAIN'],
  ['recv: timeout 0 after work', 'recv: polling data with timeout 0 gives -ETIMEDOUT first'],
  ['recv: six calls', 'recv: polling a handshake with timeout 0 takes six calls'],
  ['recv: handshake', 'recv: a finished handshake gives -SOCK_DTLS_HANDSHAKE once'],
  ['recv: datagram too long', 'recv: a datagram longer than maxlen gives -ENOBUFS'],
  ['recv: data too long', 'recv: decrypted data longer than maxlen gives -ENOBUFS'],
  ['recv: empty', 'recv: an empty record gives 0'],
  ['recv: another host', 'recv: a datagram from another end point on a connected UDP sock gives -EPROTO'],
  ['recv: foreign message', 'recv: a foreign message in the mailbox of the UDP sock gives -EINVAL'],
  ['recv: close_notify', 'recv: a close_notify of the peer is not told'],
  ['recv: garbage, replay', 'recv: garbage, a forged record and a replayed one tell nothing'],
  ['recv: buffer of the call before', 'recv: data that waits lies in the buffer of the call before'],
  ['recv: second record', 'recv: of two records in a datagram the second is dropped'],
  ['recv: connected again', 'recv: a handshake record after the handshake makes CONNECTED be told again'],
  ['recv: fifth CONNECTED', 'recv: a fifth CONNECTED that no one has read blocks the thread for ever'],
  ['recv: sender of any datagram', 'recv: the session names whoever sent the last datagram'],
  ['recv_buf', 'recv_buf'],
  ['async', 'handshake, data, echo and close are told by callbacks with '],
  ['establish_session', 'establish_session: gives 0 and a session that sends'],
];

const folder = new URL('./', import.meta.url);
const FILES = [
  ...readdirSync(folder).filter((name) => /^dtls.*\.test\.ts$/.test(name) && name !== 'dtls_rows.test.ts'),
  '../../apps/dtls_sock.test.ts', '../../apps/tinydtls_sock_async.test.ts',
];

test('each behaviour of the DTLS sock has its test', (t) => {
  // Titles as they stand in the sources, with quotes unescaped.
  const titles = FILES.flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8');
    return [...source.matchAll(/^ *test\(['`](.*)['`], /gm)].map(([, title]) => title.replaceAll('\\\'', '\''));
  });
  t.deepEqual(ROWS.filter(([, title]) => !titles.some((known) => known.startsWith(title))).map(([row]) => row), []);
});
