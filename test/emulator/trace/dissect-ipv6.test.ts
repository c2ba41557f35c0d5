import test from 'ava';
import fc from 'fast-check';
import { Dissector } from '../../../emulator/trace/dissect.ts';
import { LearnedContexts, describeIpv6 } from '../../../emulator/trace/dissect-ipv6.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { cut, icmpv6Packet, iphc, pattern, udpPacket } from '../../net/gnrc/traffic.ts';
import { ATTACKER, TARGET, frameOf, packets, withFcs, withHeaders } from '../../net/fuzz/corpus.ts';
import { contextTable } from '../../net/wire/contexts.ts';

const addr = (text: string): Uint8Array => ipv6_addr_from_str(text)!;
const A = addr('fe80::a');
const B = addr('fe80::b');
const PREFIX = [...addr('2001:db8::')];
const SLLAO = [1, 2, 2, 0, 0, 0, 0, 0, 0, 0x0b, 0, 0, 0, 0, 0, 0];

/** The line of an ICMPv6 message from fe80::b to fe80::a. */
function message(...bytes: readonly number[]): string {
  return describeIpv6(icmpv6Packet(B, A, Uint8Array.from(bytes)), [], null);
}

test('neighbour discovery reads as who asks for what, and how it was answered', (t) => {
  // Bytes as RFC 4861 §4 and RFC 6775 §4 lay them out.
  const aro = (status: number, lifetime: number) => [33, 2, status, 0, 0, 0, 0, lifetime, 2, 0, 0, 0, 0, 0, 0, 0x0b];
  const target = [...addr('fd00::b')];
  t.is(message(133, 0, 0, 0, 0, 0, 0, 0, ...SLLAO), 'RS');
  t.is(message(135, 0, 0, 0, 0, 0, 0, 0, ...target), 'NS fd00::b');
  t.is(message(135, 0, 0, 0, 0, 0, 0, 0, ...target, ...SLLAO, ...aro(0, 15)), 'NS fd00::b ARO 15 min');
  t.is(message(135, 0, 0, 0, 0, 0, 0, 0, ...target, ...SLLAO, ...aro(0, 0)), 'NS fd00::b ARO deregister');
  t.is(message(136, 0, 0, 0, 0x40, 0, 0, 0, ...target, ...aro(0, 15)), 'NA fd00::b ARO success 15 min');
  t.is(message(136, 0, 0, 0, 0x40, 0, 0, 0, ...target, ...aro(1, 15)), 'NA fd00::b ARO duplicate 15 min');
  t.is(message(136, 0, 0, 0, 0x40, 0, 0, 0, ...target, ...aro(2, 15)), 'NA fd00::b ARO cache full 15 min');
  t.is(message(136, 0, 0, 0, 0x40, 0, 0, 0, ...target, ...aro(9, 15)), 'NA fd00::b ARO status 9 15 min');
  t.is(message(136, 0, 0, 0, 0xe0, 0, 0, 0, ...target), 'NA fd00::b RSO');
  t.is(message(136, 0, 0, 0, 0, 0, 0, 0, ...target), 'NA fd00::b');
  t.is(message(135, 0, 0, 0, 0, 0, 0, 0, ...target, 1, 0, 0, 0, 0, 0, 0, 0),
    'NS fd00::b, malformed: option-length-zero');
  const dad = icmpv6Packet(addr('::'), addr('ff02::1:ff00:b'), Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0, ...target));
  t.is(describeIpv6(dad, [], null), 'NS fd00::b DAD');
  t.is(message(157, 0, 0, 0, 0, 0, 0, 15, ...Array<number>(8).fill(2), ...target), 'DAR fd00::b 15 min');
  t.is(message(158, 0, 0, 0, 1, 0, 0, 15, ...Array<number>(8).fill(2), ...target), 'DAC fd00::b duplicate 15 min');
});

