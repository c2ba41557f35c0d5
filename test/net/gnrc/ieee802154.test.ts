import fc from 'fast-check';
import test from 'ava';
import { EINVAL } from '../../../kernel/errno.ts';
import { ieee802154_dbm_to_rssi, ieee802154_dst_filter, ieee802154_get_dst, ieee802154_get_dst_len,
  ieee802154_get_frame_hdr_len, ieee802154_get_seq, ieee802154_get_src, ieee802154_get_src_len, ieee802154_rssi_to_dbm,
  ieee802154_set_frame_hdr } from '../../../net/gnrc/ieee802154.ts';
import { ieee802154_get_iid } from '../../../net/wire/addr.ts';
import { ieee802154_addr_bcast, parseIeee802154 } from '../../../net/wire/ieee802154.ts';

const SEQ = 0x5a;
const SHORT = Uint8Array.of(0x12, 0x34);
const LONG = Uint8Array.of(0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77);
const OTHER = Uint8Array.of(0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10);
const NONE = new Uint8Array(0);
const DATA = 1;
const PAN_COMP = 0x40;
const ACK_REQ = 0x20;
/** Addressing modes in the second byte. */
const DST = { none: 0x00, reserved: 0x04, short: 0x08, long: 0x0c };
const SRC = { none: 0x00, reserved: 0x40, short: 0x80, long: 0xc0 };
const MODES = ['none', 'short', 'long'] as const;
const SRC_OF = { none: NONE, short: SHORT, long: LONG };
const DST_OF = { none: NONE, short: Uint8Array.of(0xab, 0xcd), long: OTHER };

const reversed = (addr: Uint8Array): number[] => [...addr].reverse();

/** A header as the standard has it. */
function header(dst: keyof typeof DST_OF, src: keyof typeof SRC_OF, dstPan: number, srcPan: number | null): Uint8Array {
  const low = srcPan === null ? DATA | PAN_COMP : DATA;
  const pan = (value: number): number[] => [value & 0xff, value >> 8];
  return Uint8Array.of(low, 0x10 | DST[dst] | SRC[src], SEQ,
    ...(dst === 'none' ? [] : [...pan(dstPan), ...reversed(DST_OF[dst])]),
    ...(src === 'none' ? [] : [...(srcPan === null ? [] : pan(srcPan)), ...reversed(SRC_OF[src])]));
}

function built(
  dst: Uint8Array | null, src: Uint8Array | null, dstPan: number, srcPan: number, flags: number,
  dstLen = dst?.length ?? 0, srcLen = src?.length ?? 0,
): Uint8Array {
  const buf = new Uint8Array(23);
  return buf.slice(0, ieee802154_set_frame_hdr(buf, src, srcLen, dst, dstLen, srcPan, dstPan, flags, SEQ));
}

test('a header is built for every pair of addressing modes, with and without PAN ID compression', (t) => {
  // The bytes of IEEE 802.15.4-2006 §7.2.1; RIOT's unit tests set_frame_hdr_* are rows of it. Equal PAN IDs compress.
  for (const dst of MODES) {
    for (const src of MODES) {
      if (dst === 'none' && src === 'none') continue;
      t.deepEqual(built(DST_OF[dst], SRC_OF[src], 0x4711, 0x4712, DATA), header(dst, src, 0x4711, 0x4712));
      const same = dst === 'none' || src === 'none' ? header(dst, src, 7, 7) : header(dst, src, 7, null);
      t.deepEqual(built(DST_OF[dst], SRC_OF[src], 7, 7, DATA), same, `${dst} ${src}`);
    }
  }
});

test('a frame to ffff asks for no ACK, one to another address does', (t) => {
  // ieee802154_set_frame_hdr() clears the bit that its caller's flags have.
  t.is(built(ieee802154_addr_bcast, LONG, 7, 7, DATA | ACK_REQ)[0], DATA | PAN_COMP);
  t.is(built(ieee802154_addr_bcast, SHORT, 7, 8, DATA | ACK_REQ)[0], DATA);
  t.is(built(ieee802154_addr_bcast, null, 7, 7, DATA | ACK_REQ)[0], DATA);
  t.is(built(SHORT, LONG, 7, 7, DATA | ACK_REQ)[0], DATA | ACK_REQ | PAN_COMP);
  // ff.. as the first byte of a long address is no broadcast.
  t.is(built(new Uint8Array(8).fill(0xff), LONG, 7, 7, DATA | ACK_REQ)[0], DATA | ACK_REQ | PAN_COMP);
});

