// Frames that a radio should never have let up, and what the interface and the radios make of them.
import test from 'ava';
import { native } from '../../../boards/native.ts';
import { nrf52840dk } from '../../../boards/nrf52840dk.ts';
import { openmoteB } from '../../../boards/openmote-b.ts';
import { samr21Xpro } from '../../../boards/samr21-xpro.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import { ENOTSUP } from '../../../kernel/errno.ts';
import { drop_counts } from '../../../net/gnrc/drop.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { gnrc_netapi_set } from '../../../net/gnrc/netapi.ts';
import { NETOPT_ENCRYPTION, NETOPT_ENCRYPTION_KEY } from '../../../net/netopt.ts';
import type { Profile } from '../../../net/quirks.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { putFcs } from '../../../net/wire/ieee802154.ts';
import { shellApp } from '../shell/console.ts';
import { A, interfaceBoard, sendFrames } from './interface.ts';

const A_LE = '0a00000000000002';
const B_LE = '0b00000000000002';
/** The first fragment of a datagram, and another. */
const FRAG1 = 'c0c8000741600000000';
const FRAGN = 'e0c80007300102030405';

/** What of these frames goes up, and why the others do not. */
function heard(frames: readonly string[], profile: Profile = 'riot') {
  const made = interfaceBoard(A, function* ({ radio }) {
    frames.forEach((frame, i) => radio.receive(fromHex(frame), 10_000 * (i + 1)));
  }, { profile });
  made.board.run();
  const drops = Object.fromEntries([...made.board.do(drop_counts)].map(([reason, n]) => [reason, n]));
  return { up: made.received.map(({ payload }) => hex(payload)), drops, used: made.board.pktbufUsed };
}

test('RI-02 a frame without source address, also as a fragment, never reaches 6LoWPAN', (t) => {
  // CVE-2023-24818. Destination long or short, fragments and whole packets; a compressed PAN ID needs a destination.
  for (const profile of ['riot', 'rfc'] as const) {
    const frames = [
      `010c01ffff${A_LE}${FRAG1.slice(0, 18)}`, `010c02ffff${A_LE}${FRAGN}`, `010803ffffffff${FRAGN}`,
      `210c042300${A_LE}7a3301`, `410005${FRAGN}`, `418006${B_LE}${FRAGN}`, `010007${FRAGN}`,
    ];
    const { up, drops, used } = heard(frames, profile);
    t.deepEqual(up, []);
    t.deepEqual(drops, { 'netif no-source-address': 4, 'netif bad-mac-header': 3 });
    t.is(used, 0);
  }
});

test('RI-02 ACKs, beacons and commands with a payload reach 6LoWPAN on RIOT if they tell a source, else not', (t) => {
  // Quirk mac-any-frame-type; profile rfc takes data frames only. An ACK's header has 3 bytes: its "addresses" go up.
  const rest = `01ffff${A_LE}ffff${B_LE}41`;
  const frames = [`00c00123000b00000000000002${FRAGN}`, `02cc${rest}`, `03cc${rest}`];
  const riot = heard(frames);
  t.deepEqual(riot.up, [FRAGN, rest.slice(2), '41']);
  const rfc = heard(frames, 'rfc');
  t.deepEqual(rfc.up, []);
  t.deepEqual(rfc.drops, { 'netif no-data-frame': 3 });
});

test('LO-14 reserved frame types, the security bit, other frame versions are taken by RIOT and refused by rfc', (t) => {
  // Quirks mac-any-frame-type, mac-security-bit-ignored, mac-frame-version-ignored, one bit of frame control each.
  const frame = (low: number, high: number): string =>
    `${(low + 0x100).toString(16).slice(1)}${high.toString(16)}07ffff${A_LE}${B_LE}41`;
  const cases: [number, number, string][] = [];
  for (let type = 4; type < 8; type++) cases.push([0x40 | type, 0xdc, 'no-data-frame']);
  cases.push([0x49, 0xdc, 'security-unsupported'], [0x41, 0xec, 'unsupported-frame-version'],
    [0x41, 0xfc, 'unsupported-frame-version']);
  for (const [low, high, reason] of cases) {
    // Bit 1 of a reserved type is not the ACK's here.
    t.deepEqual(heard([frame(low, high)]).up, ['41'], reason);
    t.deepEqual(heard([frame(low, high)], 'rfc'), { up: [], drops: { [`netif ${reason}`]: 1 }, used: 0 });
  }
  for (const high of [0xcc, 0xdc]) t.deepEqual(heard([frame(0x41, high)], 'rfc').up, ['41']);
});

test('LO-14 a reserved addressing mode is refused in both profiles, for destination and source', (t) => {
  // Mode 01 of IEEE 802.15.4-2006 table 80. The radio of native takes it for a frame without destination.
  for (const profile of ['riot', 'rfc'] as const) {
    const frames = [0xd4, 0x54, 0x44, 0x5c, 0x58, 0x50].map((high) => `41${high.toString(16)}01ffff${A_LE}${B_LE}41`);
    const { up, drops } = heard(frames, profile);
    t.deepEqual(up, []);
    t.is(Object.values(drops).reduce((sum, n) => sum + n, 0), frames.length);
  }
});

const withFcs = (mpdu: Uint8Array): Uint8Array => {
  const psdu = new Uint8Array(mpdu.length + 2);
  psdu.set(mpdu);
  putFcs(psdu, 0, mpdu.length);
  return psdu;
};

const MODULES = ['netdev_default', 'auto_init_gnrc_netif', 'gnrc_ipv6_default', 'shell', 'netstats_l2'];
const BOARDS = { native, nrf52840dk, 'openmote-b': openmoteB, 'samr21-xpro': samr21Xpro };

