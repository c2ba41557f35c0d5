// Packets that wait for the link-layer address of their next hop (RFC 4861 §7.2.2; RIOT
// sys/net/gnrc/network_layer/ipv6/nib/nib.c). All neighbours share one entry more than there can be neighbours, so that
// when none is left, some neighbour has two packets at least and can lose its oldest.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { EHOSTUNREACH } from '../../kernel/errno.ts';
import type { evtimer_msg_event_t } from '../../kernel/evtimer_msg.ts';
import { assert } from '../../kernel/panic.ts';
import { quirk } from '../quirks.ts';
import { ICMPV6_ERROR_DST_UNR_ADDR } from '../wire/icmpv6.ts';
import { drop, drop_pkt } from './drop.ts';
import { gnrc_icmpv6_error_dst_unr_send } from './icmpv6_error.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from './netif_hdr.ts';
import type { gnrc_netif_t } from './netif_t.ts';
import { nib_conf } from './nib_conf.ts';
import {
  _evtimer_lookup, _get_nud_state, _NC, type _nib_onl_entry_t, GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE,
  GNRC_IPV6_NIB_SND_NA, nib, UINT32_MAX,
} from './nib_t.ts';
import { gnrc_pkt_len, gnrc_pkt_prepend, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_release_error } from './pktbuf.ts';
import { gnrc_pktqueue_add, gnrc_pktqueue_remove_head, type gnrc_pktqueue_t } from './pktqueue.ts';

const NIB_C = 'sys/net/gnrc/network_layer/ipv6/nib/nib.c';

/** Entries that were needed so far, at most one more than the table has neighbours. */
const statics = perBoard(() => ({ pool: [] as gnrc_pktqueue_t[] }), { bytes: 0 });

/** Tells the sender of a packet that it cannot be delivered, and frees it. */
export function* nib_unreachable(
  pkt: gnrc_pktsnip_t, code: number, err: number, reason: string,
): Blocking<void> {
  yield* gnrc_icmpv6_error_dst_unr_send(code, pkt);
  drop('nib', reason, gnrc_pkt_len(pkt));
  gnrc_pktbuf_release_error(pkt, err);
}

/** An answer for an anycast address waits for this timer, which is about to be taken back: it is never sent. */
export function nib_drop_delayed_na(timer: evtimer_msg_event_t): void {
  const pkt = timer.msg.content.ptr as gnrc_pktsnip_t | null;
  if (pkt === null || _evtimer_lookup(pkt, GNRC_IPV6_NIB_SND_NA) === UINT32_MAX || quirk('nib-anycast-leak')) return;
  drop_pkt('nib', 'answer-replaced', pkt);
}

/** Takes a neighbour's oldest packet; null when it has none. The packet's entry is free once its `pkt` is null. */
export function _nbr_pop_pkt(node: _nib_onl_entry_t): gnrc_pktqueue_t | null {
  if (node.pktqueue_len === 0) return null;
  node.pktqueue_len--;
  const head = { queue: node.pktqueue };
  const entry = gnrc_pktqueue_remove_head(head);
  node.pktqueue = head.queue;
  return entry;
}

/** Queues a packet; with CONFIG_GNRC_IPV6_NIB_NBR_QUEUE_CAP packets there the oldest is dropped. */
export function _nbr_push_pkt(node: _nib_onl_entry_t, entry: gnrc_pktqueue_t): void {
  const { numof, nbr_queue_cap } = nib_conf();
  assert(_get_nud_state(node) === GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE, `${NIB_C}:1873`);
  if (numof + 1 > nbr_queue_cap && node.pktqueue_len === nbr_queue_cap) dropOldest(node).pkt = null;
  const head = { queue: node.pktqueue };
  gnrc_pktqueue_add(head, entry);
  node.pktqueue = head.queue;
  node.pktqueue_len++;
}

/** Drops all that waits for a neighbour, and tells the senders. */
export function* _nbr_flush_pktqueue(node: _nib_onl_entry_t): Blocking<void> {
  for (let entry = _nbr_pop_pkt(node); entry !== null; entry = _nbr_pop_pkt(node)) {
    const { pkt } = entry;
    entry.pkt = null;
    if (pkt !== null) yield* nib_unreachable(pkt, ICMPV6_ERROR_DST_UNR_ADDR, EHOSTUNREACH, 'not-resolved');
  }
}

/** Drops a neighbour's oldest packet; its entry still holds it. */
function dropOldest(node: _nib_onl_entry_t): gnrc_pktqueue_t {
  const entry = _nbr_pop_pkt(node)!;
  drop_pkt('nib', 'neighbor-queue-full', entry.pkt!);
  return entry;
}

/** An entry for a packet; if need be that of the oldest packet of the neighbour with the most. */
function alloc(pkt: gnrc_pktsnip_t): gnrc_pktqueue_t {
  const { pool } = statics();
  for (const entry of pool) {
    if (entry.pkt !== null) continue;
    entry.pkt = pkt;
    return entry;
  }
  if (pool.length <= nib_conf().numof) {
    const entry = { next: null, pkt };
    pool.push(entry);
    return entry;
  }
  let hog: _nib_onl_entry_t | null = null;
  for (const node of nib().nodes) {
    if ((node.mode & _NC) !== 0 && (hog === null || node.pktqueue_len > hog.pktqueue_len)) hog = node;
  }
  assert(hog !== null, `${NIB_C}:1380`);
  assert(hog.pktqueue_len >= 2, `${NIB_C}:1401`);
  const entry = dropOldest(hog);
  entry.pkt = pkt;
  return entry;
}

/**
 * Keeps a packet until its neighbour is resolved, with a netif header that tells the interface; or drops it, and tells
 * its sender, if the neighbour is known to be unreachable or packets are not kept.
 * @returns false when there was no room for the header: the packet is then gone
 */
export function* _enqueue_for_resolve(
  netif: gnrc_netif_t, pkt: gnrc_pktsnip_t, node: _nib_onl_entry_t,
): Blocking<boolean> {
  if (!nib_conf().queue_pkt || _get_nud_state(node) !== GNRC_IPV6_NIB_NC_INFO_NUD_STATE_INCOMPLETE) {
    yield* nib_unreachable(pkt, ICMPV6_ERROR_DST_UNR_ADDR, EHOSTUNREACH, 'neighbor-unreachable');
    return true;
  }
  const entry = alloc(pkt);
  const hdr = gnrc_netif_hdr_build(null, 0, null, 0);
  if (hdr === null) {
    entry.pkt = null;
    drop_pkt('nib', 'pktbuf-full', pkt);
    return false;
  }
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
  entry.pkt = gnrc_pkt_prepend(pkt, hdr);
  _nbr_push_pkt(node, entry);
  return true;
}
