import test from 'ava';
import fc from 'fast-check';
import { ENOMEM } from '../../../kernel/errno.ts';
import { AssertFailed } from '../../../kernel/panic.ts';
import { GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, gnrc_pkt_len, gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_failed, gnrc_pktbuf_hold, gnrc_pktbuf_init, gnrc_pktbuf_is_empty,
  gnrc_pktbuf_mark, gnrc_pktbuf_merge, gnrc_pktbuf_peak, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release,
  gnrc_pktbuf_remove_snip, gnrc_pktbuf_reverse_snips, gnrc_pktbuf_start_write, gnrc_pktbuf_used,
} from '../../../net/gnrc/pktbuf.ts';
import { NetBoard } from './board.ts';

function board(net: Record<string, number> = {}): NetBoard {
  return new NetBoard(function* () { return 0; }, { net });
}

/** A snip that must be there. */
function must(snip: gnrc_pktsnip_t | null): gnrc_pktsnip_t {
  if (snip === null) throw new Error('the packet buffer is full');
  return snip;
}

const count = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i + 1);

test('a snip takes a descriptor of 32 bytes and data rounded up to 16 on native64, 16 and 8 on 32-bit boards', (t) => {
  // The sizes of gnrc_pktsnip_t and of the unit of the static packet buffer, measured on RIOT for both architectures.
  const cases: [number, number, number][] = [[8, 0, 32], [8, 1, 48], [8, 16, 48], [8, 17, 64],
    [4, 0, 16], [4, 1, 24], [4, 8, 24], [4, 9, 32]];
  for (const [pointer, size, used] of cases) {
    const b = board({ SIZEOF_POINTER: pointer });
    b.do(() => {
      const snip = must(gnrc_pktbuf_add(null, null, size, GNRC_NETTYPE_UNDEF));
      t.is(b.pktbufUsed, used, `${size} bytes with pointers of ${pointer}`);
      t.is(snip.data === null, size === 0);
      gnrc_pktbuf_release(snip);
      t.true(gnrc_pktbuf_is_empty());
    });
  }
});

test('a received frame of 125 bytes needs 160 bytes at first, and up to 400 while its MAC header is taken off', (t) => {
  // RIOT: RX of a 125-byte MPDU (123 without FCS) takes 32 + 128 on native64. Then a netif header of 8 + 16 bytes
  // takes 32 + 32, and marking 21 of 123 bytes a descriptor and both parts anew, 32 + 32 + 112, while the old 128 are
  // in use.
  const b = board();
  b.do(() => {
    const pkt = must(gnrc_pktbuf_add(null, null, 123, GNRC_NETTYPE_UNDEF));
    t.is(b.pktbufUsed, 160);
    const hdr = must(gnrc_pktbuf_add(null, null, 24, GNRC_NETTYPE_NETIF));
    t.is(b.pktbufUsed, 224);
    const mhr = must(gnrc_pktbuf_mark(pkt, 21, GNRC_NETTYPE_UNDEF));
    t.is(b.pktbufUsed, 224 + 32 + 32 + 112 - 128);
    gnrc_pktbuf_remove_snip(pkt, mhr);
    t.is(b.pktbufUsed, 32 + 112 + 64);
    gnrc_pktbuf_release(pkt);
    gnrc_pktbuf_release(hdr);
  });
  t.is(gnrc_pktbuf_used(b.kernel), 0);
  t.is(gnrc_pktbuf_peak(b.kernel), 400);
});

