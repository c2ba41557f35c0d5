import test from 'ava';
import { gnrc_pkt_append, gnrc_pkt_bytes, gnrc_pkt_count, gnrc_pkt_delete, gnrc_pkt_len, gnrc_pkt_len_upto,
  gnrc_pkt_prepend, gnrc_pkt_prev_snip, gnrc_pktsnip_search_type, gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_NETIF, GNRC_NETTYPE_UDP,
  GNRC_NETTYPE_UNDEF } from '../../../net/gnrc/nettype.ts';

/** A packet netif(4) > ipv6(3) > udp(2) > payload(0). */
function packet() {
  const payload = new gnrc_pktsnip_t(null, null, 0, GNRC_NETTYPE_UNDEF);
  const udp = new gnrc_pktsnip_t(payload, new Uint8Array(2), 2, GNRC_NETTYPE_UDP);
  const ipv6 = new gnrc_pktsnip_t(udp, new Uint8Array(3), 3, GNRC_NETTYPE_IPV6);
  const netif = new gnrc_pktsnip_t(ipv6, new Uint8Array(4), 4, GNRC_NETTYPE_NETIF);
  return { netif, ipv6, udp, payload };
}

test('length, count and search run over the whole list of snips', (t) => {
  // Sizes 4, 3, 2, 0 have a different sum for every end of the list, so a reader that stops early is seen.
  const { netif, udp } = packet();
  t.is(gnrc_pkt_len(netif), 9);
  t.is(gnrc_pkt_len(null), 0);
  t.is(gnrc_pkt_count(netif), 4);
  t.is(gnrc_pkt_len_upto(netif, GNRC_NETTYPE_IPV6), 7);
  t.is(gnrc_pkt_len_upto(udp, GNRC_NETTYPE_NETIF), 2);
  t.is(gnrc_pktsnip_search_type(netif, GNRC_NETTYPE_UDP), udp);
  t.is(gnrc_pktsnip_search_type(udp, GNRC_NETTYPE_NETIF), null);
});

test('a snip is appended behind the last, prepended before the first, and found by its neighbour', (t) => {
  // The neighbours of a snip are told by prev_snip(), which shares no code with append and prepend.
  const { netif, ipv6, payload } = packet();
  const tail = new gnrc_pktsnip_t(null, null, 0, GNRC_NETTYPE_UNDEF);
  t.is(gnrc_pkt_append(netif, tail), netif);
  t.is(gnrc_pkt_prev_snip(netif, tail), payload);
  const head = new gnrc_pktsnip_t(null, null, 0, GNRC_NETTYPE_UNDEF);
  t.is(gnrc_pkt_prepend(netif, head), head);
  t.is(gnrc_pkt_prev_snip(head, netif), head);
  t.is(gnrc_pkt_prev_snip(head, head), null);
  t.is(gnrc_pkt_prev_snip(head, ipv6), netif);
});

test('deleting the first snip gives the next, another keeps the head, a stranger changes nothing', (t) => {
  // The remaining snips are counted and their sizes summed, so that a lost tail is seen.
  const { netif, ipv6, udp } = packet();
  t.is(gnrc_pkt_delete(netif, udp), netif);
  t.is(gnrc_pkt_len(netif), 7);
  t.is(gnrc_pkt_count(netif), 3);
  t.is(gnrc_pkt_delete(netif, udp), netif);
  t.is(gnrc_pkt_delete(netif, null), netif);
  t.is(gnrc_pkt_count(netif), 3);
  t.is(gnrc_pkt_delete(netif, netif), ipv6);
});

test('a snip without data has no bytes to read', (t) => {
  // `data` is null in RIOT too when the size is 0; readers must not have to test for it.
  t.is(gnrc_pkt_bytes(packet().payload).length, 0);
  t.is(gnrc_pkt_bytes(packet().udp).length, 2);
});
