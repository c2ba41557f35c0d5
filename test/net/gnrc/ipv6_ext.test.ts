// Extension headers: RIOT's tests gnrc_ipv6_ext and gnrc_ipv6_ext_opt written anew, every case, and what hostile
// headers come to in both profiles.
import test from 'ava';

import { GNRC_NETTYPE_IPV6 } from '../../../net/gnrc/nettype.ts';
import { ipv6_addr_all_nodes_link_local } from '../../../net/wire/addr.ts';
import { get32, hex } from '../../../net/wire/bytes.ts';
import type { NodeOptions, TestNode } from './network.ts';
import { concat, fragmentHeader, optionsHeader, packet, padding, subscribe, tapped, udp } from './ipv6_traffic.ts';
import { handIpv6, listen, pattern, STRANGER_IP } from './traffic.ts';

const HBH = 0;
const UDP = 17;
const RH = 43;
const FRAG = 44;
const ESP = 50;
const AH = 51;
const NONXT = 59;
const DST = 60;
const MOB = 135;
const PORT = 4444;

const EXT: NodeOptions = { modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext'] };
const OPT: NodeOptions = { modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_opt'] };
const RH_MODULE: NodeOptions = { modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_rh'] };
const RFC: NodeOptions = { modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_opt', 'gnrc_ipv6_ext_rh'], profile: 'rfc' };

/** A routing header that scapy makes by default: type 0, no segments left. */
function routing(next: number, type = 0, left = 0): Uint8Array {
  return Uint8Array.of(next, 0, type, left, 0, 0, 0, 0);
}

interface Chain {
  readonly first: number;
  readonly headers: readonly Uint8Array[];
}

/** The headers in their order: each is made with the number of the next. */
function chain(...makers: readonly [number, (next: number) => Uint8Array][]): Chain {
  const headers = makers.map(([, make], i) => make(makers[i + 1]?.[0] ?? UDP));
  return { first: makers[0]![0], headers };
}

const hbh = (next: number): Uint8Array => padding(next);
const frag = (next: number): Uint8Array => fragmentHeader(next, 0, false, 0);

/** The chains of RIOT's test: in the order that RFC 8200 §4.1 recommends, and in another. */
const MIXED1 = chain([HBH, hbh], [DST, hbh], [RH, routing], [FRAG, frag], [DST, hbh]);
const MIXED2 = chain([HBH, hbh], [RH, routing], [DST, hbh], [FRAG, frag]);

/** Hands a chain with a datagram behind it to the board; the datagram's bytes. */
function hand(node: TestNode, { first, headers }: Chain, dst = node.linkLocal): Uint8Array {
  const datagram = udp(dst, PORT, pattern(2));
  handIpv6(node, packet(STRANGER_IP, dst, first, concat(...headers, datagram)), undefined, 1000);
  return datagram;
}

/** What RIOT's pktdump would show: the sizes and bytes of the snips before the netif header. */
function dump(node: TestNode, protnum: number): () => string[][] {
  const got = subscribe(node, GNRC_NETTYPE_IPV6, protnum);
  return () => got.map((snips) => snips.slice(0, -1).map((snip) => hex(snip.data!)));
}

for (const [name, first, header] of [
  ['hop-by-hop options', HBH, padding(UDP)], ['a routing header', RH, routing(UDP)],
  ['a fragment header', FRAG, frag(UDP)], ['destination options', DST, padding(UDP)],
] as const) {
  test(`gnrc_ipv6_ext: empty ${name} without anyone registered leave the packet buffer empty`, (t) => {
    // RIOT's test looks at the packet buffer; the datagram is delivered too.
    const { node, baseline } = tapped(EXT);
    const received = listen(node, PORT);
    hand(node, { first, headers: [header] });
    t.deepEqual(received.map(({ payload }) => hex(payload)), [hex(pattern(2))]);
    t.is(node.pktbuf, baseline);
  });

  test(`gnrc_ipv6_ext: who registered for ${name} gets the packet with them as its payload`, (t) => {
    // As RIOT's test reads it from pktdump: the header and what follows in one snip, then the IPv6 header.
    const { node, baseline } = tapped(EXT);
    const dumped = dump(node, first);
    const datagram = hand(node, { first, headers: [header] });
    const [payload, ipv6] = dumped()[0]!;
    t.is(dumped().length, 1);
    t.is(payload, hex(concat(header, datagram)));
    t.is(ipv6!.slice(8, 14), `${(header.length + datagram.length).toString(16).padStart(4, '0')}` +
      first.toString(16).padStart(2, '0'));
    t.is(ipv6!.slice(48), hex(node.linkLocal));
    node.network.runFor(100_000);
    t.is(node.pktbuf, baseline);
  });
}

for (const options of [EXT, OPT]) {
  const name = options.modules!.at(-1)!;
  for (const [what, { first, headers }, at] of [
    ['twice', chain([HBH, hbh], [HBH, hbh]), 40],
    ['behind destination options', chain([DST, hbh], [HBH, hbh]), 40],
    ['twice, destination options in between', chain([HBH, hbh], [DST, hbh], [HBH, hbh]), 48],
  ] as const) {
    test(`${name}: hop-by-hop options ${what} are refused with Parameter Problem code 1 and where it is said`, (t) => {
      // RIOT's test asks for the pointer to lie behind the headers before: it points to the next-header field.
      const { node, sent, network, baseline } = tapped(options);
      hand(node, { first, headers });
      t.is(sent.length, 1);
      t.is(hex(sent[0]!.subarray(40, 42)), '0401');
      t.is(get32(sent[0]!, 44), at);
      network.runFor(100_000);
      t.is(node.pktbuf, baseline);
    });
  }
}

/** Each chain, who registers, and how many snips the packet has then. */
for (const [name, { first, headers }, protnum, places] of [
  ['in the recommended order', MIXED1, HBH, [0]], ['in the recommended order', MIXED1, RH, [2]],
  ['in the recommended order', MIXED1, FRAG, [3]], ['in the recommended order', MIXED1, DST, [1, 4]],
  ['in another order', MIXED2, HBH, [0]], ['in another order', MIXED2, RH, [1]],
  ['in another order', MIXED2, FRAG, [3]],
  ['in another order', MIXED2, DST, [2]],
] as const) {
  test(`gnrc_ipv6_ext: headers ${name}; who registered for ${protnum} gets what lies behind, then what was`, (t) => {
    // Each header that is done is a snip of its own behind the payload, the latest first; then the IPv6 header.
    const { node, baseline } = tapped(EXT);
    const dumped = dump(node, protnum);
    const datagram = hand(node, { first, headers });
    t.deepEqual(dumped().map((snips) => snips.slice(0, -1)), places.map((place) => [
      hex(concat(...headers.slice(place), datagram)), ...headers.slice(0, place).map((header) => hex(header)).reverse(),
    ]));
    node.network.runFor(100_000);
    t.is(node.pktbuf, baseline);
  });
}

test('gnrc_ipv6_ext_opt: a header that says it is longer than the packet is dropped', (t) => {
  // RIOT's cases with length 20: nothing is delivered, nothing stays, who registered gets nothing.
  const { node, baseline } = tapped(OPT);
  const dumped = [dump(node, HBH), dump(node, DST)];
  for (const first of [HBH, DST]) hand(node, { first, headers: [Uint8Array.of(UDP, 20, 1, 4, 0, 0, 0, 0)] });
  t.deepEqual(dumped.map((get) => get().length), [0, 0]);
  t.is(node.drops('ipv6 extension-past-end'), 2);
  t.is(node.pktbuf, baseline);
});

for (const first of [HBH, DST]) {
  const name = first === HBH ? 'hop-by-hop' : 'destination';

  test(`gnrc_ipv6_ext_opt: six Pad1 fill ${name} options; one Pad1 alone, or a PadN too long, does not`, (t) => {
    // RIOT's cases: in the second the datagram begins where options are read, in the third the option passes the end.
    const { node, baseline } = tapped(OPT);
    const received = listen(node, PORT);
    hand(node, { first, headers: [optionsHeader(UDP, 0, 0, 0, 0, 0, 0)] });
    t.is(received.length, 1);
    hand(node, { first, headers: [Uint8Array.of(UDP, 0, 0)] });
    hand(node, { first, headers: [Uint8Array.of(UDP, 0, 1, 7, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77)] });
    t.is(received.length, 1);
    t.is(node.pktbuf, baseline);
  });

  test(`gnrc_ipv6_ext_opt: RI-17, IP-03: an unknown ${name} option does what the top bits of its type say`, (t) => {
    // RIOT's cases with option types of experiments: skipped, discarded, discarded with error, the same but for groups.
    for (const [type, group, delivered, pointer] of [
      [0x1e, false, 1, 0], [0x5e, false, 0, 0], [0x9e, false, 0, 42], [0xde, false, 0, 42], [0x9e, true, 0, 42],
      [0xde, true, 0, 0],
    ] as const) {
      const { node, sent, network, baseline } = tapped(OPT);
      const received = listen(node, PORT);
      hand(node, { first, headers: [optionsHeader(UDP, type, 4, 0x11, 0x22, 0x33, 0x44)] },
        group ? ipv6_addr_all_nodes_link_local : node.linkLocal);
      t.is(received.length, delivered, `${type}`);
      t.is(sent.length, pointer === 0 ? 0 : 1, `${type} ${group}`);
      if (pointer !== 0) t.is(`${hex(sent[0]!.subarray(40, 42))} ${get32(sent[0]!, 44)}`, `0402 ${pointer}`);
      network.runFor(100_000);
      t.is(node.pktbuf, baseline);
    }
  });

  test(`gnrc_ipv6_ext_opt: an unknown ${name} option behind one that is skipped: the pointer is its place`, (t) => {
    // RIOT's cases discard_unknown_2 and _4: 40 + 2 + 8 bytes before it.
    for (const [type, count] of [[0x5e, 0], [0x9e, 1]] as const) {
      const { node, sent } = tapped(OPT);
      const received = listen(node, PORT);
      const options = [0x1e, 6, 1, 2, 3, 4, 5, 6, type, 4, 1, 2, 3, 4];
      hand(node, { first, headers: [optionsHeader(UDP, ...options)] });
      t.is(received.length, 0);
      t.deepEqual(sent.map((bytes) => get32(bytes, 44)), count === 0 ? [] : [50]);
    }
  });

  test(`RI-17: ${name} options that end in a type without length, or pass their end, are dropped`, (t) => {
    // RIOT d0c5a4a558: before, the byte behind the header was read as the length. All eight places of such an end.
    const { node, sent, baseline } = tapped(OPT);
    const received = listen(node, PORT);
    for (const type of [0x01, 0x1e, 0x5e, 0xc2]) {
      hand(node, { first, headers: [optionsHeader(UDP, 1, 3, 0, 0, 0, type)] });
      hand(node, { first, headers: [optionsHeader(UDP, 1, 0, type, 3, 0, 0)] });
    }
    t.is(received.length, 0);
    t.is(sent.length, 0);
    t.is(node.drops('ipv6 option-past-end'), 8);
    t.is(node.pktbuf, baseline);
  });
}

test('IP-03: without module gnrc_ipv6_ext extension headers are a drop, in profile rfc handled', (t) => {
  // Quirk ipv6-ext-not-built-in: nobody takes packets of type IPV6_EXT; RFC 8200 §4 has hosts handle them.
  for (const [profile, count] of [['riot', 0], ['rfc', 1]] as const) {
    const { node, baseline } = tapped({ profile });
    const received = listen(node, PORT);
    hand(node, chain([HBH, hbh], [DST, hbh], [RH, routing]));
    t.is(received.length, count);
    t.is(node.drops('ipv6 no-receiver'), 1 - count);
    t.is(node.pktbuf, baseline);
  }
});

test('IP-03: options are passed over without module gnrc_ipv6_ext_opt, in profile rfc their types decide', (t) => {
  // Quirk ipv6-ext-options-skipped: 0x9e asks for the packet to be discarded and for an error.
  for (const [profile, count] of [['riot', 1], ['rfc', 0]] as const) {
    const { node, sent } = tapped({ ...EXT, profile });
    const received = listen(node, PORT);
    hand(node, { first: DST, headers: [optionsHeader(UDP, 0x9e, 4, 1, 2, 3, 4)] });
    t.is(received.length, count);
    t.is(sent.length, 1 - count);
  }
});

test('IP-03: AH, ESP and mobility headers are passed over; in profile rfc Parameter Problem code 1', (t) => {
  // Quirk ipv6-ext-skips-unsupported: RIOT reads their second byte as a length in units of 8 bytes.
  for (const protnum of [AH, ESP, MOB]) {
    const { node } = tapped(EXT);
    const received = listen(node, PORT);
    hand(node, chain([protnum, hbh]));
    t.is(received.length, 1, `${protnum}`);
    const rfc = tapped(RFC);
    const none = listen(rfc.node, PORT);
    hand(rfc.node, chain([DST, hbh], [protnum, hbh]));
    t.is(none.length, 0);
    t.deepEqual(rfc.sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`), ['0401 40']);
  }
});

test('IP-03: an unknown next header is dropped silently; in profile rfc Parameter Problem code 1', (t) => {
  // Quirk ipv6-unknown-next-header-silent; the pointer is the place of the field that names it (RFC 8200 §4).
  const { node, sent } = tapped(OPT);
  hand(node, { first: 200, headers: [] });
  t.is(sent.length, 0);
  t.is(node.drops('ipv6 no-receiver'), 1);
  const rfc = tapped(RFC);
  hand(rfc.node, { first: 200, headers: [] });
  hand(rfc.node, { first: DST, headers: [padding(200)] });
  hand(rfc.node, { first: 200, headers: [] }, ipv6_addr_all_nodes_link_local);
  handIpv6(rfc.node, packet(STRANGER_IP, rfc.node.linkLocal, NONXT, pattern(8)), undefined, 1000);
  t.deepEqual(rfc.sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`), ['0401 6', '0401 40']);
});

test('IP-03: a chain of a hundred headers is walked, and one that ends in the middle is dropped', (t) => {
  // No limit in RIOT but the packet itself. Each header is a snip: 32 bytes of the packet buffer on native64.
  const { node, baseline } = tapped({ ...OPT, config: { CONFIG_GNRC_PKTBUF_SIZE: 16384 } });
  const received = listen(node, PORT);
  const makers = Array.from({ length: 100 }, () => [DST, hbh] as [number, (next: number) => Uint8Array]);
  hand(node, chain(...makers));
  t.is(received.length, 1);
  const { first, headers } = chain(...makers);
  handIpv6(node, packet(STRANGER_IP, node.linkLocal, first, concat(...headers)), undefined, 1000);
  handIpv6(node, packet(STRANGER_IP, node.linkLocal, first, concat(...headers).subarray(0, -3)), undefined, 1000);
  t.is(received.length, 1);
  t.is(node.pktbuf, baseline);
});

test('IP-03: every strict prefix of a packet with all headers, its length made right, leaves nothing behind', (t) => {
  // Header lengths past the end, options and datagrams cut anywhere; nothing is delivered, nothing stays.
  for (const options of [EXT, OPT, RFC]) {
    const { node, network, baseline } = tapped(options);
    const received = listen(node, PORT);
    const { first, headers } = chain([HBH, hbh], [DST, hbh], [RH, routing], [MOB, hbh]);
    const body = concat(...headers, udp(node.linkLocal, PORT, pattern(2)));
    for (let length = 0; length < body.length; length++) {
      handIpv6(node, packet(STRANGER_IP, node.linkLocal, first, body.subarray(0, length)), undefined, 1000);
    }
    t.is(received.length, 0);
    network.runFor(500_000);
    t.is(node.pktbuf, baseline);
  }
});

test('a header behind options that were all there is: RIOT reads what is not there, here it is a drop', (t) => {
  // gnrc_ipv6_ext_process_all() reads the next header before it looks at the size: NULL on the board.
  for (const options of [EXT, OPT]) {
    const { node, baseline } = tapped(options);
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, HBH, padding(DST)), undefined, 1000);
    t.true(node.console.includes('undefined on RIOT: an extension header that is not there is read'));
    t.is(node.drops('ipv6 truncated'), 1);
    t.is(node.pktbuf, baseline);
  }
});

test('a routing or fragment header fails an assertion of RIOT with gnrc_ipv6_ext_opt alone; here it is a drop', (t) => {
  // _demux() falls through to gnrc_ipv6_ext_opt_process(), which asserts that the header holds options.
  const { node, baseline } = tapped(OPT);
  const received = listen(node, PORT);
  hand(node, chain([RH, routing]));
  hand(node, chain([FRAG, frag]));
  t.is(node.console.split('undefined on RIOT: an extension header is read as options').length, 3);
  t.is(node.drops('ipv6 not-supported'), 2);
  t.is(node.pktbuf, baseline);
  hand(node, chain([DST, hbh]));
  t.is(received.length, 1);
});

test('IP-04: a routing header with segments left is refused whatever its type, one without is passed over', (t) => {
  // RFC 8200 §4.4, RFC 5095: type 0 is not known any more. Parameter Problem code 0 points to the type.
  for (const options of [RH_MODULE, RFC]) {
    for (const type of [0, 2, 4, 77]) {
      const { node, sent } = tapped(options);
      const received = listen(node, PORT);
      hand(node, chain([RH, (next) => routing(next, type, 0)]));
      t.is(received.length, 1);
      hand(node, chain([RH, (next) => routing(next, type, 1)]));
      t.is(received.length, 1);
      t.deepEqual(sent.map((bytes) => `${hex(bytes.subarray(40, 42))} ${get32(bytes, 44)}`), ['0400 42']);
    }
  }
});

test('IP-04: without module gnrc_ipv6_ext_rh segments left are overlooked, in profile rfc not', (t) => {
  // Quirk ipv6-ext-rh-skipped.
  for (const [profile, count] of [['riot', 1], ['rfc', 0]] as const) {
    const { node } = tapped({ ...EXT, profile });
    const received = listen(node, PORT);
    hand(node, chain([RH, (next) => routing(next, 0, 3)]));
    t.is(received.length, count);
    t.is(node.drops('ipv6 unknown-routing-type'), 1 - count);
  }
});

test('RI-01: source routing headers of RPL whose fields contradict each other are refused', (t) => {
  // CVE-2023-24817: without RPL type 3 is unknown, so each is answered with Parameter Problem code 0 or passed over.
  const { node, sent, network, baseline } = tapped(RH_MODULE);
  const received = listen(node, PORT);
  let refused = 0;
  for (const [units, left, compr, pad] of [
    [0, 1, 0x00, 0x00], [0, 255, 0x00, 0x00], [1, 1, 0xff, 0xf0], [1, 9, 0x88, 0x00], [1, 2, 0x0f, 0x80],
    [2, 1, 0x00, 0xf0], [2, 0, 0x00, 0xf0], [0, 0, 0xff, 0xff], [1, 255, 0xf0, 0x70], [3, 2, 0x0e, 0x10],
    [3, 200, 0xee, 0x00], [2, 3, 0x77, 0x30],
  ] as const) {
    const header = new Uint8Array(8 * (units + 1));
    header.set([UDP, units, 3, left, compr, pad]);
    hand(node, { first: RH, headers: [header] });
    if (left > 0) refused++;
    network.runFor(20_000);
  }
  t.is(received.length, 2);
  t.is(sent.length, refused);
  t.true(sent.every((bytes) => hex(bytes.subarray(40, 42)) === '0400' && get32(bytes, 44) === 42));
  network.runFor(1_000_000);
  t.is(node.pktbuf, baseline);
});
