import test from 'ava';
import { type ConfigTable, KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import { NET_CONFIG, net_config } from '../../net/config.ts';
import { NetBoard } from './gnrc/board.ts';

test('every figure is an integer within its own bounds, and has a unit and a source', (t) => {
  // resolveConfig() checks overrides only; a default out of bounds would be accepted silently.
  for (const [name, entry] of Object.entries<ConfigTable[string]>(NET_CONFIG)) {
    t.true(Number.isInteger(entry.value) && entry.value >= entry.min && entry.value <= entry.max, name);
    t.true(entry.unit !== '' && entry.source !== '', name);
  }
});

test('no name is in both the table of the kernel and that of the network', (t) => {
  // The two are resolved together; the later one would win without a word.
  const kernel = new Set(Object.keys(KERNEL_CONFIG));
  t.deepEqual(Object.keys(NET_CONFIG).filter((name) => kernel.has(name)), []);
});

test('a board reads its own value, and RIOT\'s default without one', (t) => {
  // Two boards in one process with different values: each sees its own.
  const [own, plain] = [{ CONFIG_GNRC_PKTBUF_SIZE: 2048 }, undefined].map((net) =>
    new NetBoard(function* () { return 0; }, net === undefined ? {} : { net }));
  t.is(own!.do(() => net_config().CONFIG_GNRC_PKTBUF_SIZE), 2048);
  t.is(plain!.do(() => net_config().CONFIG_GNRC_PKTBUF_SIZE), 6144);
});

test('a value out of bounds is refused with the name and the bounds', (t) => {
  // Host code that is wrong gets a RangeError that tells what would be right.
  t.throws(() => resolveConfig([NET_CONFIG], { CONFIG_IEEE802154_DEFAULT_CHANNEL: 27 }),
    { instanceOf: RangeError, message: /CONFIG_IEEE802154_DEFAULT_CHANNEL: 27 is not an integer from 11 to 26/ });
});
