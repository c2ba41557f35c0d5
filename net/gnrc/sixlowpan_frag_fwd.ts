// Fragments that pass through: what the reassembly buffer and IPHC do with the virtual reassembly buffer (RIOT
// gnrc_sixlowpan_frag_rb.c and gnrc_sixlowpan_iphc.c with module gnrc_sixlowpan_frag_vrb).
import type { Blocking } from '../../kernel/blocking.ts';
import { ENOTSUP } from '../../kernel/errno.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import { put16 } from '../wire/bytes.ts';
import { FRAG_1_HEADER_LEN, FRAG_N_HEADER_LEN } from '../wire/frag.ts';
import { IPV6_HEADER_LEN, IPV6_OFFSET_HOP_LIMIT, IPV6_OFFSET_PAYLOAD_LENGTH } from '../wire/ipv6.ts';
import { drop, drop_pkt } from './drop.ts';
import {
  gnrc_netif_hdr_get_dst_addr, gnrc_netif_hdr_get_netif, gnrc_netif_hdr_get_src_addr, gnrc_netif_hdr_of,
  type gnrc_netif_hdr_t,
} from './netif_hdr.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_SIXLOWPAN } from './nettype.ts';
import {
  gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pkt_delete, gnrc_pktsnip_search_type, type gnrc_pktsnip_t,
} from './pkt.ts';
import {
  gnrc_pktbuf_mark, gnrc_pktbuf_realloc_data, gnrc_pktbuf_release, gnrc_pktbuf_remove_snip, gnrc_pktbuf_reverse_snips,
} from './pktbuf.ts';
import { gnrc_sixlowpan_frag_minfwd_forward } from './sixlowpan_frag_minfwd.ts';
import { rbuf_remove } from './sixlowpan_frag_rb_entries.ts';
import type { gnrc_sixlowpan_frag_rb_t } from './sixlowpan_frag_rb_t.ts';
import {
  gnrc_sixlowpan_frag_vrb_from_route, gnrc_sixlowpan_frag_vrb_rm, type gnrc_sixlowpan_frag_vrb_t,
} from './sixlowpan_frag_vrb.ts';
import { sixlowpan_datagram_type, sixlowpan_modules } from './sixlowpan_internal.ts';
import { gnrc_sixlowpan_iphc_encode, iphc_decode_frag1, iphc_write_frag1 } from './sixlowpan_iphc.ts';

/**
 * Decompresses the first fragment of a datagram, and sends it on when a route leads further; else the datagram is put
 * together here, in `rbuf`. When something fails `rbuf` is empty afterwards.
 *
 * @param sixlo  what follows the fragment header, then that header, then the netif header; consumed
 * @param rbuf   the entry of the datagram
 */
export function* frag_recv_iphc_vrb(sixlo: gnrc_pktsnip_t, rbuf: gnrc_sixlowpan_frag_rb_t): Blocking<void> {
  const { super: base } = rbuf;
  const ipv6 = rbuf.pkt!;
  const netif = gnrc_pktsnip_search_type(sixlo, GNRC_NETTYPE_NETIF);
  if (netif === null) return fail('no-netif-header', sixlo, rbuf);
  const hdr = gnrc_netif_hdr_of(netif);
  const bytes = gnrc_pkt_bytes(sixlo);
  const lengths = iphc_decode_frag1(
    bytes, base.datagram_size, gnrc_netif_hdr_get_src_addr(hdr), gnrc_netif_hdr_get_dst_addr(hdr),
  );
  if (typeof lengths === 'string') return fail(lengths, sixlo, rbuf);
  const { headerLength, uncompressedLength } = lengths;
  const length = uncompressedLength + bytes.length - headerLength;
  if (!grow(ipv6, Math.max(uncompressedLength, ipv6.size))) return fail('pktbuf-full', sixlo, rbuf);
  iphc_write_frag1(bytes.subarray(0, headerLength), lengths, ipv6.data!);
  put16(ipv6.data!, IPV6_OFFSET_PAYLOAD_LENGTH, base.datagram_size - IPV6_HEADER_LEN);

  const vrbe = yield* route(rbuf, ipv6, bytes.length, hdr);
  if (vrbe !== null) {
    gnrc_pkt_delete(sixlo, netif);
    netif.next = null;
    gnrc_pkt_append(ipv6, netif);
  }
  if (!grow(ipv6, vrbe === null ? base.datagram_size : length)) {
    if (vrbe !== null) gnrc_sixlowpan_frag_vrb_rm(vrbe);
    return fail('pktbuf-full', sixlo, rbuf);
  }
  if (ipv6.size < length) return fail('datagram-size-too-small', sixlo, rbuf);
  ipv6.data!.set(bytes.subarray(headerLength), uncompressedLength);
  base.current_size += uncompressedLength - headerLength;
  if (vrbe !== null) yield* forwardFirst(ipv6, gnrc_pkt_bytes(sixlo.next!), rbuf, vrbe);
  gnrc_pktbuf_release(sixlo);
}

