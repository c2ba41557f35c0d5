// RIOT's tests/unittests/tests-pktbuf: every case, written anew from what it checks.
import test, { type ExecutionContext } from 'ava';
import { ENOMEM } from '../../../kernel/errno.ts';
import { GNRC_NETTYPE_TEST, GNRC_NETTYPE_UNDEF, type gnrc_nettype_t } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold, gnrc_pktbuf_init, gnrc_pktbuf_is_empty, gnrc_pktbuf_is_sane,
  gnrc_pktbuf_mark, gnrc_pktbuf_merge, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip,
  gnrc_pktbuf_reverse_snips, gnrc_pktbuf_start_write } from '../../../net/gnrc/pktbuf.ts';
import { NetBoard } from './board.ts';

const SIZE = 6144;
/** Two pointers of native64, and a descriptor there. */
const UNIT = 16;
const SNIP = 32;
/** The suite's strings with the NUL at their ends. */
const [STRING4, STRING8, STRING12, STRING16] = [4, 8, 12, 16].map(
  (length) => Uint8Array.from({ length: length + 1 }, (_, i) => (i === length ? 0 : 0x61 + length + i)),
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

function must(snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t {
  if (snip === null) throw new Error('the packet buffer is full');
  return snip;
}

function add(data: Uint8Array | null, size = data?.length ?? 0, next: gnrc_pktsnip_t | null = null): gnrc_pktsnip_t {
  return must(gnrc_pktbuf_add(next, data, size, GNRC_NETTYPE_TEST));
}

/** Runs a case on a board that has just booted. */
function unit(name: string, body: (t: ExecutionContext) => void): void {
  test(name, (t) => {
    // RIOT's suite has this case, and its own assertions.
    new NetBoard(function* () { return 0; }).do(() => {
      gnrc_pktbuf_init();
      body(t);
    });
  });
}

function checkSnip(
  t: ExecutionContext, snip: gnrc_pktsnip_t, data: Uint8Array | null, type: gnrc_nettype_t = GNRC_NETTYPE_TEST,
): void {
  t.deepEqual(snip.data, data);
  t.is(snip.size, data?.length ?? 0);
  t.is(snip.type, type);
  t.is(snip.users, 1);
}

unit('init empties a buffer that is in use', (t) => {
  t.true(gnrc_pktbuf_is_empty());
  for (const data of [STRING4, STRING8, STRING16]) add(data);
  t.true(gnrc_pktbuf_is_sane());
  t.false(gnrc_pktbuf_is_empty());
  gnrc_pktbuf_init();
  t.true(gnrc_pktbuf_is_empty());
});

for (const withNext of [false, true]) {
  for (const withData of [false, true]) {
    for (const size of [0, STRING8.length]) {
      const place = withNext ? 'before another snip' : 'alone';
      const name = `${place}, ${withData ? 'with' : 'without'} data, ${size} bytes`;
      unit(`add: ${name}`, (t) => {
        const next = withNext ? add(STRING4) : null;
        const pkt = add(withData ? STRING8 : null, size, next);
        t.is(pkt.next, next);
        t.is(pkt.size, size);
        if (size === 0) t.is(pkt.data, null);
        else if (withData) t.deepEqual(pkt.data, STRING8);
        else t.is(pkt.data!.length, size);
        t.is(pkt.type, GNRC_NETTYPE_TEST);
        t.is(pkt.users, 1);
        if (next !== null) {
          t.is(next.next, null);
          checkSnip(t, next, STRING4);
        }
        t.true(gnrc_pktbuf_is_sane());
        t.false(gnrc_pktbuf_is_empty());
      });
    }
  }
}

unit('add: until the buffer is full', (t) => {
  let count = 0;
  while (gnrc_pktbuf_add(null, null, 1, GNRC_NETTYPE_TEST) !== null) count++;
  t.is(count, SIZE / (SNIP + UNIT));
  t.true(gnrc_pktbuf_is_sane());
  t.false(gnrc_pktbuf_is_empty());
});

unit('add: addresses of snips and of their data rise', (t) => {
  const size = SIZE / 10 + 4;
  let prev: gnrc_pktsnip_t | null = null;
  for (let i = 0; i < 9; i++) {
    const pkt = add(null, Math.floor(size));
    t.is(pkt.next, null);
    t.is(pkt.size, Math.floor(size));
    t.is(pkt.users, 1);
    if (prev !== null) {
      t.true(prev.address < pkt.address);
      t.true(prev.data!.byteOffset < pkt.data!.byteOffset);
    }
    prev = pkt;
  }
  t.true(gnrc_pktbuf_is_sane());
});

unit('add: the bytes of a packed struct', (t) => {
  const data = new DataView(new ArrayBuffer(30));
  data.setUint8(0, 0x4d);
  data.setUint16(1, 0xef43, true);
  data.setUint32(3, 0xacdef574, true);
  data.setBigUint64(7, 0x43644305695afde5n, true);
  data.setInt8(15, 34);
  data.setInt16(16, -4469, true);
  data.setInt32(18, 149699748, true);
  data.setBigInt64(22, -46590430597n, true);
  const pkt = add(new Uint8Array(data.buffer));
  const copy = new DataView(pkt.data!.buffer, pkt.data!.byteOffset);
  t.is(copy.getBigUint64(7, true), 0x43644305695afde5n);
  t.is(copy.getInt32(18, true), 149699748);
  t.is(copy.getBigInt64(22, true), -46590430597n);
  t.deepEqual(pkt.data, new Uint8Array(data.buffer));
});

unit('add: data of a unit and a byte do not go into a hole of a unit', (t) => {
  const [pkt1, pkt2, pkt3] = [add(null, UNIT), add(null, UNIT), add(null, UNIT)];
  const hole = pkt2.data!.byteOffset;
  gnrc_pktbuf_release(pkt2);
  const pkt4 = add(new Uint8Array(64), UNIT + 1);
  t.not(pkt4.data!.byteOffset, hole);
  for (const pkt of [pkt1, pkt3, pkt4]) gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('add: a snip without bytes is released', (t) => {
  const [pkt1, pkt2] = [add(null, 0), add(null, 8)];
  gnrc_pktbuf_release(pkt1);
  t.true(gnrc_pktbuf_is_sane());
  t.false(gnrc_pktbuf_is_empty());
  gnrc_pktbuf_release(pkt2);
  t.true(gnrc_pktbuf_is_empty());
});

unit('mark: nothing of no packet, and something of it', (t) => {
  t.is(gnrc_pktbuf_mark(null, 0, GNRC_NETTYPE_TEST), null);
  t.is(gnrc_pktbuf_mark(null, STRING4.length, GNRC_NETTYPE_TEST), null);
});

for (const size of [0, STRING16.length + 8]) {
  unit(`mark: ${size} of ${STRING16.length} bytes`, (t) => {
    const pkt = add(STRING16);
    t.is(gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_TEST), null);
    t.is(pkt.next, null);
    checkSnip(t, pkt, STRING16);
  });
}

unit('mark: a snip outside the buffer that has a size but no data', (t) => {
  const pkt = new gnrc_pktsnip_t(null, null, STRING16.length, GNRC_NETTYPE_TEST);
  t.is(gnrc_pktbuf_mark(pkt, STRING16.length - 1, GNRC_NETTYPE_TEST), null);
  t.deepEqual([pkt.next, pkt.data, pkt.size, pkt.users], [null, null, STRING16.length, 1]);
});

const MARKED: readonly { name: string; size: number; added: number }[] = [
  { name: 'about half', size: STRING8.length, added: 12 },
  { name: 'eight bytes', size: 8, added: 12 },
  { name: 'one byte', size: 1, added: 3 },
];
for (const { name, size, added } of MARKED) {
  unit(`mark: ${name}; what is added then does not overwrite the rest`, (t) => {
    const pkt1 = add(STRING16);
    const pkt2 = must(gnrc_pktbuf_mark(pkt1, size, GNRC_NETTYPE_UNDEF));
    t.true(gnrc_pktbuf_is_sane());
    t.is(pkt1.next, pkt2);
    t.is(pkt2.next, null);
    checkSnip(t, pkt1, STRING16.subarray(size));
    checkSnip(t, pkt2, STRING16.subarray(0, size), GNRC_NETTYPE_UNDEF);
    gnrc_pktbuf_remove_snip(pkt1, pkt2);
    const other = add(STRING12, added);
    t.true(gnrc_pktbuf_is_sane());
    checkSnip(t, pkt1, STRING16.subarray(size));
    gnrc_pktbuf_release(pkt1);
    gnrc_pktbuf_release(other);
    t.true(gnrc_pktbuf_is_empty());
  });
}

unit('mark: all of a snip', (t) => {
  const pkt1 = add(STRING16);
  const pkt2 = must(gnrc_pktbuf_mark(pkt1, STRING16.length, GNRC_NETTYPE_UNDEF));
  t.true(gnrc_pktbuf_is_sane());
  t.is(pkt1.next, pkt2);
  checkSnip(t, pkt1, null);
  checkSnip(t, pkt2, STRING16, GNRC_NETTYPE_UNDEF);
  gnrc_pktbuf_release(pkt1);
  t.true(gnrc_pktbuf_is_sane());
  t.true(gnrc_pktbuf_is_empty());
});

unit('realloc: to nothing', (t) => {
  const pkt = add(null, STRING8.length);
  t.is(gnrc_pktbuf_realloc_data(pkt, 0), 0);
  t.true(gnrc_pktbuf_is_sane());
  checkSnip(t, pkt, null);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('realloc: to more than the buffer has', (t) => {
  const pkt = add(null, STRING8.length);
  t.is(gnrc_pktbuf_realloc_data(pkt, SIZE + 1), ENOMEM);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('realloc: smaller, in its place', (t) => {
  const pkt = add(null, STRING16.length);
  const place = pkt.data!.byteOffset;
  add(null, 4);
  t.is(gnrc_pktbuf_realloc_data(pkt, 8), 0);
  t.is(pkt.data!.byteOffset, place);
  t.deepEqual([pkt.next, pkt.size, pkt.type, pkt.users], [null, 8, GNRC_NETTYPE_TEST, 1]);
});

unit('realloc: smaller, alone', (t) => {
  const pkt = add(null, STRING16.length);
  t.is(gnrc_pktbuf_realloc_data(pkt, STRING8.length), 0);
  t.deepEqual([pkt.next, pkt.size, pkt.type, pkt.users], [null, STRING8.length, GNRC_NETTYPE_TEST, 1]);
});

unit('realloc: larger, behind a hole that is too small', (t) => {
  const pkt1 = add(STRING8);
  const pkt2 = add(null, 1);
  add(null, 4);
  gnrc_pktbuf_release(pkt2);
  t.is(gnrc_pktbuf_realloc_data(pkt1, 200), 0);
  t.is(pkt1.next, null);
  t.is(pkt1.size, 200);
  t.deepEqual(pkt1.data!.subarray(0, STRING8.length), STRING8);
  t.is(pkt1.users, 1);
});

unit('realloc: within the last unit of data', (t) => {
  const [pkt1, pkt2, pkt3] = [add(STRING8), add(null, 23), add(STRING16)];
  t.is(gnrc_pktbuf_realloc_data(pkt2, 21), 0);
  for (const pkt of [pkt1, pkt2, pkt3]) gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('realloc: smaller keeps the first bytes', (t) => {
  const pkt = add(STRING16);
  t.is(gnrc_pktbuf_realloc_data(pkt, STRING8.length), 0);
  t.is(pkt.next, null);
  checkSnip(t, pkt, STRING16.subarray(0, STRING8.length));
});

unit('realloc: larger keeps all bytes', (t) => {
  const pkt = add(STRING8);
  t.is(gnrc_pktbuf_realloc_data(pkt, STRING16.length), 0);
  t.deepEqual(pkt.data!.subarray(0, STRING8.length), STRING8);
  t.deepEqual([pkt.next, pkt.size, pkt.type, pkt.users], [null, STRING16.length, GNRC_NETTYPE_TEST, 1]);
});

unit('realloc: from nothing', (t) => {
  const pkt = add(null, 0);
  t.is(gnrc_pktbuf_realloc_data(pkt, STRING16.length), 0);
  t.deepEqual([pkt.next, pkt.size, pkt.type, pkt.users], [null, STRING16.length, GNRC_NETTYPE_TEST, 1]);
  t.true(gnrc_pktbuf_is_sane());
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('merge: more than there is room for', (t) => {
  const pkt = add(null, SIZE / 4 + 1, add(null, SIZE / 4));
  t.is(gnrc_pktbuf_merge(pkt), ENOMEM);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('merge: a snip without bytes', (t) => {
  const pkt = add(null, 0);
  t.is(gnrc_pktbuf_merge(pkt), 0);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('merge: three snips', (t) => {
  const pkt = add(STRING16, STRING16.length, add(STRING8, STRING8.length, add(STRING4)));
  t.is(gnrc_pktbuf_merge(pkt), 0);
  t.is(pkt.next, null);
  t.deepEqual(pkt.data, Uint8Array.of(...STRING16, ...STRING8, ...STRING4));
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
  t.true(gnrc_pktbuf_is_sane());
});

unit('hold: no packet, and a snip outside the buffer', (t) => {
  gnrc_pktbuf_hold(null, 1);
  t.true(gnrc_pktbuf_is_empty());
  const pkt = new gnrc_pktsnip_t(null, STRING8, STRING8.length, GNRC_NETTYPE_TEST);
  gnrc_pktbuf_hold(pkt, 1);
  t.is(pkt.users, 2);
  t.true(gnrc_pktbuf_is_empty());
});

unit('hold: one by one, and many at once', (t) => {
  const pkt = add(STRING16);
  for (let users = 2; users <= 18; users++) {
    gnrc_pktbuf_hold(pkt, 1);
    t.is(pkt.users, users);
  }
  const other = add(STRING16);
  gnrc_pktbuf_hold(other, 17);
  t.is(other.users, 18);
});

unit('release: snips of less than a unit', (t) => {
  const pkt = add(STRING8);
  const hdr = must(gnrc_pktbuf_mark(pkt, STRING8.length - 1, GNRC_NETTYPE_TEST));
  t.is(pkt.next, hdr);
  t.is(hdr.next, null);
  t.deepEqual([hdr.size, pkt.size], [STRING8.length - 1, 1]);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('release: by all users', (t) => {
  const pkt = add(STRING16);
  for (let i = 0; i < 17; i++) gnrc_pktbuf_hold(pkt, 1);
  for (let users = 17; users >= 1; users--) {
    t.false(gnrc_pktbuf_is_empty());
    gnrc_pktbuf_release(pkt);
    t.is(pkt.users, users);
  }
  t.false(gnrc_pktbuf_is_empty());
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('start_write: no packet', (t) => {
  t.is(gnrc_pktbuf_start_write(null), null);
  t.true(gnrc_pktbuf_is_empty());
});

unit('start_write: a single user', (t) => {
  const pkt = add(STRING16);
  t.is(gnrc_pktbuf_start_write(pkt), pkt);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('start_write: two users', (t) => {
  const pkt = add(STRING16);
  gnrc_pktbuf_hold(pkt, 1);
  const copy = must(gnrc_pktbuf_start_write(pkt));
  t.not(copy, pkt);
  t.is(copy.next, pkt.next);
  checkSnip(t, copy, STRING16);
  checkSnip(t, pkt, STRING16);
  gnrc_pktbuf_release(copy);
  gnrc_pktbuf_release(pkt);
  t.true(gnrc_pktbuf_is_empty());
});

unit('reverse: a buffer without room for a copy', (t) => {
  const next = add(STRING16, UNIT);
  gnrc_pktbuf_hold(next, 1);
  const pkt = add(STRING16, 8, next);
  const huge = add(null, SIZE - 3 * UNIT - 3 * SNIP - 4);
  t.is(gnrc_pktbuf_reverse_snips(pkt), null);
  gnrc_pktbuf_release(huge);
  gnrc_pktbuf_release(next);
  t.true(gnrc_pktbuf_is_empty());
});

unit('reverse: two snips', (t) => {
  const next = add(STRING8, 8);
  const pkt = add(STRING8, 8, next);
  const reversed = must(gnrc_pktbuf_reverse_snips(pkt));
  t.is(reversed, next);
  t.is(reversed.next, pkt);
  gnrc_pktbuf_release(reversed);
  t.true(gnrc_pktbuf_is_empty());
});
