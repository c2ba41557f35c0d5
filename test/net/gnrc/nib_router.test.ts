// Routers on an Ethernet link (RFC 4861 §6.2), anycast addresses, and messages of any bytes.
import test from 'ava';
import fc from 'fast-check';
import {
  GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST, GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID, gnrc_netif_ipv6_addr_add_internal,
} from '../../../net/gnrc/netif_ipv6.ts';
import { gnrc_ipv6_nib_change_rtr_adv_iface, gnrc_ipv6_nib_iface_down } from '../../../net/gnrc/nib.ts';
import { gnrc_ipv6_nib_nc_set } from '../../../net/gnrc/nib_nc.ts';
import { gnrc_ipv6_nib_pl_del, gnrc_ipv6_nib_pl_set } from '../../../net/gnrc/nib_pl.ts';
import { GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { ipv6_addr_all_routers_link_local, ipv6_addr_equal } from '../../../net/wire/addr.ts';
import { ICMPV6_NBR_ADV, ICMPV6_NBR_SOL, ICMPV6_RTR_ADV, ICMPV6_RTR_SOL } from '../../../net/wire/icmpv6.ts';
import type { NdpOptionRepr } from '../../../net/wire/ndp.ts';
import { EthernetNode, ip, ndp, OWN, OWN_GROUP, PEER, PEER_MAC, type SentNdp } from './ethernet.ts';

const SECOND = 1_000_000;
const FOR_EVER = 0xffffffff;
const PREFIX = ip('2001:db8::');
const sllao: NdpOptionRepr = { kind: 'sllao', address: PEER_MAC };
const RS = ndp({ type: ICMPV6_RTR_SOL });

/** A router past its own solicitations, which advertises itself or not. */
function router(advertises: boolean, options: ConstructorParameters<typeof EthernetNode>[0] = {}): EthernetNode {
  const node = new EthernetNode({ modules: ['gnrc_ipv6_router_default'], ...options });
  node.run(20 * SECOND);
  node.takeNdp();
  if (advertises) node.call(() => gnrc_ipv6_nib_change_rtr_adv_iface(node.netif, true));
  return node;
}

function takeRas(node: EthernetNode): SentNdp[] {
  return node.takeNdp().filter(({ repr }) => repr.type === ICMPV6_RTR_ADV);
}

test('a router is in the group of routers, and advertises nothing until it is told to', (t) => {
  // CONFIG_GNRC_IPV6_NIB_ADV_ROUTER is 0: until then it solicits routers as a host does.
  const node = new EthernetNode({ modules: ['gnrc_ipv6_router_default'] });
  t.true(node.netif.ipv6.groups.some((group) => ipv6_addr_equal(group, ipv6_addr_all_routers_link_local)));
  node.run(100 * SECOND);
  const sent = node.takeNdp();
  t.is(sent.filter(({ repr }) => repr.type === ICMPV6_RTR_SOL).length, 3);
  t.deepEqual(sent.filter(({ repr }) => repr.type === ICMPV6_RTR_ADV), []);
});

test('a router advertises itself at once, twice more soon, and then every 198 to 600 s', (t) => {
  // RIOT: test_change_rtr_adv_iface; RFC 4861 §6.2.4: MAX_INITIAL_RTR_ADVERTISEMENTS at most 16 s apart.
  const node = router(true);
  node.runFor(4000 * SECOND);
  const ras = takeRas(node);
  t.like(ras[0], { src: 'fe80::ff:fe00:1', dst: 'ff02::1', to: '333300000001', hopLimit: 255 });
  t.deepEqual(ras[0]!.repr, {
    type: ICMPV6_RTR_ADV, curHopLimit: 0, flags: 0, routerLifetime: 1800, reachableTime: 0, retransTimer: 0,
  });
  t.deepEqual(ras[0]!.options.map(({ kind }) => kind), ['sllao']);
  const waits = ras.slice(1).map(({ time }, i) => (time - ras[i]!.time) / SECOND);
  t.deepEqual(waits.slice(0, 3), [16, 16, 16]);
  t.true(waits.length > 8);
  t.true(waits.slice(3).every((wait) => wait >= 198 && wait < 600));
});

test('a router tells its prefixes with what is left of their lifetimes, and tells when one is removed', (t) => {
  // RFC 4861 §6.2.3, §6.2.8: on-link, and for addresses.
  const node = router(true);
  takeRas(node);
  node.call(() => gnrc_ipv6_nib_pl_set(node.netif.pid, PREFIX, 64, 2000_000, 1000_000));
  t.like(takeRas(node)[0]!.options.find(({ kind }) => kind === 'pio'), {
    prefixLength: 64, flags: 0xc0, validLifetime: 2000, preferredLifetime: 1000, prefix: PREFIX,
  });
  node.runFor(16 * SECOND);
  t.like(takeRas(node)[0]!.options.find(({ kind }) => kind === 'pio'), { validLifetime: 1984, preferredLifetime: 984 });
  node.call(() => gnrc_ipv6_nib_pl_set(node.netif.pid, PREFIX, 64, FOR_EVER, FOR_EVER));
  t.like(takeRas(node)[0]!.options.find(({ kind }) => kind === 'pio'),
    { validLifetime: FOR_EVER, preferredLifetime: FOR_EVER });
  node.call(() => gnrc_ipv6_nib_pl_del(node.netif.pid, PREFIX, 64));
  t.like(takeRas(node)[0]!.options.find(({ kind }) => kind === 'pio'), { validLifetime: 0, preferredLifetime: 0 });
  node.runFor(600 * SECOND);
  t.deepEqual(takeRas(node)[0]!.options.map(({ kind }) => kind), ['sllao']);
});

test('the last advertisements of a router tell a lifetime of 0, from when the next one was due', (t) => {
  // RFC 4861 §6.2.5: MAX_FINAL_RTR_ADVERTISEMENTS; RIOT waits for the timer that is set, and keeps its long intervals.
  const node = router(true);
  node.runFor(100 * SECOND);
  takeRas(node);
  node.call(() => gnrc_ipv6_nib_change_rtr_adv_iface(node.netif, false));
  t.deepEqual(takeRas(node), []);
  node.runFor(4000 * SECOND);
  const sent = node.takeNdp();
  t.deepEqual(sent.flatMap(({ repr }) => repr.type === ICMPV6_RTR_ADV ? [repr.routerLifetime] : []), [0, 0, 0]);
  t.true(sent.some(({ repr }) => repr.type === ICMPV6_RTR_SOL));
});

test('a router that goes down may say so', (t) => {
  // gnrc_ipv6_nib_iface_down(netif, true); its link-local address goes.
  const node = router(true);
  node.runFor(100 * SECOND);
  takeRas(node);
  node.call(() => gnrc_ipv6_nib_iface_down(node.netif, true));
  t.deepEqual(node.addresses, []);
  t.deepEqual(node.takeNdp().map(({ repr }) => repr.type === ICMPV6_RTR_ADV && repr.routerLifetime), [0]);
});

test('who solicits and tells its link-layer address is answered itself, within half a second', (t) => {
  // RFC 4861 §6.2.6: MAX_RA_DELAY_TIME.
  const node = router(true);
  node.runFor(100 * SECOND);
  takeRas(node);
  node.hear(ndp({ type: ICMPV6_RTR_SOL }, sllao), PEER, ipv6_addr_all_routers_link_local);
  const from = node.time;
  node.runFor(SECOND / 2);
  const [ra] = takeRas(node);
  t.like(ra, { dst: 'fe80::ff:fe00:4', to: '020000000004' });
  t.true(ra!.time - from < SECOND / 2);
});

test('who solicits without an address has all answered, after 3 s more if the last time is long ago', (t) => {
  // Quirk nib-ra-delay-inverted: RFC 4861 §6.2.6 wants 3 s between two advertisements to all.
  for (const [profile, least, most] of [['riot', 3, 3.5], ['rfc', 0, 0.5]] as const) {
    const node = router(true, { modules: ['gnrc_ipv6_router_default'], profile });
    node.runFor(100 * SECOND);
    takeRas(node);
    node.hear(RS, ip('::'), ipv6_addr_all_routers_link_local);
    const from = node.time;
    node.runFor(4 * SECOND);
    const [ra] = takeRas(node);
    t.is(ra!.dst, 'ff02::1');
    t.true(ra!.time - from >= least * SECOND && ra!.time - from < most * SECOND, `${profile} ${ra!.time - from}`);
  }
});

test('a router that does not advertise answers no solicitation; one that is invalid none does', (t) => {
  // RFC 4861 §6.2.6, §6.1.1.
  const quiet = router(false);
  quiet.hear(ndp({ type: ICMPV6_RTR_SOL }, sllao), PEER, ipv6_addr_all_routers_link_local);
  quiet.runFor(10 * SECOND);
  t.deepEqual(takeRas(quiet), []);
  for (const [message, src, hopLimit, reason] of [
    [ndp({ type: ICMPV6_RTR_SOL }, sllao), ip('::'), 255, 'nib unspecified-source'],
    [RS, PEER, 254, 'nib hop-limit-not-255'], [Uint8Array.of(0x85, 1, 0, 0, 0, 0, 0, 0), PEER, 255, 'nib bad-code'],
    [RS.subarray(0, 7), PEER, 255, 'nib truncated'],
    [Uint8Array.of(...RS, 1, 0, 0, 0, 0, 0, 0, 0), PEER, 255, 'nib option-length-zero'],
  ] as const) {
    const node = router(true);
    node.runFor(100 * SECOND);
    takeRas(node);
    node.hear(message, src, ipv6_addr_all_routers_link_local, hopLimit);
    node.runFor(10 * SECOND);
    t.deepEqual(takeRas(node), [], reason);
    t.is(node.drops(reason), 1, reason);
  }
});

test('an advertisement without room for all of its options goes without any, and leaves some in the buffer', (t) => {
  // Quirk nib-ra-options-leak; in profile rfc they are freed.
  for (const profile of ['riot', 'rfc'] as const) {
    let leaked = 0;
    for (let left = 100; left < 700; left += 16) {
      const node = router(true, { modules: ['gnrc_ipv6_router_default'], profile });
      for (let i = 1; i <= 3; i++) {
        node.call(() => gnrc_ipv6_nib_pl_set(node.netif.pid, ip(`2001:db8:${i}::`), 64, FOR_EVER, FOR_EVER));
      }
      node.run(100 * SECOND);
      const hog = node.do(() => {
        for (let size = 6144; size > 0; size -= 16) {
          const pkt = gnrc_pktbuf_add(null, null, size - left > 0 ? size - left : 1, GNRC_NETTYPE_UNDEF);
          if (pkt !== null) return pkt;
        }
        return null;
      });
      node.runFor(700 * SECOND);
      node.do(() => gnrc_pktbuf_release(hog));
      leaked += node.pktbufUsed;
    }
    if (profile === 'riot') t.true(leaked > 0);
    else t.is(leaked, 0);
  }
});

/** A host with the anycast address 2001:db8::99, and a solicitation for it. */
function anycast(profile: 'riot' | 'rfc'): EthernetNode {
  const node = new EthernetNode({ profile });
  node.run(20 * SECOND);
  node.call(() => gnrc_netif_ipv6_addr_add_internal(node.netif, ip('2001:db8::99'), 64,
    GNRC_NETIF_IPV6_ADDRS_FLAGS_STATE_VALID | GNRC_NETIF_IPV6_ADDRS_FLAGS_ANYCAST));
  node.takeNdp();
  return node;
}

const ASK = ndp({ type: ICMPV6_NBR_SOL, target: ip('2001:db8::99') }, sllao);

test('who asks for an anycast address is not answered, in profile rfc within a second without override', (t) => {
  // Quirk nib-anycast-no-answer; RFC 4861 §7.2.4, §7.2.7.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = anycast(profile);
    node.hear(ASK, PEER, ip('ff02::1:ff00:99'));
    t.deepEqual(node.takeNdp(), []);
    node.runFor(SECOND);
    t.deepEqual(node.takeNdp().map(({ repr }) => repr), profile === 'riot' ? [] :
      [{ type: ICMPV6_NBR_ADV, flags: 0x40, target: ip('2001:db8::99') }]);
    t.is(node.pktbufUsed, 0);
  }
});

