import test from 'ava';
import { EAFNOSUPPORT, ENOENT, ENOMEM, ENOTSUP } from '../../../kernel/errno.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { NETDEV_IEEE802154_ACK_REQ, netdev_ieee802154_get, netdev_ieee802154_reset, netdev_ieee802154_set,
  netdev_ieee802154_setup, netdev_ieee802154_t } from '../../../net/gnrc/netdev_ieee802154.ts';
import { GNRC_NETTYPE_SIXLOWPAN, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG, NETOPT_ADDR_LEN, NETOPT_CHANNEL, NETOPT_DEVICE_TYPE,
  NETOPT_HOP_LIMIT, NETOPT_L2FILTER, NETOPT_L2FILTER_RM, NETOPT_MAX_PDU_SIZE, NETOPT_NID, NETOPT_PROTO, NETOPT_RAWMODE,
  NETOPT_SRC_LEN, netopt_get_u16, type netopt_t } from '../../../net/netopt.ts';
import { NetBoard } from './board.ts';
import { A } from './interface.ts';

/** Runs `body` on a board with a device that was reset. */
function onDevice(body: (dev: netdev_ieee802154_t) => void, modules: readonly string[] = ['gnrc_sixlowpan']): void {
  new NetBoard(function* () { return 0; }, { modules }).do(() => {
    const dev = new netdev_ieee802154_t();
    netdev_ieee802154_reset(dev, 0x23);
    body(dev);
  });
}

test('each option reads back what was set, in as many bytes as RIOT has for it', (t) => {
  // Sizes of the C types: uint16_t for PAN, channel and lengths, the address's own length, an int for an enumeration.
  // What a set answers is the C type that RIOT takes the size of: uint16_t for a flag.
  const cases: [netopt_t, Uint8Array, number][] = [
    [NETOPT_NID, Uint8Array.of(0x34, 0x12), 2], [NETOPT_CHANNEL, Uint8Array.of(11, 0), 2],
    [NETOPT_ADDRESS, Uint8Array.of(0x0a, 0x0b), 2], [NETOPT_ADDRESS_LONG, A, 8],
    [NETOPT_SRC_LEN, Uint8Array.of(8, 0), 2], [NETOPT_ADDR_LEN, Uint8Array.of(2, 0), 2],
    [NETOPT_ACK_REQ, Uint8Array.of(1, 0, 0, 0), 2], [NETOPT_RAWMODE, Uint8Array.of(1, 0, 0, 0), 2],
    [NETOPT_PROTO, Uint8Array.of(GNRC_NETTYPE_UDP, 0, 0, 0), 4],
  ];
  onDevice((dev) => {
    for (const [opt, value, taken] of cases) {
      t.is(netdev_ieee802154_set(dev, opt, value, value.length), taken, `set ${opt}`);
      const read = new Uint8Array(8).fill(0xee);
      t.is(netdev_ieee802154_get(dev, opt, read, value.length), value.length, `get ${opt}`);
      t.deepEqual(read.subarray(0, value.length), value, `value ${opt}`);
    }
  });
});

test('the device type is IEEE 802.15.4, and the payload at most 102 bytes', (t) => {
  // 127 less the longest header, 23, and the FCS; ifconfig shows L2-PDU:102.
  t.plan(4);
  onDevice((dev) => {
    const value = new Uint8Array(2);
    t.is(netdev_ieee802154_get(dev, NETOPT_DEVICE_TYPE, value, 2), 2);
    t.is(netopt_get_u16(value), 4);
    t.is(netdev_ieee802154_get(dev, NETOPT_MAX_PDU_SIZE, value, 2), 2);
    t.is(netopt_get_u16(value), 102);
  });
});

test('an unknown option and a strange length of address have an errno each', (t) => {
  // drivers/netdev/ieee802154.c. The filter is no option without its module.
  t.plan(6);
  onDevice((dev) => {
    const value = new Uint8Array(16);
    t.is(netdev_ieee802154_get(dev, NETOPT_HOP_LIMIT, value, 16), -ENOTSUP);
    t.is(netdev_ieee802154_set(dev, NETOPT_HOP_LIMIT, value, 1), -ENOTSUP);
    t.is(netdev_ieee802154_set(dev, NETOPT_DEVICE_TYPE, value, 2), -ENOTSUP);
    t.is(netdev_ieee802154_set(dev, NETOPT_SRC_LEN, Uint8Array.of(4, 0), 2), -EAFNOSUPPORT);
    t.is(netdev_ieee802154_set(dev, NETOPT_L2FILTER, A, 8), -ENOTSUP);
    t.is(netdev_ieee802154_get(dev, NETOPT_L2FILTER, value, 8), -ENOTSUP);
  });
});

