// What of an interface depends on its device's type: RIOT's tests/net/l2util, written anew for the types there are.
import test from 'ava';
import { EINVAL, ENOTSUP } from '../../../kernel/errno.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { GNRC_NETIF_FLAGS_HAS_L2ADDR, gnrc_netif_eui64_from_addr, gnrc_netif_ipv6_group_to_l2_group,
  gnrc_netif_ipv6_iid_from_addr, gnrc_netif_ipv6_iid_to_addr, gnrc_netif_ndp_addr_len_from_l2ao,
  gnrc_netif_t } from '../../../net/gnrc/netif.ts';
import { NETDEV_TYPE_ETHERNET, NETDEV_TYPE_IEEE802154, NETDEV_TYPE_UNKNOWN } from '../../../net/netdev.ts';
import type { Profile } from '../../../net/quirks.ts';
import { ipv6_addr_from_str } from '../../../net/wire/addr.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { NetBoard } from './board.ts';
import { A, interfaceBoard } from './interface.ts';

const ADDR = fromHex('beefcafeaffed00f');
const EUI48_EUI64 = fromHex('beefcafffefeaffe');
const SHORT_IID = fromHex('000000fffe00beef');

/** Runs `body` with an interface of a type. */
function withType(type: number, body: (netif: gnrc_netif_t) => void, profile: Profile = 'riot'): void {
  new NetBoard(function* () { return 0; }, { profile }).do(() => {
    const netif = new gnrc_netif_t();
    netif.device_type = type;
    netif.flags = GNRC_NETIF_FLAGS_HAS_L2ADDR;
    body(netif);
  });
}

test('an EUI-48 becomes an EUI-64 with fffe in its middle, an EUI-64 stays, and other lengths have none', (t) => {
  // test_eui64_from_addr__success and __EINVAL.
  t.plan(7);
  const out = new Uint8Array(8);
  withType(NETDEV_TYPE_ETHERNET, (netif) => {
    t.is(gnrc_netif_eui64_from_addr(netif, ADDR, 6, out), 8);
    t.deepEqual(out, EUI48_EUI64);
    t.is(gnrc_netif_eui64_from_addr(netif, ADDR, 8, out), -EINVAL);
  });
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    t.is(gnrc_netif_eui64_from_addr(netif, ADDR, 8, out), 8);
    t.deepEqual(out, ADDR);
    t.is(gnrc_netif_eui64_from_addr(netif, ADDR, 6, out), -EINVAL);
    netif.flags = 0;
    t.is(gnrc_netif_eui64_from_addr(netif, ADDR, 8, out), -ENOTSUP);
  });
});

test('the EUI-64 of a short address is that of the device', (t) => {
  // gnrc_netif_eui64_from_addr() asks the driver for its long address.
  t.plan(2);
  interfaceBoard(A, function* ({ netif }) {
    const out = new Uint8Array(8);
    t.is(gnrc_netif_eui64_from_addr(netif, Uint8Array.of(0, 0x0a), 2, out), 8);
    t.deepEqual(out, A);
  }).board.run();
});

test('an interface identifier is the EUI-64 with its U/L bit flipped, or that of a short address', (t) => {
  // test_iid_from_addr__success and __EINVAL.
  t.plan(9);
  const out = new Uint8Array(8);
  const flipped = (eui64: Uint8Array) => eui64.map((byte, i) => (i === 0 ? byte ^ 2 : byte));
  withType(NETDEV_TYPE_ETHERNET, (netif) => {
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 6, out), 8);
    t.deepEqual(out, flipped(EUI48_EUI64));
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 8, out), -EINVAL);
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 2, out), -EINVAL);
  });
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 8, out), 8);
    t.deepEqual(out, flipped(ADDR));
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 2, out), 8);
    t.deepEqual(out, SHORT_IID);
    t.is(gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 6, out), -EINVAL);
  });
});