function grow(pkt: gnrc_pktsnip_t, size: number): boolean {
  return gnrc_pktbuf_realloc_data(pkt, size) === 0;
}

function fail(reason: string, sixlo: gnrc_pktsnip_t, rbuf: gnrc_sixlowpan_frag_rb_t): void {
  const { pkt } = rbuf;
  rbuf_remove(rbuf);
  gnrc_pktbuf_release(pkt);
  drop_pkt('6lo', reason, sixlo);
}

/** The entry of a datagram that goes further, if this fragment is the only one yet and has room to change its size. */
function* route(
  { super: base }: gnrc_sixlowpan_frag_rb_t, ipv6: gnrc_pktsnip_t, size: number, hdr: gnrc_netif_hdr_t,
): Blocking<gnrc_sixlowpan_frag_vrb_t | null> {
  const netif = gnrc_netif_hdr_get_netif(hdr);
  const max = netif === null ? 0 : netif.sixlo.max_frag_size;
  if (base.current_size > size || ipv6.data![IPV6_OFFSET_HOP_LIMIT]! <= 1 || base.current_size > max) return null;
  if (base.src_len === 0) {
    if (quirk('vrb-no-source')) undefined_on_riot('6lo: a fragment without source address fails an assertion');
    return null;
  }
  return yield* gnrc_sixlowpan_frag_vrb_from_route(base, netif, sixlowpan_datagram_type(), ipv6.data!);
}

/** Compresses the first fragment anew and sends it on; frees `rbuf`, whose packet `ipv6` is. */
function* forwardFirst(
  ipv6: gnrc_pktsnip_t, frag: Uint8Array, rbuf: gnrc_sixlowpan_frag_rb_t, vrbe: gnrc_sixlowpan_frag_vrb_t,
): Blocking<void> {
  const { super: base } = rbuf;
  ipv6.data![IPV6_OFFSET_HOP_LIMIT]!--;
  vrbe.super.current_size = base.current_size;
  const pkt = encode(ipv6, vrbe);
  const res = pkt === null ? -1 : yield* forward(gnrc_pktbuf_remove_snip(pkt, pkt)!, frag, vrbe);
  if (res === 0) base.ints = [];
  else gnrc_sixlowpan_frag_vrb_rm(vrbe);
  rbuf_remove(rbuf);
}

/** The packet with compressed headers behind its netif header; null when it was dropped. */
function encode(ipv6: gnrc_pktsnip_t, vrbe: gnrc_sixlowpan_frag_vrb_t): gnrc_pktsnip_t | null {
  if (gnrc_pktbuf_mark(ipv6, IPV6_HEADER_LEN, GNRC_NETTYPE_IPV6) === null) {
    drop_pkt('6lo', 'pktbuf-full', ipv6);
    return null;
  }
  const pkt = gnrc_pktbuf_reverse_snips(ipv6);
  if (pkt === null) {
    drop('6lo', 'pktbuf-full', 0);
    return null;
  }
  const { super: to, out_netif: netif } = vrbe;
  const reason = netif === null
    ? 'no-interface'
    : gnrc_sixlowpan_iphc_encode(pkt, netif, to.dst.subarray(0, to.dst_len), to.datagram_size);
  if (reason === null) return pkt;
  drop_pkt('6lo', reason, pkt);
  return null;
}

