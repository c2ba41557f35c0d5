// All codecs in one table: what each accepts, that it refuses every strict prefix of it, and writes the same bytes.
// A parser that is not in the table fails the last test.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { emitCoap, parseCoap } from '../../../net/wire/coap.ts';
import * as dtls from '../../../net/wire/dtls.ts';
import { emitEthernet, parseEthernet } from '../../../net/wire/ethernet.ts';
import { emitFrag, parseFrag } from '../../../net/wire/frag.ts';
import {
  emitIcmpv6, emitIcmpv6Echo, emitIcmpv6Error, parseIcmpv6, parseIcmpv6Echo, parseIcmpv6Error,
} from '../../../net/wire/icmpv6.ts';
import { emitIeee802154, parseIeee802154 } from '../../../net/wire/ieee802154.ts';
import { parseIphc } from '../../../net/wire/iphc.ts';
import {
  emitIpv6, emitIpv6Frag, parseIpv6, parseIpv6Ext, parseIpv6Frag, parseIpv6Option, parseIpv6Packet,
} from '../../../net/wire/ipv6.ts';
import { parseIpv6Rh, upperLayerOf } from '../../../net/wire/ipv6_ext.ts';
import { emitNdp, emitNdpOption, parseNdp, parseNdpOption, parseNdpOptions } from '../../../net/wire/ndp.ts';
import { emitNhcExt, emitNhcUdp, parseNhcExt, parseNhcUdp } from '../../../net/wire/nhc.ts';
import { decompress } from '../../../net/wire/sixlowpan.ts';
import { emitUdp, parseUdp, parseUdpHeader } from '../../../net/wire/udp.ts';
import { emitZep, parseZep } from '../../../net/wire/zep.ts';
import { ROOT } from '../../typescript.ts';
import { refusesEveryPrefix } from './common.ts';

interface Codec {
  readonly name: string;
  /** Valid messages, as hexadecimal digits; spaces do not count. */
  readonly messages: readonly string[];
  readonly parse: (bytes: Uint8Array) => unknown;
  /** Writes what was parsed; null for parsers without a counterpart. */
  readonly emit: ((repr: never, out: Uint8Array) => number) | null;
}

const LONG_A = fromHex('020000000000000a');
const LONG_B = fromHex('020000000000000b');
const A = 'fe80000000000000000000000000000a';
const B = 'fe80000000000000000000000000000b';
const GLOBAL = '20010db8000000000000000000000001';

/** A parser whose emitter writes at an offset, and returns the one behind. */
function codec<T>(
  name: string, messages: readonly string[], parse: (bytes: Uint8Array) => T | string,
  emit: ((repr: T, out: Uint8Array, offset: number) => number) | null,
): Codec {
  return { name, messages, parse, emit: emit === null ? null : (repr: never, out) => emit(repr as T, out, 0) };
}

/** A parser whose emitter makes an array. */
function made<T>(
  name: string, messages: readonly string[], parse: (bytes: Uint8Array) => T | string, emit: (repr: T) => Uint8Array,
): Codec {
  return codec(name, messages, parse, (repr, out) => {
    const bytes = emit(repr);
    out.set(bytes);
    return bytes.length;
  });
}

const RANDOM = '00112233445566778899aabbccddeeff'.repeat(2);
/** A handshake message: type, body; its number is 1. */
function handshake(type: string, body: string): string {
  const bare = body.replaceAll(' ', '');
  const length = (bare.length / 2).toString(16).padStart(6, '0');
  return `${type}${length}0001000000${length}${bare}`;
}