test('mark splits the first bytes off into the next snip', (t) => {
  // All bytes are different, so a shifted or swapped part shows.
  board().do(() => {
    for (const size of [1, 15, 16, 17, 32, 40]) {
      const pkt = must(gnrc_pktbuf_add(null, count(40), 40, GNRC_NETTYPE_UDP));
      const marked = must(gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_NETIF));
      t.is(pkt.next, marked);
      t.is(marked.type, GNRC_NETTYPE_NETIF);
      t.is(pkt.type, GNRC_NETTYPE_UDP);
      t.deepEqual(gnrc_pkt_bytes(marked), count(40).subarray(0, size));
      t.deepEqual(gnrc_pkt_bytes(pkt), count(40).subarray(size));
      t.is(pkt.size + marked.size, 40);
      t.is(pkt.data === null, size === 40);
      gnrc_pktbuf_release(pkt);
    }
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('mark refuses no packet, no bytes, more bytes than there are, and a snip without data', (t) => {
  // RIOT's unit test pktbuf_mark has these cases.
  board().do(() => {
    const pkt = must(gnrc_pktbuf_add(null, count(8), 8, GNRC_NETTYPE_UNDEF));
    const empty = must(gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UNDEF));
    t.is(gnrc_pktbuf_mark(null, 1, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pktbuf_mark(pkt, 0, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pktbuf_mark(pkt, 9, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pktbuf_mark(empty, 1, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pkt_len(pkt), 8);
    t.is(pkt.next, null);
  });
});

test('a full buffer refuses, and refuses nothing more once there is room', (t) => {
  // 3 snips of 32 + 16 bytes fill 144 bytes to the last one.
  const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 144 });
  b.do(() => {
    const snips = [1, 2, 3].map(() => must(gnrc_pktbuf_add(null, count(16), 16, GNRC_NETTYPE_UNDEF)));
    t.is(b.pktbufUsed, 144);
    t.is(gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pktbuf_realloc_data(snips[0]!, 17), ENOMEM);
    t.deepEqual(snips[0]!.data, count(16));
    t.is(gnrc_pktbuf_mark(snips[0]!, 16, GNRC_NETTYPE_UNDEF), null);
    t.is(gnrc_pktbuf_failed(b.kernel), 3);
    gnrc_pktbuf_release(snips[2]!);
    // Descriptor and data are two allocations: what has room for one only gets neither.
    t.is(gnrc_pktbuf_add(null, null, 17, GNRC_NETTYPE_UNDEF), null);
    t.not(gnrc_pktbuf_add(null, null, 16, GNRC_NETTYPE_UNDEF), null);
  });
});

test('realloc keeps the bytes that stay, and gives back what is cut', (t) => {
  // Growing copies into a new block and needs room for both; shrinking frees whole units only.
  const b = board();
  b.do(() => {
    const pkt = must(gnrc_pktbuf_add(null, count(20), 20, GNRC_NETTYPE_UNDEF));
    t.is(gnrc_pktbuf_realloc_data(pkt, 40), 0);
    t.deepEqual(gnrc_pkt_bytes(pkt).subarray(0, 20), count(20));
    t.is(b.pktbufUsed, 32 + 48);
    t.is(gnrc_pktbuf_realloc_data(pkt, 33), 0);
    t.is(b.pktbufUsed, 32 + 48);
    t.is(gnrc_pktbuf_realloc_data(pkt, 5), 0);
    t.is(b.pktbufUsed, 32 + 16);
    t.deepEqual(gnrc_pkt_bytes(pkt), count(5));
    t.is(gnrc_pktbuf_realloc_data(pkt, 0), 0);
    t.is(pkt.data, null);
    t.is(b.pktbufUsed, 32);
    t.is(gnrc_pktbuf_realloc_data(pkt, 3), 0);
    t.deepEqual(gnrc_pkt_bytes(pkt), new Uint8Array(3));
  });
});

test('every user must release a packet; the last one frees it', (t) => {
  // hold(2) makes three users: two releases leave the bytes in use.
  const b = board();
  b.do(() => {
    const rest = must(gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UNDEF));
    const pkt = must(gnrc_pktbuf_add(rest, null, 4, GNRC_NETTYPE_UNDEF));
    gnrc_pktbuf_hold(pkt, 2);
    t.is(pkt.next!.users, 3);
    gnrc_pktbuf_release(pkt);
    gnrc_pktbuf_release(pkt);
    t.is(b.pktbufUsed, 96);
    gnrc_pktbuf_release(pkt);
    t.is(b.pktbufUsed, 0);
  });
});

test('a freed snip holds no bytes and no other snip, one that has users keeps them', (t) => {
  // Whoever still points to a packet that it gave away must not keep its memory.
  board().do(() => {
    const payload = must(gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UNDEF));
    const header = must(gnrc_pktbuf_add(payload, null, 8, GNRC_NETTYPE_UNDEF));
    gnrc_pktbuf_hold(payload, 1);
    gnrc_pktbuf_release(header);
    t.deepEqual([header.data, header.next], [null, null]);
    t.is(payload.data?.length, 4);
    gnrc_pktbuf_release(payload);
    t.is(payload.data, null);
  });
});

test('a release too many and a 256th user fail the assertions of RIOT', (t) => {
  // The texts are RIOT's file and line, which the kernel prints.
  board().do(() => {
    const pkt = must(gnrc_pktbuf_add(null, null, 4, GNRC_NETTYPE_UNDEF));
    gnrc_pktbuf_hold(pkt, 254);
    t.throws(() => gnrc_pktbuf_hold(pkt, 1), { instanceOf: AssertFailed, message: /gnrc_pktbuf_static\.c:207$/ });
    pkt.users = 1;
    gnrc_pktbuf_release(pkt);
    t.throws(() => gnrc_pktbuf_release(pkt), { instanceOf: AssertFailed, message: /gnrc_pktbuf\.c:94$/ });
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('who writes gets the snip itself when it is its only user, and else a copy of it alone', (t) => {
  // The copy shares the snips behind it, as in RIOT: they keep their users.
  const b = board();
  b.do(() => {
    const rest = must(gnrc_pktbuf_add(null, count(3), 3, GNRC_NETTYPE_UNDEF));
    const pkt = must(gnrc_pktbuf_add(rest, count(4), 4, GNRC_NETTYPE_UDP));
    t.is(gnrc_pktbuf_start_write(pkt), pkt);
    t.is(gnrc_pktbuf_start_write(null), null);
    gnrc_pktbuf_hold(pkt, 1);
    const own = must(gnrc_pktbuf_start_write(pkt));
    t.not(own, pkt);
    t.is(own.next, rest);
    t.deepEqual([own.users, pkt.users, rest.users], [1, 1, 2]);
    gnrc_pkt_bytes(own)[0] = 99;
    t.deepEqual(gnrc_pkt_bytes(pkt), count(4));
    gnrc_pktbuf_release(own);
    gnrc_pktbuf_release(pkt);
    t.is(b.pktbufUsed, 0);
  });
});

test('merge makes one snip of all, and leaves the packet as it was when there is no room', (t) => {
  // Different bytes show a wrong order; the bytes in use tell that the other snips are gone. Three snips of up to 16
  // bytes
  // leave 16 of 160: room for the merged data of the first packet, not for the 18 bytes of the second.
  const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 160 });
  b.do(() => {
    const make = (first: number): gnrc_pktsnip_t => {
      const last = must(gnrc_pktbuf_add(null, count(2), 2, GNRC_NETTYPE_UNDEF));
      const middle = must(gnrc_pktbuf_add(last, count(5), 5, GNRC_NETTYPE_UNDEF));
      return must(gnrc_pktbuf_add(middle, count(first), first, GNRC_NETTYPE_UDP));
    };
    const pkt = make(3);
    t.is(gnrc_pktbuf_merge(pkt), 0);
    t.deepEqual(gnrc_pkt_bytes(pkt), Uint8Array.of(1, 2, 3, 1, 2, 3, 4, 5, 1, 2));
    t.is(pkt.next, null);
    t.is(b.pktbufUsed, 48);
    t.is(gnrc_pktbuf_merge(pkt), 0);
    gnrc_pktbuf_release(pkt);
    const other = make(11);
    t.is(gnrc_pktbuf_merge(other), ENOMEM);
    t.is(gnrc_pkt_len(other), 18);
    gnrc_pktbuf_release(other);
    t.true(gnrc_pktbuf_is_empty());
  });
});

test('reverse turns the order round, and frees everything when a copy finds no room', (t) => {
  // Snips of sizes 1, 2, 3; a shared one must be copied before its `next` may change.
  const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 160 });
  b.do(() => {
    const make = (): gnrc_pktsnip_t => {
      const last = must(gnrc_pktbuf_add(null, count(3), 3, GNRC_NETTYPE_UNDEF));
      const middle = must(gnrc_pktbuf_add(last, count(2), 2, GNRC_NETTYPE_UNDEF));
      return must(gnrc_pktbuf_add(middle, count(1), 1, GNRC_NETTYPE_UDP));
    };
    const reversed = must(gnrc_pktbuf_reverse_snips(make()));
    t.deepEqual([reversed.size, reversed.next!.size, reversed.next!.next!.size], [3, 2, 1]);
    gnrc_pktbuf_release(reversed);
    const shared = make();
    gnrc_pktbuf_hold(shared, 1);
    t.is(gnrc_pktbuf_reverse_snips(shared), null);
    t.is(b.pktbufUsed, 144);
    gnrc_pktbuf_release(shared);
    t.is(b.pktbufUsed, 0);
  });
});

test('whatever is done with packets, the bytes in use are those of the snips that are left', (t) => {
  // A model keeps the live snips; after each step the sum over them, by RIOT's rounding, must be the buffer's own
  // count.
  const step = fc.tuple(fc.constantFrom('add', 'mark', 'realloc', 'write', 'merge', 'release'), fc.nat(), fc.nat(200));
  t.notThrows(() => fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 1024 });
    b.do(() => {
      gnrc_pktbuf_init();
      const packets: gnrc_pktsnip_t[] = [];
      for (const [what, which, size] of steps) {
        const at = which % Math.max(packets.length, 1);
        const pkt = packets[at] ?? null;
        if (what === 'add') {
          const snip = gnrc_pktbuf_add(which % 2 === 0 ? null : pkt, null, size, GNRC_NETTYPE_UNDEF);
          if (snip !== null && snip.next !== null) packets[at] = snip;
          else if (snip !== null) packets.push(snip);
        } else if (pkt !== null && what === 'mark') gnrc_pktbuf_mark(pkt, size, GNRC_NETTYPE_UNDEF);
        else if (pkt !== null && what === 'realloc') gnrc_pktbuf_realloc_data(pkt, size);
        else if (pkt !== null && what === 'merge') gnrc_pktbuf_merge(pkt);
        else if (pkt !== null && what === 'write') {
          gnrc_pktbuf_hold(pkt, 1);
          const own = gnrc_pktbuf_start_write(pkt);
          gnrc_pktbuf_release(own ?? pkt);
        } else if (pkt !== null) {
          gnrc_pktbuf_release(pkt);
          packets.splice(at, 1);
        }
        let expected = 0;
        for (const packet of packets) {
          for (let s: gnrc_pktsnip_t | null = packet; s !== null; s = s.next) {
            expected += 32 + Math.ceil(s.size / 16) * 16;
            if (gnrc_pkt_bytes(s).length !== s.size) throw new Error('data and size differ');
          }
        }
        if (b.pktbufUsed !== expected || expected > 1024) throw new Error(`${what}: ${b.pktbufUsed} for ${expected}`);
      }
      for (const packet of packets) gnrc_pktbuf_release(packet);
      if (!gnrc_pktbuf_is_empty()) throw new Error('not empty at the end');
    });
  }), { seed: 42, numRuns: 300 }));
});