test('an interface identifier leads back to the link layer address', (t) => {
  // test_iid_to_addr__success.
  t.plan(4);
  const [out, iid] = [new Uint8Array(8), new Uint8Array(8)];
  withType(NETDEV_TYPE_ETHERNET, (netif) => {
    gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 6, iid);
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, iid, out), 6);
    t.deepEqual(out.subarray(0, 6), ADDR.subarray(0, 6));
  });
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    gnrc_netif_ipv6_iid_from_addr(netif, ADDR, 8, iid);
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, iid, out), 8);
    t.deepEqual(out, ADDR);
  });
});

test('the identifier of a short address leads to an EUI-64 on RIOT, and to the short address by the RFC', (t) => {
  // Quirk iid-to-long-address: 0000:00ff:fe00:XXXX; one bit off it is of an EUI-64 for both.
  t.plan(6);
  const out = new Uint8Array(8);
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, SHORT_IID, out), 8);
    t.deepEqual(out, fromHex('020000fffe00beef'));
  });
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, SHORT_IID, out), 2);
    t.deepEqual(out.subarray(0, 2), Uint8Array.of(0xbe, 0xef));
    t.is(gnrc_netif_ipv6_iid_to_addr(netif, fromHex('020000fffe00beef'), out), 8);
    t.deepEqual(out, fromHex('000000fffe00beef'));
  }, 'rfc');
});

test('the length of an address in an option follows from the option\'s', (t) => {
  // test_addr_len_from_l2ao__success and __EINVAL.
  t.plan(2);
  withType(NETDEV_TYPE_ETHERNET, (netif) => {
    t.deepEqual([0, 1, 2].map((len) => gnrc_netif_ndp_addr_len_from_l2ao(netif, len)), [-EINVAL, 6, -EINVAL]);
  });
  withType(NETDEV_TYPE_IEEE802154, (netif) => {
    t.deepEqual([0, 1, 2, 3].map((len) => gnrc_netif_ndp_addr_len_from_l2ao(netif, len)), [-EINVAL, 2, 8, -EINVAL]);
  });
});

test('Ethernet has a group for each IPv6 group, other types have none', (t) => {
  // test_ipv6_group_to_l2group__success and __ENOTSUP.
  t.plan(4);
  const [out, group] = [new Uint8Array(8), ipv6_addr_from_str('ff02::1:ff12:3456')!];
  withType(NETDEV_TYPE_ETHERNET, (netif) => {
    t.is(gnrc_netif_ipv6_group_to_l2_group(netif, group, out), 6);
    t.deepEqual(out.subarray(0, 6), fromHex('3333ff123456'));
  });
  for (const type of [NETDEV_TYPE_IEEE802154, NETDEV_TYPE_UNKNOWN]) {
    withType(type, (netif) => t.is(gnrc_netif_ipv6_group_to_l2_group(netif, group, out), -ENOTSUP));
  }
});

test('a type without rule fails RIOT\'s assertion, with what it says before', (t) => {
  // tests __ENOTSUP are of builds without DEVELHELP and assertions; with them l2util.c:139, 250 and 311 fail.
  const calls: [(netif: gnrc_netif_t) => number, number, string][] = [
    [(netif) => gnrc_netif_eui64_from_addr(netif, ADDR, 8, new Uint8Array(8)), 139,
      'can\'t convert hardware address to EUI-64'],
    [(netif) => gnrc_netif_ipv6_iid_to_addr(netif, ADDR, new Uint8Array(8)), 250,
      'can\'t convert IID to hardware address'],
    [(netif) => gnrc_netif_ndp_addr_len_from_l2ao(netif, 1), 311,
      'can\'t get address length from NDP link-layer address option'],
  ];
  for (const [call, line, text] of calls) {
    const board = new NetBoard(function* () { return 0; });
    board.do(() => {
      const netif = new gnrc_netif_t();
      netif.flags = GNRC_NETIF_FLAGS_HAS_L2ADDR;
      t.throws(() => call(netif), { instanceOf: AssertFailed, message: new RegExp(`l2util\\.c:${line}$`) });
    });
    t.true(board.printed.startsWith(`l2util: ${text} for device type 0\n`), board.printed);
  }
});