test('what has no address is built for a beacon and an ACK only; a null address, a strange length for nobody', (t) => {
  // RIOT's tests flags0 and flags0_non_beacon_non_ack; 0 is "no header".
  t.deepEqual(built(null, null, 0, 0, 0), Uint8Array.of(0, 0x10, SEQ));
  t.deepEqual(built(null, null, 0, 0, 2), Uint8Array.of(2, 0x10, SEQ));
  t.is(built(null, null, 0, 0, DATA).length, 0);
  t.is(built(null, null, 0, 0, 3).length, 0);
  t.is(built(null, LONG, 7, 7, DATA, 2).length, 0);
  t.is(built(SHORT, null, 7, 7, DATA, 2, 8).length, 0);
  for (const length of [1, 3, 4, 7]) {
    t.is(built(LONG, LONG, 7, 7, DATA, length).length, 0);
    t.is(built(LONG, LONG, 7, 7, DATA, 8, length).length, 0);
  }
});

test('the length of a header follows from its first two bytes', (t) => {
  // RIOT's tests get_frame_hdr_len_*: 0 for reserved modes, for no address, and for compression without destination.
  const length = (low: number, high: number) => ieee802154_get_frame_hdr_len(Uint8Array.of(low, high, 0));
  const expected: [number, number, number][] = [
    [DATA, DST.none | SRC.none, 0], [DATA, DST.reserved, 0], [DATA, SRC.reserved, 0],
    [DATA, DST.short | SRC.reserved, 0], [DATA, DST.reserved | SRC.long, 0],
    [DATA, DST.short, 7], [DATA, DST.long, 13], [DATA, SRC.short, 7], [DATA | PAN_COMP, SRC.short, 0],
    [DATA, SRC.long, 13], [DATA | PAN_COMP, SRC.long, 0], [DATA, DST.short | SRC.short, 11],
    [DATA, DST.long | SRC.short, 17], [DATA, DST.long | SRC.long, 23], [DATA, DST.short | SRC.long, 17],
    [DATA | PAN_COMP, DST.short | SRC.short, 9], [DATA | PAN_COMP, DST.long | SRC.long, 21],
    [2, DST.long | SRC.long, 3], [0, SRC.short, 7], [0, SRC.long, 13], [0, DST.long | SRC.long, 13],
    [PAN_COMP, DST.short | SRC.short, 0], [0, DST.short, 0],
  ];
  for (const [low, high, bytes] of expected) t.is(length(low, high), bytes, `${low.toString(16)} ${high.toString(16)}`);
});

test('source and destination of every pair of modes are read back in network order, with their PAN IDs', (t) => {
  // RIOT's tests get_src_* and get_dst_*. Without source address its PAN ID is the destination's.
  for (const dst of MODES) {
    for (const src of MODES) {
      for (const compressed of [false, true]) {
        if (compressed && dst === 'none') continue;
        const mhr = header(dst, src, 0x4711, compressed ? null : 0x4712);
        const [from, to] = [new Uint8Array(8), new Uint8Array(8)];
        const [fromPan, toPan] = [{ pan: -1 }, { pan: -1 }];
        t.is(ieee802154_get_src(mhr, from, fromPan), SRC_OF[src].length);
        t.is(ieee802154_get_dst(mhr, to, toPan), DST_OF[dst].length);
        t.deepEqual(from.subarray(0, SRC_OF[src].length), SRC_OF[src]);
        t.deepEqual(to.subarray(0, DST_OF[dst].length), DST_OF[dst]);
        t.is(toPan.pan, dst === 'none' ? -1 : 0x4711);
        const own = src === 'none' || compressed ? toPan.pan : 0x4712;
        t.is(fromPan.pan, own, `${dst} ${src} ${compressed}`);
        t.is(ieee802154_get_src_len(mhr), SRC_OF[src].length);
        t.is(ieee802154_get_dst_len(mhr), DST_OF[dst].length);
        t.is(ieee802154_get_seq(mhr), SEQ);
      }
    }
  }
});

