import test from 'ava';
import fc from 'fast-check';

import { readCapture } from '../../vectors/pcap.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import {
  emitZep, formatZep, parseZep, UNIX_NTP_ERA_OFFSET, ZEP_V2_TYPE_ACK, ZEP_V2_TYPE_DATA, ZEP_V2_TYPE_HELLO, zepFraction,
  zepLength, type ZepRepr,
} from '../../../net/wire/zep.ts';
import { bytesOf, emitted, neverThrows, refusesEveryPrefix, RUNS, u16, u32, u8 } from './common.ts';

/** The ZEP datagram of the first frame of the capture a-boot-psk, up to the length field. */
const HEADER = fromHex(`45580201 1a 4260 01 ff eeae08fc 00c0302c 00000000 00000000000000000000 2d`);

test('the header that socket_zep writes', (t) => {
  // literal bytes of a real node, every field compared
  const datagram = readCapture('a-boot-psk')[0]!.datagram;
  t.is(hex(datagram.subarray(0, 32)), hex(HEADER));
  const repr = parseZep(datagram) as ZepRepr;
  t.deepEqual(repr, {
    type: ZEP_V2_TYPE_DATA, channel: 26, deviceId: 0x4260, lqiMode: 1, lqi: 255, ntpSeconds: 0xeeae08fc,
    ntpFraction: 0x00c0302c, sequence: 0, length: 45, headerLength: 32,
  });
  t.is(hex(emitted(t, zepLength(repr), (out, offset) => emitZep(repr, out, offset))), hex(HEADER));
  t.is(formatZep(repr), 'zep data ch=26 seq=0 len=45');
});

test('time stamps are those of the capturing host, in RIOT\'s own fraction', (t) => {
  // the node reads its clock, then sends: some microsecond shortly before the capture's time must give the fraction
  for (const name of ['a-boot-psk', 'd-psk'] as const) {
    for (const frame of readCapture(name)) {
      let found = false;
      for (let us = frame.time; us > frame.time - 5000 && !found; us--) {
        found = zepFraction(us % 1_000_000) === frame.zep.ntpFraction &&
          Math.floor(us / 1_000_000) + UNIX_NTP_ERA_OFFSET === frame.zep.ntpSeconds;
      }
      t.true(found, `${name} ${frame.time}`);
    }
  }
});

test('acknowledgements and hellos', (t) => {
  // the layouts of RIOT's net/zep.h and socket_zep
  t.like(parseZep(fromHex('45580202 01020304')), { type: ZEP_V2_TYPE_ACK, sequence: 0x01020304, headerLength: 8 });
  const hello: ZepRepr = {
    type: ZEP_V2_TYPE_HELLO, channel: 0, deviceId: 0, lqiMode: 0, lqi: 0, ntpSeconds: 0, ntpFraction: 0, sequence: 0,
    length: 8, headerLength: 32,
  };
  const header = emitted(t, zepLength(hello), (out, offset) => emitZep(hello, out, offset));
  t.is(hex(header), `455802ff${'00'.repeat(17)}48454c4c4f000000000008`);
  t.deepEqual(parseZep(fromHex(`${hex(header)}020000000000000a`)), hello);
  t.is(formatZep(hello), 'zep hello ch=0 seq=0 len=8');
});

test('what is not a ZEP version 2 datagram of exactly the told length is refused', (t) => {
  // one case for each rule; socket_zep refuses a datagram whose size differs from the length field too
  const whole = `${hex(HEADER)}${'00'.repeat(45)}`;
  const cases: [string, string][] = [
    [whole.replace('4558', '4557'), 'bad-preamble'], [whole.replace('455802', '455801'), 'unsupported-version'],
    [whole.replace('45580201', '45580203'), 'unknown-type'], [`${whole}00`, 'trailing-bytes'],
    ['455802020102030400', 'trailing-bytes'],
  ];
  for (const [bytes, reason] of cases) t.is(parseZep(fromHex(bytes)), reason as never);
  refusesEveryPrefix(t, fromHex(whole), parseZep);
  refusesEveryPrefix(t, fromHex('4558020201020304'), parseZep);
});

test('a header that was written parses to the same values', (t) => {
  // all field values of a data header
  const fields = fc.record({
    channel: u8, deviceId: u16, lqiMode: u8, lqi: u8, ntpSeconds: u32, ntpFraction: u32, sequence: u32,
    frame: u8.chain((length) => bytesOf(length)),
  });
  fc.assert(fc.property(fields, ({ frame, ...rest }) => {
    const repr: ZepRepr = { type: ZEP_V2_TYPE_DATA, ...rest, length: frame.length, headerLength: 32 };
    const datagram = new Uint8Array(32 + frame.length).fill(0xff);
    datagram.set(frame, emitZep(repr, datagram, 0));
    t.deepEqual(parseZep(datagram), repr);
  }), RUNS);
});

test('arbitrary bytes give a header or a reason', (t) => {
  // with a right preamble in half of the cases, so that the rest is reached
  neverThrows(t, parseZep);
  neverThrows(t, (bytes) => {
    bytes.set([0x45, 0x58, 2].slice(0, bytes.length));
    return parseZep(bytes);
  });
});