test('a buffer with room enough in two blocks has none for what fits into neither', (t) => {
  // Four snips of 32 + 96 bytes fill 512. Without the first and the third 256 bytes are free in two blocks of 128: the
  // descriptor takes 32 of one, so data of 128 fit and of 129 do not. Once the second is gone too, 192 do.
  const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 512 });
  b.do(() => {
    const [first, second, third] = [1, 2, 3, 4].map(() => must(gnrc_pktbuf_add(null, null, 96, GNRC_NETTYPE_UNDEF)));
    gnrc_pktbuf_release(first!);
    gnrc_pktbuf_release(third!);
    t.is(b.pktbufUsed, 256);
    t.is(gnrc_pktbuf_add(null, null, 129, GNRC_NETTYPE_UNDEF), null);
    t.is(b.pktbufUsed, 256);
    t.is(must(gnrc_pktbuf_add(null, null, 128, GNRC_NETTYPE_UNDEF)).data!.byteOffset, 256);
    gnrc_pktbuf_release(second!);
    t.is(must(gnrc_pktbuf_add(null, null, 192, GNRC_NETTYPE_UNDEF)).data!.byteOffset, 64);
  });
});

test('bytes without contents are those that were there before: zeros in a fresh arena, then others\' bytes', (t) => {
  // Behind the 16 bytes that RIOT's list of free blocks takes of each block, nothing touches memory that is free.
  const b = board();
  b.do(() => {
    const fresh = must(gnrc_pktbuf_add(null, null, 48, GNRC_NETTYPE_UNDEF));
    t.deepEqual(fresh.data!.subarray(16), new Uint8Array(32));
    fresh.data!.set(count(48));
    const stale = fresh.data!;
    gnrc_pktbuf_release(fresh);
    const again = must(gnrc_pktbuf_add(null, null, 48, GNRC_NETTYPE_UNDEF));
    t.is(again.data!.byteOffset, stale.byteOffset);
    t.deepEqual(again.data!.subarray(16), count(48).subarray(16));
    stale[20] = 0xee;
    t.is(again.data![20], 0xee);
  });
});