test('a reserved addressing mode has no address, nor a source behind a compressed PAN ID of no destination', (t) => {
  // RIOT's tests get_src_dstr, _srcr, _dst0_pancomp, get_dst_dstr, _dst0, _dst0_pancomp.
  const [addr, pan] = [new Uint8Array(8), { pan: 0 }];
  t.is(ieee802154_get_src(Uint8Array.of(0, DST.reserved, 0), addr, pan), -EINVAL);
  t.is(ieee802154_get_src(Uint8Array.of(0, SRC.reserved, 0), addr, pan), -EINVAL);
  t.is(ieee802154_get_src(Uint8Array.of(PAN_COMP, 0, 0), addr, pan), -EINVAL);
  t.is(ieee802154_get_dst(Uint8Array.of(0, DST.reserved, 0), addr, pan), -EINVAL);
  t.is(ieee802154_get_dst(Uint8Array.of(0, 0, SEQ), addr, pan), 0);
});

test('RI-19: the filter passes over what is for another PAN or address, and what has no destination', (t) => {
  // RIOT's tests dst_filter_*; a frame without destination was let through before RIOT 3068530f45. 1: passed over.
  const filter = (mhr: Uint8Array, pan = 0x4711) => ieee802154_dst_filter(mhr, pan, DST_OF.short, DST_OF.long);
  t.is(filter(header('short', 'long', 0x4711, null), 0x4713), 1);
  t.is(ieee802154_dst_filter(header('short', 'none', 0x4711, null), 0x4711, SHORT, OTHER), 1);
  t.is(ieee802154_dst_filter(header('long', 'none', 0x4711, null), 0x4711, SHORT, LONG), 1);
  t.is(filter(header('short', 'long', 0x4711, null)), 0);
  t.is(filter(header('short', 'long', 0xffff, null)), 0);
  t.is(filter(header('long', 'long', 0x4711, null)), 0);
  t.is(filter(header('long', 'long', 0xffff, null)), 0);
  t.is(filter(built(ieee802154_addr_bcast, LONG, 0x4711, 0x4711, DATA)), 0);
  for (const src of ['short', 'long'] as const) t.is(filter(header('none', src, 0, 0x4711)), 1);
  t.is(filter(Uint8Array.of(DATA, DST.reserved | SRC.long, 1)), 1);
});

test('an interface identifier is made of 2, 4 and 8 bytes, and of no other length', (t) => {
  // RIOT's tests get_iid_addr_len_*.
  t.is(ieee802154_get_iid(NONE), null);
  t.deepEqual(ieee802154_get_iid(SHORT), Uint8Array.of(0, 0, 0, 0xff, 0xfe, 0, 0x12, 0x34));
  t.deepEqual(ieee802154_get_iid(LONG.subarray(0, 4)), Uint8Array.of(0, 0x11, 0, 0xff, 0xfe, 0, 0x22, 0x33));
  t.deepEqual(ieee802154_get_iid(LONG), Uint8Array.of(0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77));
  t.is(ieee802154_get_iid(new Uint8Array(9)), null);
});

test('signal strength goes from dBm to the scale of the standard and back, cut to -174 to 80 dBm', (t) => {
  // RIOT's tests dbm_to_rssi and rssi_to_dbm.
  t.deepEqual([0, -73, -180, 85].map(ieee802154_dbm_to_rssi), [174, 101, 0, 254]);
  t.deepEqual([174, 101, 0, 254].map(ieee802154_rssi_to_dbm), [0, -73, -174, 80]);
});

test('whatever the first bytes are, both readers agree on each header that the strict one takes', (t) => {
  // parseIeee802154() checks all that RIOT leaves out; where it is content, length and addresses must be the same.
  fc.assert(fc.property(fc.uint8Array({ minLength: 3, maxLength: 30 }), (mpdu) => {
    const repr = parseIeee802154(mpdu);
    if (typeof repr === 'string') return;
    t.is(ieee802154_get_frame_hdr_len(mpdu), repr.headerLength);
    if (repr.frameType === 2) return;
    const [src, dst] = [new Uint8Array(8), new Uint8Array(8)];
    t.is(ieee802154_get_src(mpdu, src, { pan: 0 }), repr.src.length);
    t.is(ieee802154_get_dst(mpdu, dst, { pan: 0 }), repr.dst.length);
    t.deepEqual(src.subarray(0, repr.src.length), repr.src);
    t.deepEqual(dst.subarray(0, repr.dst.length), repr.dst);
  }), { seed: 42, numRuns: 2000 });
});