const CODECS: readonly Codec[] = [
  // What follows token or option is a message of its own: longer ones are in coap.test.ts.
  made('parseCoap', ['40007d34', '42017d340102'], parseCoap, emitCoap),
  codec('parseIeee802154', [
    '61dc 2a 2300 0a00000000000002 0b00000000000002', '41c8 2a 2300 ffff 0b00000000000002',
    '41d8 2a 2300 ffff 0b00000000000002',
    '0188 2a 2300 0a00 ffff 0b00', '0108 2a 2300 0a00', '0200 2a', '0080 2a 2300 0b00',
  ], parseIeee802154, emitIeee802154),
  codec('parseFrag', ['c0a8 0001 60', 'e0a8 0001 0c 60'], parseFrag, (repr, out, offset) => {
    const end = emitFrag(repr, out, offset);
    // A fragment without a payload is none.
    out[end] = 0x60;
    return end + 1;
  }),
  codec('parseIphc', [
    '7e33', '7a33 3a', `7800 3a 40 ${A} ${B}`, `6000 0001 2345 3a 40 ${A} ${B}`,
    '7b3b 3a 02', '7b39 3a 02 0000 0000 01',
  ], (bytes) => parseIphc(bytes, 0, LONG_B, LONG_A, null), null),
  codec('parseNhcUdp', ['f0 1388 4e20 abcd', 'f1 1388 22 abcd', 'f2 22 1388 abcd', 'f3 12 abcd'],
    (bytes) => parseNhcUdp(bytes, 0), emitNhcUdp),
  codec('parseNhcExt', ['e0 3a 06 0104 0000 0000', 'e1 06 0104 0000 0000', 'e4 11 06 0000 0000 0001',
    'e2 3a 06 0300 0000 0000', 'e6 3a 02 0100'], (bytes) => parseNhcExt(bytes, 0), emitNhcExt),
  codec('decompress', ['7e33 f0 1388 4e20 abcd', '7a33 3a', '7e33 e1 06 0104 0000 0000 f3 12 abcd'],
    (bytes) => decompress(bytes, LONG_B, LONG_A, null), null),

  codec('parseIpv6', [`6000 0000 0004 3a ff ${A} ${B}`, `6ff1 2345 0000 3b 01 ${GLOBAL} ${B}`], parseIpv6, emitIpv6),
  codec('parseIpv6Packet', [`6000 0000 0004 3a ff ${A} ${B} 85007d38`], parseIpv6Packet, null),
  codec('parseIpv6Ext', ['3a00 0104 0000 0000', '3a01 0104 0000 0000 0100 0000 0000 0000'],
    (bytes) => parseIpv6Ext(bytes, 0, 60), null),
  codec('parseIpv6Option', ['0104 0000 0000', '6304 0000 0100', '00'],
    (bytes) => parseIpv6Option(bytes, 0, bytes.length), null),
  codec('parseIpv6Frag', ['3a00 0000 0000 0001', '1100 04d1 8000 0001'], parseIpv6Frag, emitIpv6Frag),
  codec('parseIpv6Rh', ['3a00 0300 0000 0000', `1102 0301 0000 0000 ${GLOBAL}`], parseIpv6Rh, null),
  codec('upperLayerOf', [`6000 0000 0008 00 ff ${A} ${B} 3a00 0104 0000 0000`], upperLayerOf, null),

  codec('parseIcmpv6', ['8500 7d38', '0104 ffff'], parseIcmpv6, emitIcmpv6),
  codec('parseIcmpv6Echo', ['8000 abcd 0053 0001', '8100 abcd 0053 ffff'], parseIcmpv6Echo, emitIcmpv6Echo),
  codec('parseIcmpv6Error', [
    '0104 abcd 0000 0000', '0200 abcd 0000 0500', '0301 abcd 0000 0000', '0402 abcd 0000 002a',
  ], parseIcmpv6Error, emitIcmpv6Error),
  codec('parseNdp', [
    '8500 0000 0000 0000', '8600 0000 40c0 0708 0000 7530 0000 03e8', `8700 0000 0000 0000 ${A}`,
    `8800 0000 e000 0000 ${A}`,
  ], parseNdp, emitNdp),
  codec('parseNdpOption', [
    '0101 000b 0000 0000', '0102 020000000000000b 000000000000', '0202 020000000000000b 000000000000',
    `0304 40c0 0000 0e10 ffff ffff 0000 0000 ${GLOBAL.replace(/1$/, '0')}`, '0501 0000 0000 0500',
    `1803 4008 0000 0e10 ${GLOBAL.replace(/1$/, '0')}`, `1903 0000 0000 0e10 ${GLOBAL}`,
    '2102 0100 0000 000f 020000000000000b',
    '2202 4013 0000 003c 20010db800000000', `2203 8013 0000 003c ${GLOBAL}`, `2303 0001 0002 003c ${GLOBAL}`,
    '6302 112233445566778899aabbccddee',
  ], (bytes) => parseNdpOption(bytes, 0), emitNdpOption),
  codec('parseNdpOptions', ['0101 000b 0000 0000'],
    (bytes) => bytes.length === 0 ? 'nothing' : parseNdpOptions(bytes, 0), null),
  codec('parseUdpHeader', ['1388 4e20 0008 abcd'], parseUdpHeader, emitUdp),
  codec('parseUdp', ['1388 4e20 000c abcd 01020304'], parseUdp, null),

  codec('parseEthernet', ['333300000001 020000000001 86dd'], parseEthernet, emitEthernet),
  codec('parseZep', [
    '4558 02 01 1a 1234 01 ff e0000000 12345678 0000002a 00000000000000000000 00', '4558 02 02 0000002a',
    '4558 02 ff 1a 1234 01 ff e0000000 12345678 0000002a 48454c4c4f0000000000 00',
  ], parseZep, emitZep),

  codec('parseDtlsRecord', ['16 fefd 0000 000000000001 0000', '17 fefd 0001 ffffffffffff 0000'], dtls.parseDtlsRecord,
    dtls.emitDtlsRecord),
  codec('parseDtlsHandshake', ['01 000000 0001 000000 000000'], dtls.parseDtlsHandshake, null),
  made('parseDtlsMessage', [
    handshake('01', `fefd ${RANDOM} 00 00 0002 c0a8 0100`),
    handshake('01', `fefd ${RANDOM} 02 aabb 04 01020304 0004 c0a8c0a4 0100 0004 0017 0000`),
    handshake('02', `fefd ${RANDOM} 00 c0a8 00`), handshake('02', `fefd ${RANDOM} 00 c0a8 00 0005 ff01 0001 00`),
    handshake('03', 'fefd 04 01020304'), handshake('0c', '0004 68696e74'), handshake('0e', ''),
    handshake('10', '0002 6964'), handshake('14', '000102030405060708090a0b'),
  ], dtls.parseDtlsMessage, (repr) => dtls.emitDtlsMessage(repr, 1)),
  made('parseDtlsAlert', ['0228'], dtls.parseDtlsAlert, dtls.emitDtlsAlert),
];

