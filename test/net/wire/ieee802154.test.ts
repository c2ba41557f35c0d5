import test from 'ava';
import fc from 'fast-check';

import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitAck, emitIeee802154, fcsOf, fcsOk, formatIeee802154, IEEE802154_FCF_TYPE_ACK, IEEE802154_FCF_TYPE_BEACON,
  IEEE802154_FCF_TYPE_DATA, IEEE802154_FRAME_LEN_MAX, IEEE802154_PAYLOAD_MAX, ieee802154Length, NO_ADDRESS,
  parseIeee802154, putFcs, type Ieee802154Repr,
} from '../../../net/wire/ieee802154.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u8 } from './common.ts';

/** Header of a DTLS record of node B in the capture d-psk, without payload and FCS. */
const UNICAST = fromHex('61dc 4b 2300 0a00000000000002 0b00000000000002');
/** Header of a router solicitation of node A in the capture a-boot-psk. */
const BROADCAST = fromHex('41d8 ab 2300 ffff 0a00000000000002');

function parsed(bytes: Uint8Array): Ieee802154Repr {
  const repr = parseIeee802154(bytes);
  if (typeof repr === 'string') throw new TypeError(repr);
  return repr;
}

function emit(t: import('ava').ExecutionContext, repr: Ieee802154Repr): Uint8Array {
  return emitted(t, ieee802154Length(repr), (out, offset) => emitIeee802154(repr, out, offset));
}

test('RIOT\'s unicast header: dc61, PAN compressed, long addresses turned to printed order', (t) => {
  // literal bytes of a real node; every field is compared
  const repr = parsed(UNICAST);
  t.deepEqual(repr, {
    frameType: IEEE802154_FCF_TYPE_DATA, version: 1, framePending: false, ackRequest: true, seq: 0x4b, dstPan: 0x23,
    dst: fromHex('020000000000000a'), srcPan: 0x23, src: fromHex('020000000000000b'), headerLength: 21,
  });
  t.is(hex(emit(t, repr)), hex(UNICAST));
  t.is(hex(emit(t, { ...repr, framePending: true })).slice(0, 4), '71dc', 'dc71 on all fragments but the last');
  t.is(formatIeee802154(repr), 'data seq=75 pan=0023 020000000000000b > 020000000000000a ackreq');
});

test('RIOT\'s broadcast header: d841 to ffff, and never an ACK request', (t) => {
  // literal bytes of a real node; RIOT's ieee802154_set_frame_hdr clears the flag whatever the caller asks for
  const repr = parsed(BROADCAST);
  t.is(repr.headerLength, 15);
  t.false(repr.ackRequest);
  t.is(hex(emit(t, repr)), hex(BROADCAST));
  t.is(hex(emit(t, { ...repr, ackRequest: true })), hex(BROADCAST));
  t.is(formatIeee802154(repr), 'data seq=171 pan=0023 020000000000000a > ffff');
});

test('an immediate ACK is 0002, sequence number, FCS', (t) => {
  // an ACK of the capture d-psk, FCS included
  const ack = fromHex('0200 4b');
  const psdu = new Uint8Array(5);
  t.is(putFcs(psdu, 0, emitAck(0x4b, false, psdu, 0)), 5);
  t.is(hex(psdu.subarray(0, 3)), hex(ack));
  t.true(fcsOk(psdu));
  const repr = parsed(ack);
  t.is(repr.frameType, IEEE802154_FCF_TYPE_ACK);
  t.is(repr.seq, 0x4b);
  t.is(repr.headerLength, 3);
  t.is(hex(emit(t, repr)), hex(ack));
  emitAck(7, true, psdu, 0);
  t.is(hex(psdu.subarray(0, 3)), '120007');
  t.is(formatIeee802154(repr), 'ack seq=75');
});

test('an ACK has three bytes of header, whatever its addressing modes say', (t) => {
  // RIOT reads no more of an ACK; a spoofed one with long addresses must not be read past its end
  const repr = parsed(fromHex('42dc 07'));
  t.is(repr.headerLength, 3);
  t.is(repr.dst.length + repr.src.length, 0);
});

