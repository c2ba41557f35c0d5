import test from 'ava';
import { EAFNOSUPPORT, ENOTSUP, EOVERFLOW } from '../../../kernel/errno.ts';
import { NETDEV_IEEE802154_ACK_REQ, netdev_ieee802154_get, netdev_ieee802154_reset, netdev_ieee802154_set,
  netdev_ieee802154_setup, netdev_ieee802154_t } from '../../../net/gnrc/netdev_ieee802154.ts';
import { GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UDP } from '../../../net/gnrc/nettype.ts';
import { NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN, NETOPT_CHANNEL, NETOPT_DEVICE_TYPE,
  NETOPT_HOP_LIMIT, NETOPT_MAX_PDU_SIZE, NETOPT_NID, NETOPT_PROTO, NETOPT_RAWMODE, NETOPT_SRC_LEN,
  netopt_get_u16 } from '../../../net/netopt.ts';
import { NetBoard } from './board.ts';
import { A } from './interface.ts';

/** A device that was reset on a board. */
function device(): netdev_ieee802154_t {
  const dev = new netdev_ieee802154_t();
  new NetBoard(function* () { return 0; }).do(() => netdev_ieee802154_reset(dev, 0x23));
  return dev;
}

test('each option reads back what was set, in as many bytes as RIOT has for it', (t) => {
  // Sizes of the C types: uint16_t for PAN, channel and lengths, the address's own length, an int for an enumeration.
  const dev = device();
  const cases: [number, Uint8Array, number][] = [
    [NETOPT_NID, Uint8Array.of(0x34, 0x12), 2], [NETOPT_CHANNEL, Uint8Array.of(11, 0), 2],
    [NETOPT_ADDRESS, Uint8Array.of(0x0a, 0x0b), 2], [NETOPT_ADDRESS_LONG, A, 8],
    [NETOPT_SRC_LEN, Uint8Array.of(8, 0), 2], [NETOPT_ADDR_LEN, Uint8Array.of(2, 0), 2],
    [NETOPT_ACK_REQ, Uint8Array.of(1, 0, 0, 0), 4], [NETOPT_RAWMODE, Uint8Array.of(1, 0, 0, 0), 4],
    [NETOPT_PROTO, Uint8Array.of(GNRC_NETTYPE_UDP, 0), 2],
  ];
  for (const [opt, value, size] of cases) {
    t.true(netdev_ieee802154_set(dev, opt, value, value.length) > 0, `set ${opt}`);
    const read = new Uint8Array(8).fill(0xee);
    t.is(netdev_ieee802154_get(dev, opt, read, 8), size, `get ${opt}`);
    t.deepEqual(read.subarray(0, size), value, `value ${opt}`);
  }
});

test('the device type is IEEE 802.15.4, and the payload at most 102 bytes', (t) => {
  // 127 less the longest header, 23, and the FCS; ifconfig shows L2-PDU:102.
  const dev = device();
  const value = new Uint8Array(2);
  t.is(netdev_ieee802154_get(dev, NETOPT_DEVICE_TYPE, value, 2), 2);
  t.is(netopt_get_u16(value), 4);
  t.is(netdev_ieee802154_get(dev, NETOPT_MAX_PDU_SIZE, value, 2), 2);
  t.is(netopt_get_u16(value), 102);
});

test('an unknown option, too little room and a strange length of address have an errno each', (t) => {
  // -ENOTSUP and -EAFNOSUPPORT are RIOT's; too little room is an assertion there.
  const dev = device();
  const value = new Uint8Array(16);
  t.is(netdev_ieee802154_get(dev, NETOPT_HOP_LIMIT, value, 16), -ENOTSUP);
  t.is(netdev_ieee802154_set(dev, NETOPT_HOP_LIMIT, value, 1), -ENOTSUP);
  t.is(netdev_ieee802154_set(dev, NETOPT_DEVICE_TYPE, value, 2), -ENOTSUP);
  t.is(netdev_ieee802154_get(dev, NETOPT_ADDRESS_LONG, value, 7), -EOVERFLOW);
  t.is(netdev_ieee802154_set(dev, NETOPT_ADDRESS, value, 3), -EOVERFLOW);
  t.is(netdev_ieee802154_set(dev, NETOPT_SRC_LEN, Uint8Array.of(4, 0), 2), -EAFNOSUPPORT);
});

test('an ACK request can be switched off and on', (t) => {
  // The flag is the bit of the frame control field itself.
  const dev = device();
  netdev_ieee802154_set(dev, NETOPT_ACK_REQ, Uint8Array.of(1), 1);
  t.is(dev.flags & NETDEV_IEEE802154_ACK_REQ, 0x20);
  netdev_ieee802154_set(dev, NETOPT_ACK_REQ, Uint8Array.of(0), 1);
  t.is(dev.flags & NETDEV_IEEE802154_ACK_REQ, 0);
});

test('addresses come from the EUI-64: the short one is its end, with the first bit cleared', (t) => {
  // RFC 4944 §12: unicast short addresses begin with 0.
  const dev = device();
  netdev_ieee802154_setup(dev, Uint8Array.of(1, 2, 3, 4, 5, 6, 0xff, 8));
  t.deepEqual(dev.long_addr, Uint8Array.of(1, 2, 3, 4, 5, 6, 0xff, 8));
  t.deepEqual(dev.short_addr, Uint8Array.of(0x7f, 8));
});

test('a reset draws the sequence number, clears the flags and makes 6LoWPAN the payload', (t) => {
  // Boards with other seeds begin with other numbers, as captured nodes do.
  const numbers = new Set<number>();
  for (let seed = 1; seed < 40; seed++) {
    const dev = new netdev_ieee802154_t();
    dev.flags = 0xff;
    new NetBoard(function* () { return 0; }, { seed }).do(() => netdev_ieee802154_reset(dev, 0xabcd));
    t.deepEqual([dev.flags, dev.pan, dev.proto], [0, 0xabcd, GNRC_NETTYPE_SIXLOWPAN]);
    t.true(dev.seq >= 0 && dev.seq < 256);
    numbers.add(dev.seq);
  }
  t.true(numbers.size > 20);
});