/** A board that frames with their FCS reach from outside: how many it counts, and how many ACKs it sends. */
function onAir(board: keyof typeof BOARDS, frames: readonly Uint8Array[], profile: Profile = 'rfc') {
  const acks: number[] = [];
  const sim = new Simulation({ seed: 3, nodes: {
    a: { board: BOARDS[board], app: shellApp(MODULES), eui64: A, bootAt: 0, profile },
  } });
  sim.runUntil(3_000_000);
  const netif = () => gnrc_netifs(sim.node('a').kernel!)[0]!;
  const before = netif().stats.rx_count;
  sim.trace.subscribe(({ event }) => {
    if (event.type === 'tx' && event.layer === 'radio' && (event.frame[0]! & 7) === 2) acks.push(event.frame[2]!);
    return undefined;
  });
  for (const frame of frames) {
    sim.apply({ type: 'frame', node: 'a', frame: hex(frame) });
    sim.runFor(20_000);
  }
  return { received: netif().stats.rx_count - before, acks, state: sim.node('a').state };
}

/** A frame of B to A that asks for an ACK. */
const honest = (seq: number, pan = '2300', dst = A_LE): Uint8Array =>
  withFcs(fromHex(`61dc${(seq + 0x100).toString(16).slice(1)}${pan}${dst}${B_LE}4142`));

test('LO-14 wrong FCS, wrong PAN, other destinations, stray ACKs end in the radio; each good frame has an ACK', (t) => {
  // All four radios. Seven wrong ones between honest ones; a sequence number that comes again is no duplicate on RIOT.
  const flipped = honest(9);
  flipped[22] ^= 1;
  const frames = [honest(1), flipped, honest(2, '2400'), honest(3, '2300', B_LE), withFcs(Uint8Array.of(2, 0, 77)),
    honest(4), honest(4), withFcs(Uint8Array.of(0x61)), withFcs(Uint8Array.of(0x61, 0xdc)), honest(5)];
  for (const board of Object.keys(BOARDS) as (keyof typeof BOARDS)[]) {
    const { received, acks, state } = onAir(board, frames);
    t.is(received, 4, board);
    t.deepEqual(acks, [1, 4, 4, 5], board);
    t.is(state, 'on', board);
  }
  // Quirk ack-of-bad-fcs: a native board acknowledges the one with the flipped bit too.
  t.deepEqual(onAir('native', frames, 'riot').acks, [1, 9, 4, 4, 5]);
  t.deepEqual(onAir('samr21-xpro', frames, 'riot').acks, [1, 4, 4, 5]);
});

test('LO-14 the longest frame of 127 bytes is taken; no frame control of all 65,536 stops the board', (t) => {
  // 127 bytes is what the PHY header can say. A sample of frame controls, then an honest frame: it is heard.
  const long = withFcs(fromHex(`61dc012300${A_LE}${B_LE}${'41'.repeat(104)}`));
  t.is(long.length, 127);
  const frames = [long];
  for (let fcf = 0; fcf < 0x10000; fcf += 331) {
    frames.push(withFcs(fromHex(`${hex(Uint8Array.of(fcf & 0xff, fcf >> 8))}072300${A_LE}${B_LE}4142`)));
  }
  frames.push(honest(200));
  for (const board of ['native', 'samr21-xpro'] as const) {
    const { acks, state } = onAir(board, frames);
    t.is(acks[0], 1, board);
    t.is(acks.at(-1), 200, board);
    t.is(state, 'on', board);
  }
});

test('LO-14 an ACK that nobody waits for, and one of another number, harm nothing but what waits on RIOT', (t) => {
  // Quirk ack-number-not-compared: on RIOT any ACK ends the wait; profile rfc goes on and sends again.
  const run = (profile: Profile) => {
    const made = interfaceBoard(A, function* ({ radio, netif }) {
      radio.acks = (seq) => (seq + 1) & 0xff;
      yield* sendFrames(netif, 1, 10);
    }, { profile });
    made.board.run();
    return made.radio.sent.length;
  };
  t.is(run('riot'), 1);
  t.is(run('rfc'), 5);
});

test('RI-36 a frame whose length or FCS is wrong is flushed, and the radio hears the next one', (t) => {
  // The CC2538's driver once hung in its FIFO. Lengths 1 to 20 of garbage, and frames with each byte wrong.
  const frames: Uint8Array[] = [];
  for (let length = 1; length <= 20; length++) frames.push(new Uint8Array(length).fill(0x61));
  const good = honest(8);
  for (let at = 0; at < good.length; at++) frames.push(good.map((byte, i) => (i === at ? byte ^ 0x10 : byte)));
  for (const board of ['openmote-b', 'nrf52840dk', 'native'] as const) {
    const { received, acks, state } = onAir(board, [...frames, honest(99)]);
    t.is(received, 1, board);
    t.deepEqual(acks, [99], board);
    t.is(state, 'on', board);
  }
});

test('RI-37 keys of the link layer are refused before and after a reset, so that no nonce is ever used twice', (t) => {
  // Without module ieee802154_security there is neither key nor frame counter: both options answer -ENOTSUP.
  t.plan(4);
  for (let boot = 0; boot < 2; boot++) {
    interfaceBoard(A, function* ({ netif }) {
      t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_ENCRYPTION_KEY, 0, new Uint8Array(16).fill(7), 16), -ENOTSUP);
      t.is(yield* gnrc_netapi_set(netif.pid, NETOPT_ENCRYPTION, 0, Uint8Array.of(1, 0, 0, 0), 4), -ENOTSUP);
    }).board.run();
  }
});