test('a value of the wrong size fails the assertion of RIOT, at its line', (t) => {
  // Which sizes are exact and which are the least is as the C source has it: an address may go into a larger place.
  const get: [netopt_t, number, number][] = [
    [NETOPT_ADDRESS, 1, 91], [NETOPT_ADDRESS_LONG, 7, 96], [NETOPT_SRC_LEN, 4, 102], [NETOPT_NID, 3, 112],
    [NETOPT_CHANNEL, 1, 117], [NETOPT_ACK_REQ, 2, 134], [NETOPT_RAWMODE, 8, 144], [NETOPT_PROTO, 2, 155],
    [NETOPT_DEVICE_TYPE, 1, 161], [NETOPT_MAX_PDU_SIZE, 1, 173],
  ];
  const set: [netopt_t, Uint8Array, number][] = [
    [NETOPT_CHANNEL, Uint8Array.of(11), 197], [NETOPT_CHANNEL, Uint8Array.of(0, 1), 202],
    [NETOPT_ADDRESS, A.subarray(0, 3), 208], [NETOPT_ADDRESS_LONG, new Uint8Array(9), 214],
    [NETOPT_SRC_LEN, Uint8Array.of(8), 221], [NETOPT_NID, Uint8Array.of(1), 236],
    [NETOPT_PROTO, Uint8Array.of(1, 0), 282],
  ];
  const failed = (line: number) =>
    ({ instanceOf: AssertFailed, message: new RegExp(`drivers/netdev/ieee802154\\.c:${line}$`) });
  for (const [opt, len, line] of get) {
    onDevice((dev) => {
      t.throws(() => netdev_ieee802154_get(dev, opt, new Uint8Array(16), len), failed(line));
    });
  }
  for (const [opt, value, line] of set) {
    onDevice((dev) => {
      t.throws(() => netdev_ieee802154_set(dev, opt, value, value.length), failed(line));
    });
  }
});

test('a shorter address is filled up with zeros', (t) => {
  // RIOT clears the address before it copies.
  t.plan(2);
  onDevice((dev) => {
    dev.long_addr.set(A);
    netdev_ieee802154_set(dev, NETOPT_ADDRESS_LONG, Uint8Array.of(9, 8), 2);
    t.deepEqual(dev.long_addr, Uint8Array.of(9, 8, 0, 0, 0, 0, 0, 0));
    netdev_ieee802154_set(dev, NETOPT_ADDRESS, Uint8Array.of(7), 1);
    t.deepEqual(dev.short_addr, Uint8Array.of(7, 0));
  });
});

test('an ACK request can be switched off and on', (t) => {
  // The flag is the bit of the frame control field itself.
  t.plan(2);
  onDevice((dev) => {
    netdev_ieee802154_set(dev, NETOPT_ACK_REQ, Uint8Array.of(1, 0, 0, 0), 4);
    t.is(dev.flags & NETDEV_IEEE802154_ACK_REQ, 0x20);
    netdev_ieee802154_set(dev, NETOPT_ACK_REQ, Uint8Array.of(0, 0, 0, 0), 4);
    t.is(dev.flags & NETDEV_IEEE802154_ACK_REQ, 0);
  });
});

test('addresses come from the EUI-64: the short one is its end, with the first bit cleared', (t) => {
  // RFC 4944 §12; RIOT netdev_ieee802154_setup().
  t.plan(2);
  onDevice((dev) => {
    netdev_ieee802154_setup(dev, Uint8Array.of(2, 1, 2, 3, 4, 5, 0xf6, 7));
    t.deepEqual(dev.short_addr, Uint8Array.of(0x76, 7));
    t.deepEqual(dev.long_addr, Uint8Array.of(2, 1, 2, 3, 4, 5, 0xf6, 7));
  });
});

test('a reset draws the sequence number, clears the flags, makes 6LoWPAN the payload where there is 6LoWPAN', (t) => {
  // Two devices of one board differ in their numbers; without module gnrc_sixlowpan nobody is told of frames.
  t.plan(5);
  onDevice((dev) => {
    const other = new netdev_ieee802154_t();
    other.flags = 0xff;
    netdev_ieee802154_reset(other, 0xbeef);
    t.not(dev.seq, other.seq);
    t.is(other.flags, 0);
    t.is(other.pan, 0xbeef);
    t.is(other.proto, GNRC_NETTYPE_SIXLOWPAN);
  });
  onDevice((dev) => t.is(dev.proto, GNRC_NETTYPE_UNDEF), []);
});

test('the filter takes 8 addresses, and gives them back', (t) => {
  // Module l2filter: 0 for an address, -ENOMEM when the list is full, -ENOENT for one that is not there.
  t.plan(12);
  onDevice((dev) => {
    for (let i = 0; i < 8; i++) t.is(netdev_ieee802154_set(dev, NETOPT_L2FILTER, Uint8Array.of(i, 1), 2), 0);
    t.is(netdev_ieee802154_set(dev, NETOPT_L2FILTER, A, 8), -ENOMEM);
    t.is(netdev_ieee802154_set(dev, NETOPT_L2FILTER_RM, A, 8), -ENOENT);
    t.is(netdev_ieee802154_set(dev, NETOPT_L2FILTER_RM, Uint8Array.of(3, 1), 2), 0);
    t.is(netdev_ieee802154_get(dev, NETOPT_L2FILTER, new Uint8Array(8), 8), 8);
  }, ['l2filter']);
});