test('the header lengths of all pairs of addressing modes', (t) => {
  // IEEE 802.15.4-2006 §7.2.1: 3, and 2 + address for each, less 2 if the PAN ID is compressed; written out by hand
  const lengths: [number, number, number, number][] = [
    // dst, src, separate PANs, equal PANs
    [0, 2, 7, 7], [0, 8, 13, 13], [2, 0, 7, 7], [8, 0, 13, 13], [2, 2, 11, 9], [2, 8, 17, 15], [8, 2, 17, 15],
    [8, 8, 23, 21],
  ];
  for (const [dst, src, separate, equal] of lengths) {
    const repr: Ieee802154Repr = {
      frameType: IEEE802154_FCF_TYPE_DATA, version: 0, framePending: false, ackRequest: false, seq: 1,
      dst: new Uint8Array(dst), dstPan: dst > 0 ? 1 : 0, src: new Uint8Array(src), srcPan: src > 0 ? 2 : 0,
      headerLength: 0,
    };
    t.is(ieee802154Length(repr), separate);
    t.is(ieee802154Length({ ...repr, srcPan: repr.dstPan }), equal);
    refusesEveryPrefix(t, emit(t, repr), parseIeee802154);
  }
  t.is(IEEE802154_PAYLOAD_MAX, 102);
});

test('frames that RIOT refuses are refused, each for its reason', (t) => {
  // one frame for each rule; all are long enough for any header
  const tail = '0000'.repeat(12);
  const cases: [string, string][] = [
    ['04dc', 'reserved-frame-type'], ['05dc', 'reserved-frame-type'], ['06dc', 'reserved-frame-type'],
    ['07dc', 'reserved-frame-type'], ['61ec', 'unsupported-frame-version'], ['61fc', 'unsupported-frame-version'],
    ['69dc', 'security-unsupported'], ['61d4', 'reserved-address-mode'], ['615c', 'reserved-address-mode'],
    ['41c0', 'pan-compression-without-both-addresses'], ['410c', 'pan-compression-without-both-addresses'],
    ['0100', 'no-addresses'], ['0300', 'no-addresses'], ['0000', 'no-addresses'],
    ['00dc', 'beacon-with-destination'], ['40c0', 'pan-compression-without-both-addresses'],
  ];
  for (const [fcf, reason] of cases) t.is(parseIeee802154(fromHex(`${fcf}01${tail}`)), reason as never, fcf);
});

test('a frame without source address is told as such', (t) => {
  // CVE-2023-24818: the layer above has to see that there is none
  const repr = parsed(fromHex('010c 01 2300 0a00000000000002 7b3b'));
  t.is(repr.src.length, 0);
  t.is(repr.srcPan, 0);
  t.is(repr.headerLength, 13);
});

test('a beacon has a source only', (t) => {
  // RIOT reads no destination from a beacon
  const repr = parsed(fromHex('00c0 05 2300 0a00000000000002 ff'));
  t.is(repr.frameType, IEEE802154_FCF_TYPE_BEACON);
  t.is(hex(repr.src), '020000000000000a');
  t.is(repr.srcPan, 0x23);
  t.is(repr.headerLength, 13);
});

test('the longest frame is 125 bytes and its FCS', (t) => {
  // aMaxPHYPacketSize is 127
  const frame = new Uint8Array(IEEE802154_FRAME_LEN_MAX - 1);
  frame.set(UNICAST);
  t.is(parseIeee802154(frame), 'too-long');
  t.is(parsed(frame.subarray(0, IEEE802154_FRAME_LEN_MAX - 2)).headerLength, 21);
});

test('every strict prefix of a header is refused', (t) => {
  // a prefix that holds a whole shorter header cannot be told from it, so only headers are tried
  refusesEveryPrefix(t, UNICAST, parseIeee802154);
  refusesEveryPrefix(t, BROADCAST, parseIeee802154);
  refusesEveryPrefix(t, fromHex('0200 4b'), parseIeee802154);
});