test('where the anycast address is a neighbour too it is answered; of two answers one stays for ever', (t) => {
  // Quirk nib-anycast-leak; in profile rfc it is freed.
  for (const profile of ['riot', 'rfc'] as const) {
    const node = anycast(profile);
    node.call(() => gnrc_ipv6_nib_nc_set(ip('2001:db8::99'), node.netif.pid, PEER_MAC, 6));
    for (let i = 0; i < 2; i++) node.hear(ASK, PEER, ip('ff02::1:ff00:99'));
    node.runFor(SECOND);
    t.is(node.takeNdp().filter(({ repr }) => repr.type === ICMPV6_NBR_ADV).length, 1);
    t.is(node.pktbufUsed > 0, profile === 'riot');
  }
});

test('messages of any bytes are survived: nothing stays in the packet buffer, and the board still answers', (t) => {
  // Types, flags and options at random, among them well-formed ones; on a router, which handles all types.
  const node = router(true);
  node.runFor(100 * SECOND);
  const option = fc.tuple(fc.constantFrom(1, 2, 3, 5, 24, 25, 33, 34, 35, 200), fc.integer({ min: 0, max: 5 }))
    .chain(([type, length]) => {
      const size = Math.max(6, length * 8 - 2);
      return fc.uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => Uint8Array.of(type, length, ...bytes));
    });
  const message = fc.tuple(
    fc.constantFrom(133, 134, 135, 136, 137, 157, 158), fc.uint8Array({ minLength: 3, maxLength: 23 }),
    fc.array(option, { maxLength: 4 }), fc.boolean(),
  ).map(([type, body, options, own]) => {
    const head = Uint8Array.of(type, 0, 0, 0, ...body);
    if (own && head.length === 24) head.set(OWN, 8);
    return Uint8Array.of(...head, ...options.flatMap((bytes) => [...bytes]));
  });
  const [from, to] = [fc.constantFrom(PEER, ip('::'), ip('fe80::77')), fc.constantFrom(OWN, OWN_GROUP)];
  fc.assert(fc.property(message, from, to, (bytes, src, dst) => {
    node.hear(bytes, src, dst);
    node.sent.length = 0;
  }), { seed: 42, numRuns: 400 });
  node.runFor(3000 * SECOND);
  t.is(node.pktbufUsed, 0);
  node.takeNdp();
  node.hear(ndp({ type: ICMPV6_NBR_SOL, target: OWN }, sllao), PEER, OWN_GROUP);
  t.true(node.takeNdp().some(({ repr }) => repr.type === ICMPV6_NBR_ADV));
});