test('a size of the buffer that is no multiple of the unit is refused with both figures', (t) => {
  // RIOT does not compile with one; 200 is a multiple of 8 but not of 16.
  t.throws(() => board({ CONFIG_GNRC_PKTBUF_SIZE: 200 }).do(gnrc_pktbuf_init),
    { instanceOf: RangeError, message: /^CONFIG_GNRC_PKTBUF_SIZE: 200 .* 16$/ });
  t.notThrows(() => board({ CONFIG_GNRC_PKTBUF_SIZE: 200, SIZEOF_POINTER: 4 }).do(gnrc_pktbuf_init));
});

test('data that are no part of the arena, and a snip of no packet buffer, fail the assertions of RIOT', (t) => {
  // gnrc_pktbuf_static.c:166 and :471, gnrc_pktbuf.c:93. A part that is freed twice has no defined effect on a board.
  const b = board();
  b.do(() => {
    const outside = new gnrc_pktsnip_t(null, new Uint8Array(8), 8, GNRC_NETTYPE_UNDEF);
    t.throws(() => gnrc_pktbuf_release(outside), { instanceOf: AssertFailed, message: /gnrc_pktbuf\.c:93$/ });
    t.throws(() => gnrc_pktbuf_realloc_data(outside, 4), { instanceOf: AssertFailed, message: /static\.c:166$/ });
    const pkt = must(gnrc_pktbuf_add(null, null, 8, GNRC_NETTYPE_UNDEF));
    const { data } = pkt;
    pkt.data = new Uint8Array(8);
    t.throws(() => gnrc_pktbuf_release(pkt), { instanceOf: AssertFailed, message: /static\.c:471$/ });
    const shared = must(gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UNDEF));
    const twin = must(gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UNDEF));
    for (const snip of [shared, twin]) Object.assign(snip, { data, size: 8 });
    gnrc_pktbuf_release(shared);
    gnrc_pktbuf_release(twin);
  });
  t.regex(b.printed, /undefined on RIOT: 8 bytes of the packet buffer are freed that are not in use\n$/);
});