test('a header that was written parses to the same values', (t) => {
  // all types with all addressing modes; PANs equal in half of the cases
  const addr = fc.oneof(fc.constant(NO_ADDRESS), bytesOf(2), bytesOf(8));
  const arbitrary = fc.record({
    frameType: fc.constantFrom(0, 1, 2, 3), version: fc.nat(1), framePending: fc.boolean(), ackRequest: fc.boolean(),
    seq: u8, dstPan: u16, dst: addr, srcPan: u16, src: addr, samePan: fc.boolean(),
  });
  fc.assert(fc.property(arbitrary, ({ samePan, ...fields }) => {
    const repr = { ...fields, headerLength: 0 };
    if (repr.frameType === 2) repr.dst = repr.src = NO_ADDRESS;
    if (repr.frameType === 0) repr.dst = NO_ADDRESS;
    if (repr.frameType !== 2) fc.pre(repr.dst.length + repr.src.length > 0);
    fc.pre(hex(repr.dst) !== 'ffff');
    if (repr.dst.length === 0) repr.dstPan = 0;
    if (samePan && repr.dst.length > 0) repr.srcPan = repr.dstPan;
    if (repr.src.length === 0) repr.srcPan = 0;
    const out = new Uint8Array(30);
    repr.headerLength = emitIeee802154(repr, out, 0);
    t.deepEqual(parseIeee802154(out.subarray(0, repr.headerLength)), repr);
    return ieee802154Length(repr) === repr.headerLength;
  }), RUNS);
});

test('arbitrary bytes give a header within them, or a reason', (t) => {
  // the header must not be longer than the frame; addresses must be those of the frame
  neverThrows(t, parseIeee802154);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
    if (bytes.length > 1) bytes[0]! &= 0x73;
    if (bytes.length > 1) bytes[1]! &= 0xdf;
    const repr = parseIeee802154(bytes);
    return typeof repr === 'string' || repr.headerLength <= bytes.length;
  }), RUNS);
});

test('the FCS is CRC-16 of ITU-T, least significant bit first', (t) => {
  // check values of CRC-16/KERMIT, as in RIOT's tests-checksum
  const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
  t.is(fcsOf(ascii('123456789')), 0x2189);
  t.is(fcsOf(ascii('A')), 0x538d);
  t.is(fcsOf(ascii('A'.repeat(256))), 0xe7e2);
  t.is(fcsOf(new Uint8Array(0)), 0);
  t.is(fcsOf(ascii('xx123456789y'), 2, 11), 0x2189);
});

test('the FCS of any bytes is that of the definition, bit by bit', (t) => {
  // the definition divides one bit at a time; every start and length, so that each remainder of 4 occurs
  const byDefinition = (bytes: Uint8Array): number => {
    let crc = 0;
    for (let i = 0; i < bytes.length * 8; i++) {
      const feedback = (crc ^ (bytes[i >> 3]! >> (i & 7))) & 1;
      crc = (crc >> 1) ^ (feedback * 0x8408);
    }
    return crc;
  };
  t.notThrows(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 127 }), fc.nat(5), (bytes, start) =>
    fcsOf(bytes, start, bytes.length) === byDefinition(bytes.subarray(start))), RUNS));
});

test('an FCS fails after any error of up to three bits', (t) => {
  // the polynomial has distance 4 at these lengths; frames of fewer than 2 bytes have no FCS at all
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 125 }), fc.array(fc.nat(1015), {
    minLength: 1, maxLength: 3,
  }), (mpdu, errors) => {
    const psdu = new Uint8Array(mpdu.length + 2);
    psdu.set(mpdu);
    putFcs(psdu, 0, mpdu.length);
    if (!fcsOk(psdu)) return false;
    const bits = new Set(errors.map((bit) => bit % (psdu.length * 8)));
    for (const bit of bits) psdu[bit >> 3]! ^= 1 << (bit & 7);
    return !fcsOk(psdu);
  }), RUNS);
  t.false(fcsOk(new Uint8Array(1)));
  t.false(fcsOk(new Uint8Array(0)));
});