test('a router advertisement says in its line what it offers, and each option in a line of its own', (t) => {
  // The line has to fit into a ladder; the details are for views with room.
  const layers: string[] = [];
  const ra = icmpv6Packet(B, A, Uint8Array.of(134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, ...SLLAO,
    5, 1, 0, 0, 0, 0, 5, 0,
    3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, ...PREFIX,
    34, 2, 64, 0x13, 0, 0, 0, 60, ...PREFIX.slice(0, 8),
    35, 3, 0, 7, 0, 0, 0, 60, ...addr('2001:db8::1'),
    24, 3, 48, 0, 0, 0, 0, 90, ...addr('2001:db8:1::'),
    25, 3, 0, 0, 0, 1, 0x51, 0x80, ...addr('2001:db8::53')));
  t.is(describeIpv6(ra, layers, null), 'RA 30 min 2001:db8::/64 6CO 3 ABRO route 2001:db8:1::/48 RDNSS');
  t.deepEqual(layers.slice(2), [
    'source link address 02:00:00:00:00:00:00:0b',
    'MTU 1280',
    'prefix 2001:db8::/64 LA, valid 1 h, preferred for ever',
    'context 3 2001:db8::/64, 60 min',
    'border router 2001:db8::1 version 7, 60 min',
    'route 2001:db8:1::/48, 90 s',
    'name servers 2001:db8::53, 1 d',
  ]);
  t.is(message(134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 'RA no default router');
});

test('echo and errors say which, and an error what it is about', (t) => {
  // The quoted packet is cut after 8 bytes of UDP: its length is the one that the header tells.
  const udp = [...udpPacket(A, B, 1000, 8888, pattern(20)).subarray(0, 48)];
  t.is(message(128, 0, 0, 0, 0, 83, 0, 2, 1, 2, 3, 4), 'ICMPv6 echo request id 83 seq 2, 4 B');
  t.is(message(129, 0, 0, 0, 0, 83, 0, 2), 'ICMPv6 echo reply id 83 seq 2, 0 B');
  t.is(message(1, 4, 0, 0, 0, 0, 0, 0, ...udp), 'ICMPv6 port unreachable: UDP 1000 > 8888, 20 B');
  t.is(message(1, 0, 0, 0, 0, 0, 0, 0, ...udp), 'ICMPv6 no route: UDP 1000 > 8888, 20 B');
  t.is(message(1, 99, 0, 0, 0, 0, 0, 0), 'ICMPv6 unreachable code 99');
  t.is(message(2, 0, 0, 0, 0, 0, 5, 0, ...udp), 'ICMPv6 packet too big, MTU 1280: UDP 1000 > 8888, 20 B');
  t.is(message(3, 0, 0, 0, 0, 0, 0, 0, ...udp), 'ICMPv6 hop limit exceeded: UDP 1000 > 8888, 20 B');
  t.is(message(3, 1, 0, 0, 0, 0, 0, 0, ...udp.slice(0, 30)),
    'ICMPv6 reassembly time exceeded: malformed IPv6: truncated');
  t.is(message(4, 1, 0, 0, 0, 0, 0, 6, ...udp), 'ICMPv6 parameter problem, next header at 6: UDP 1000 > 8888, 20 B');
  t.is(message(4, 2, 0, 0, 0, 0, 0, 42), 'ICMPv6 parameter problem, option at 42');
  t.is(message(155, 1, 0, 0, 0, 0, 0, 0), 'RPL DIO');
  t.is(message(200, 0, 0, 0), 'ICMPv6 type=200');
  t.is(message(1, 2), 'malformed ICMPv6: truncated');
});

test('extension headers stand behind the line of what they carry, and each in a layer of its own', (t) => {
  // A RPL option, a source route with one segment left, and options that nobody knows.
  const udp = udpPacket(B, A, 1000, 12345, pattern(20));
  const layers: string[] = [];
  const packet = withHeaders(udp, 0, [43, 0, 0x63, 4, 0, 0, 1, 0], [60, 2, 3, 1, 0, 0, 0, 0, ...A],
    [0, 0, 0x8b, 0, 5, 2, 0, 0]);
  t.is(describeIpv6(packet, layers, null), 'UDP 1000 > 12345, 20 B [HbH RH3 DstOpt]');
  t.deepEqual(layers.slice(1), [
    'hop-by-hop options: RPL', 'routing header type 3, 1 left', 'destination options: 0x8b, router alert',
    'UDP 1000 > 12345, 20 B',
  ]);
  const fragment = (field: number) => withHeaders(udp, 44, [0, 0, field >> 8, field & 0xff, 0, 0, 0, 9]);
  t.is(describeIpv6(fragment(1), [], null), 'UDP 1000 > 12345, 20 B [Frag 0..28]');
  t.is(describeIpv6(fragment(1232), [], null), 'IPv6 fragment 1232..1260 end id 9');
  t.is(describeIpv6(withHeaders(udp, 0, [0, 9, 1, 4, 0, 0, 0, 0]), [], null),
    'malformed hop-by-hop options: extension-past-end');
  const nothing = udp.slice(0, 40);
  nothing[6] = 59;
  t.is(describeIpv6(nothing, [], null), 'no next header, 0 B');
  const nested = Uint8Array.of(...udp.subarray(0, 6), 41, 64, ...udp.subarray(8, 40), ...udp);
  t.is(describeIpv6(nested, [], null), 'IPv6 in IPv6: UDP 1000 > 12345, 20 B');
});

test('a context that a router has advertised opens addresses that are compressed with it', (t) => {
  // Before the advertisement nobody can know them.
  const contexts = contextTable([['2001:db8::', 64]]);
  const udp = udpPacket(addr('2001:db8::b'), addr('2001:db8::a'), 1000, 12345, pattern(4));
  const psdu = (payload: Uint8Array) => fromHex(withFcs(frameOf(payload, 1)));
  const compressed = psdu(iphc(udp, ATTACKER, TARGET, contexts));
  const ra = icmpv6Packet(B, A, Uint8Array.of(134, 0, 0, 0, 64, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0,
    34, 2, 64, 0x10, 0, 0, 0, 60, ...PREFIX.slice(0, 8)));
  const dissector = new Dissector();
  t.is(dissector.dissect(compressed).summary, 'malformed IPHC: iphc-unknown-context');
  t.is(dissector.dissect(psdu(iphc(ra, ATTACKER, TARGET))).summary, 'RA 1 min 6CO 0');
  t.deepEqual(dissector.dissect(compressed).layers.slice(1),
    ['2001:db8::b > 2001:db8::a nh=17 hl=64 len=12', 'UDP 1000 > 12345, 4 B']);
});

test('fragments of a datagram that is not compressed are named by the first one', (t) => {
  // RIOT sends such a first fragment when compression is off.
  const dissector = new Dissector();
  const packet = udpPacket(B, A, 1000, 12345, pattern(120));
  const lines = cut(packet, 7, 96).map((payload) => dissector.dissect(fromHex(withFcs(frameOf(payload, 1)))).summary);
  t.deepEqual(lines, ['UDP 1000 > 12345, 120 B, part 0..96/168', 'UDP 1000 > 12345, 120 B, part 96..168/168']);
});

test('packets of every kind have a line that is no complaint, and cut or changed ones throw nothing', (t) => {
  // The packets are those that the fuzzer starts from.
  const contexts = new LearnedContexts();
  for (const packet of packets()) {
    t.notRegex(describeIpv6(packet, [], contexts), /malformed|undefined|NaN|without end/);
    for (let end = 0; end < packet.length; end++) {
      t.true(describeIpv6(packet.subarray(0, end), [], contexts).length > 0);
    }
  }
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })));
  fc.assert(fc.property(fc.constantFrom(...packets()), changes, (packet, edits) => {
    const bytes = packet.slice();
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    return describeIpv6(bytes, [], contexts).length > 0;
  }), { seed: 42, numRuns: 2000 });
});