test('with CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE a write after the release is found at the next allocation', (t) => {
  // RIOT's canary: free bytes are 55, fresh ones aa; the offset is that of the byte from the start of the block.
  const b = board({ CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE: 1, CONFIG_GNRC_PKTBUF_SIZE: 128 });
  b.do(() => {
    const pkt = must(gnrc_pktbuf_add(null, null, 64, GNRC_NETTYPE_UNDEF));
    t.deepEqual(pkt.data, new Uint8Array(64).fill(0xaa));
    const stale = pkt.data!;
    gnrc_pktbuf_release(pkt);
    t.deepEqual(stale.subarray(16), new Uint8Array(48).fill(0x55));
    gnrc_pktbuf_release(gnrc_pktbuf_add(null, null, 64, GNRC_NETTYPE_UNDEF));
    t.is(b.printed, '');
    stale[40] = 0;
    t.throws(() => gnrc_pktbuf_add(null, null, 64, GNRC_NETTYPE_UNDEF),
      { instanceOf: AssertFailed, message: /static\.c:434$/ });
  });
  t.regex(b.printed, /^\[0x45b830\] mismatch at offset 40\/64 \(ignoring 16 initial bytes that were repurposed\)\n/);
});

test('with CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE data that are freed twice are found', (t) => {
  // Two snips have the same data, of two units: what lies behind the first is all canary at the second release. What is
  // freed stays free once: the buffer is empty at the end.
  const b = board({ CONFIG_GNRC_PKTBUF_CHECK_USE_AFTER_FREE: 1, CONFIG_GNRC_PKTBUF_SIZE: 256 });
  b.do(() => {
    const pkt = must(gnrc_pktbuf_add(null, count(20), 20, GNRC_NETTYPE_UNDEF));
    const twin = must(gnrc_pktbuf_add(null, null, 0, GNRC_NETTYPE_UNDEF));
    Object.assign(twin, { data: pkt.data, size: 20 });
    gnrc_pktbuf_release(pkt);
    t.is(b.printed, '');
    gnrc_pktbuf_release(twin);
    t.true(gnrc_pktbuf_is_empty());
  });
  t.is(b.printed, 'pktbuf: double free detected! (at 0x45b830, len=32)\n' +
    'undefined on RIOT: 20 bytes of the packet buffer are freed that are not in use\n');
});

test('levels of the buffer and what did not fit are told to the trace', (t) => {
  // The gauge must have the level after the call, and a refusal the size that was asked for, rounded up. The descriptor
  // of the second snip had found room: it counts while its data do not.
  const b = board({ CONFIG_GNRC_PKTBUF_SIZE: 128 });
  b.tracing = true;
  b.do(() => {
    const snip = must(gnrc_pktbuf_add(null, null, 1, GNRC_NETTYPE_UNDEF));
    gnrc_pktbuf_add(null, null, 100, GNRC_NETTYPE_UNDEF);
    gnrc_pktbuf_release(snip);
  });
  t.deepEqual(b.events, [
    { layer: 'pktbuf', type: 'gauge', name: 'CONFIG_GNRC_PKTBUF_SIZE', used: 48, peak: 48, limit: 128 },
    { layer: 'pktbuf', type: 'full', bytes: 112, used: 80, limit: 128, largest: 48 },
    { layer: 'pktbuf', type: 'gauge', name: 'CONFIG_GNRC_PKTBUF_SIZE', used: 0, peak: 80, limit: 128 },
  ] as unknown as typeof b.events);
});