/** The codec's valid messages as bytes. */
function bytesOf({ messages }: Codec): Uint8Array[] {
  return messages.map((text) => fromHex(text.replaceAll(' ', '')));
}

for (const codec of CODECS) {
  test(`${codec.name} accepts whole messages of every kind and refuses every strict prefix of them`, (t) => {
    // An over-read shows as an accepted prefix: bytes past the end would count as zeros.
    for (const message of bytesOf(codec)) refusesEveryPrefix(t, message, codec.parse);
  });

  const { emit } = codec;
  if (emit === null) continue;
  test(`${codec.name}: what was parsed is written back to the same bytes, and nothing behind them`, (t) => {
    // Literal bytes on one side: a parser and an emitter with the same mistake would agree with each other.
    for (const message of bytesOf(codec)) {
      const out = new Uint8Array(message.length + 4).fill(0xee);
      t.is(emit(codec.parse(message) as never, out), message.length, hex(message));
      t.is(hex(out), `${hex(message)}eeeeeeee`);
    }
  });
}

test('every parser of net/wire is in the table', (t) => {
  // By name, from the sources: a new codec has to come here.
  const folder = path.join(ROOT, 'net/wire');
  const found = readdirSync(folder).filter((name) => name.endsWith('.ts')).flatMap((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    return [...text.matchAll(/^export function (parse\w+)/gm)].map(([, parser]) => parser!);
  });
  t.true(found.length > 20);
  t.deepEqual(found.filter((parser) => !CODECS.some(({ name }) => name === parser)), []);
});
