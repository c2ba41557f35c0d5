import test from 'ava';
import fc from 'fast-check';
import { Dissector } from '../../../emulator/trace/dissect.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { readCapture } from '../../vectors/pcap.ts';

function summaries(name: string): string[] {
  const dissector = new Dissector();
  return readCapture(name).map(({ psdu }) => dissector.dissect(psdu)).filter(({ kind }) => kind !== 'ack')
    .map(({ summary }) => summary);
}

test('every frame of a captured PSK handshake is named by its topmost layer', (t) => {
  // The list is that of the handshake as its independent decoder shows it in d-psk.frames.txt.
  t.deepEqual(summaries('d-psk').slice(4, 21), [
    'DTLS ClientHello msg0 seq0 ep0',
    'DTLS HelloVerifyRequest msg0 seq0 ep0',
    'DTLS ClientHello msg1 seq1 ep0',
    'DTLS ServerHello msg1 seq1 ep0',
    'DTLS ServerKeyExchange msg2 seq2 ep0',
    'DTLS ServerHelloDone msg3 seq3 ep0',
    'DTLS ClientKeyExchange msg2 seq2 ep0',
    'DTLS ChangeCipherSpec seq3 ep0',
    'DTLS Finished (encrypted, 40) seq0 ep1',
    'DTLS ChangeCipherSpec seq4 ep0',
    'DTLS Finished (encrypted, 40) seq0 ep1',
    'DTLS ApplicationData 21 seq1 ep1',
    'DTLS ApplicationData 21 seq1 ep1',
    'DTLS Alert (encrypted) seq2 ep1',
    'DTLS Alert (encrypted) seq2 ep1',
    'DTLS ClientHello msg0 seq0 ep0',
    'DTLS HelloVerifyRequest msg0 seq0 ep0',
  ]);
});

test('a later fragment says what its first one began', (t) => {
  // A fragment after the first has no header of the datagram: only memory of the first can name it.
  t.deepEqual(summaries('e-ecc_noverify').slice(4, 6), [
    'DTLS ClientHello msg0 seq0 ep0, part 0..136/159',
    'DTLS ClientHello, part 136..159/159',
  ]);
});

test('a router solicitation and a UDP datagram are named', (t) => {
  // Each from a capture of real nodes.
  t.is(summaries('a-boot-psk')[0], 'RS');
  t.true(summaries('c-udp').some((line) => /^UDP \d+ > \d+, \d+ B$/.test(line)));
});

test('layers go from the MAC header up', (t) => {
  // One line a layer: what a detail view shows.
  const frame = readCapture('d-psk').find(({ psdu }) => psdu.length === 109)!.psdu;
  t.deepEqual(new Dissector().dissect(frame).layers, [
    'data seq=98 pan=0023 020000000000000b > 020000000000000a ackreq',
    'fe80::b > fe80::a nh=17 hl=64 len=85',
    'UDP 12345 > 20220, 77 B',
    'DTLS ClientHello msg0 seq0 ep0',
  ]);
});

test('a frame that is cut or garbage gets a summary and nothing is thrown', (t) => {
  // Frames come from fault rules and from outside, so any bytes may arrive here.
  t.is(new Dissector().dissect(fromHex('61dc')).summary, 'malformed frame: truncated');
  const dissector = new Dissector();
  for (const { psdu } of readCapture('e-ecc_noverify')) {
    for (let end = 0; end <= psdu.length; end++) t.truthy(dissector.dissect(psdu.subarray(0, end)).summary);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 127 }), (bytes) => {
    return dissector.dissect(bytes).summary.length > 0;
  }), { seed: 42 });
});
