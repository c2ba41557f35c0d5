// Departures of RIOT in the IPv6 layer that need an image of their own to show.
import test from 'ava';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { concat, fragmentHeader, packet, tapped, udp } from './ipv6_traffic.ts';
import { handIpv6, listen, pattern, STRANGER_IP, udpPacket } from './traffic.ts';

const PORT = 4444;
const UDP = 17;
const ROUTING = 43;
const FRAGMENT = 44;

test('with gnrc_ipv6_ext_frag alone a routing header is read as a fragment header, not in profile rfc', (t) => {
  // Quirk ipv6-ext-rh-as-fragment. Type and segments left stand where a fragment header has its offset: 0 for type 0,
  // so that both deliver the packet; 2048 for type 8, and RIOT waits for what is missing, where RFC 8200 §4.4 passes
  // over a header without segments left.
  for (const [profile, type, count] of [['riot', 0, 1], ['rfc', 0, 1], ['riot', 8, 0], ['rfc', 8, 1]] as const) {
    const { node } = tapped({ modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_frag'], profile });
    const received = listen(node, PORT);
    const header = Uint8Array.of(UDP, 0, type, 0, 0, 0, 0, 0);
    const datagram = udp(node.linkLocal, PORT, pattern(8));
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, ROUTING, concat(header, datagram)), undefined, 1000);
    t.is(received.length, count, `${profile}, type ${type}`);
  }
  // A fragment header itself is read alike in both.
  for (const profile of ['riot', 'rfc'] as const) {
    const { node } = tapped({ modules: ['gnrc_icmpv6_error', 'gnrc_ipv6_ext_frag'], profile });
    const received = listen(node, PORT);
    const datagram = udp(node.linkLocal, PORT, pattern(8));
    const whole = concat(fragmentHeader(UDP, 0, false, 1), datagram);
    handIpv6(node, packet(STRANGER_IP, node.linkLocal, FRAGMENT, whole), undefined, 1000);
    t.is(received.length, 1, profile);
  }
});

test('an error fills the MTU of a link with a larger one, in profile rfc it is at most 1280 bytes long', (t) => {
  // Quirk icmpv6-error-beyond-min-mtu (RFC 4443 §2.4 c): what Ethernet has, set on the interface of the test's board.
  for (const [profile, length] of [['riot', 1500], ['rfc', 1280]] as const) {
    const { node, sent } = tapped({ modules: ['gnrc_icmpv6_error'], profile });
    gnrc_netifs(node.kernel)[0]!.ipv6.mtu = 1500;
    handIpv6(node, udpPacket(STRANGER_IP, node.linkLocal, 1000, PORT, pattern(1452)), undefined, 10_000);
    t.deepEqual(sent.map((bytes) => bytes.length), [length], profile);
  }
});