/** Sends on what follows a fragment header. Without a scheme of forwarding there is none: it is freed then. */
function* forward(pkt: gnrc_pktsnip_t, frag: Uint8Array, vrbe: gnrc_sixlowpan_frag_vrb_t): Blocking<number> {
  if (sixlowpan_modules().minfwd) return yield* gnrc_sixlowpan_frag_minfwd_forward(pkt, frag, vrbe);
  drop_pkt('6lo', 'no-fragment-forwarding', pkt);
  return -ENOTSUP;
}

/** Sends a further fragment on; `pkt` is the payload of a frame with its netif header, and consumed. */
export function* frag_forward_nth(pkt: gnrc_pktsnip_t, vrbe: gnrc_sixlowpan_frag_vrb_t): Blocking<void> {
  yield* forwardFrame(pkt, FRAG_N_HEADER_LEN, vrbe);
}

function* forwardFrame(pkt: gnrc_pktsnip_t, headerLength: number, vrbe: gnrc_sixlowpan_frag_vrb_t): Blocking<number> {
  const frag = gnrc_pktbuf_mark(pkt, headerLength, GNRC_NETTYPE_SIXLOWPAN);
  if (frag === null) {
    // RIOT never gives the packet back.
    drop('6lo', 'pktbuf-full', pkt.size);
    if (!quirk('vrb-leak')) gnrc_pktbuf_release(pkt);
    return -1;
  }
  gnrc_pkt_delete(pkt, frag);
  frag.next = null;
  if (pkt.next !== null) gnrc_pktbuf_remove_snip(pkt, pkt.next);
  const res = yield* gnrc_sixlowpan_frag_minfwd_forward(pkt, gnrc_pkt_bytes(frag), vrbe);
  gnrc_pktbuf_release(frag);
  return res;
}

/**
 * Sends the first fragment of a datagram that is not compressed on, when a route leads further.
 *
 * @param pkt      the payload of a frame with its netif header; consumed when the result is true
 * @param entries  the reassembly buffer; `entries[index]` is the datagram's
 * @returns false when the datagram is to be put together here
 */
export function* frag_forward_uncomp(
  pkt: gnrc_pktsnip_t, hdr: gnrc_netif_hdr_t, entries: readonly gnrc_sixlowpan_frag_rb_t[], index: number,
): Blocking<boolean> {
  const entry = entries[index]!;
  const header = gnrc_pkt_bytes(pkt).subarray(FRAG_1_HEADER_LEN + 1);
  if (header.length < IPV6_HEADER_LEN || entry.super.src_len === 0) {
    if (quirk('vrb-no-source')) undefined_on_riot('6lo: a first fragment without IPv6 header fails an assertion');
    return false;
  }
  if (header[IPV6_OFFSET_HOP_LIMIT]! <= 1) return false;
  const netif = gnrc_netif_hdr_get_netif(hdr);
  const vrbe = yield* gnrc_sixlowpan_frag_vrb_from_route(entry.super, netif, sixlowpan_datagram_type(), header);
  if (vrbe === null) return false;
  gnrc_pkt_bytes(pkt)[FRAG_1_HEADER_LEN + 1 + IPV6_OFFSET_HOP_LIMIT]!--;
  yield* forwardFrame(pkt, FRAG_1_HEADER_LEN, vrbe);
  // The intervals are the other buffer's now. RIOT frees the first entry, whichever the datagram's is.
  const freed = index !== 0 && quirk('vrb-frees-first-entry') ? entries[0]! : entry;
  freed.super.ints = [];
  if (freed !== entry) entry.super.ints = [];
  gnrc_pktbuf_release(freed.pkt);
  rbuf_remove(freed);
  return true;
}
