// Building ICMPv6 messages and their checksum (RIOT sys/include/net/gnrc/icmpv6.h).
import { EBADMSG, EFAULT, ENOENT } from '../../kernel/errno.ts';
import { put16 } from '../wire/bytes.ts';
import { addChecksum, checksumOf, pseudoHeaderSum } from '../wire/checksum.ts';
import { ICMPV6_OFFSET_CHECKSUM } from '../wire/icmpv6.ts';
import { IPV6_OFFSET_DST, IPV6_OFFSET_SRC, PROTNUM_ICMPV6 } from '../wire/ipv6.ts';
import { GNRC_NETTYPE_ICMPV6 } from './nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from './pkt.ts';
import { gnrc_pktbuf_add } from './pktbuf.ts';

/**
 * Puts an ICMPv6 header before `next`; its bytes behind type and code are 0.
 *
 * @param size  bytes of the message without `next`, at least 4
 * @returns the new head, or null when the packet buffer is full (`next` is then as it was)
 */
export function gnrc_icmpv6_build(
  next: gnrc_pktsnip_t | null, type: number, code: number, size: number,
): gnrc_pktsnip_t | null {
  const pkt = gnrc_pktbuf_add(next, null, size, GNRC_NETTYPE_ICMPV6);
  if (pkt === null) return null;
  const bytes = pkt.data!;
  bytes[0] = type;
  bytes[1] = code;
  put16(bytes, ICMPV6_OFFSET_CHECKSUM, 0);
  return pkt;
}

/**
 * The sum of pseudo header, ICMPv6 header and the snips from `payload` up to the header or the end, not yet folded.
 * It is that of an intact message if `checksumOk()` says so.
 */
export function gnrc_icmpv6_sum(
  hdr: gnrc_pktsnip_t, pseudo_hdr: gnrc_pktsnip_t, payload: gnrc_pktsnip_t | null,
): number {
  let total = 0;
  let length = hdr.size;
  for (let snip = payload; snip !== null && snip !== hdr; snip = snip.next) {
    const bytes = gnrc_pkt_bytes(snip);
    total = addChecksum(total, bytes, 0, bytes.length, length);
    length += snip.size;
  }
  const ipv6 = gnrc_pkt_bytes(pseudo_hdr);
  total += pseudoHeaderSum(ipv6, ipv6, length, PROTNUM_ICMPV6, IPV6_OFFSET_SRC, IPV6_OFFSET_DST);
  return addChecksum(total, gnrc_pkt_bytes(hdr));
}

/**
 * Computes and writes the checksum of a message that is to be sent; its checksum field is 0 before.
 *
 * @param hdr         the ICMPv6 header, what belongs to it behind it
 * @param pseudo_hdr  the IPv6 header
 * @returns 0; -EFAULT without a header; -EBADMSG if `hdr` is no ICMPv6 header; -ENOENT if the checksum would be 0:
 *          the field then stays as it is
 */
export function gnrc_icmpv6_calc_csum(hdr: gnrc_pktsnip_t | null, pseudo_hdr: gnrc_pktsnip_t): number {
  if (hdr === null) return -EFAULT;
  if (hdr.type !== GNRC_NETTYPE_ICMPV6) return -EBADMSG;
  const csum = checksumOf(gnrc_icmpv6_sum(hdr, pseudo_hdr, hdr.next));
  if (csum === 0) return -ENOENT;
  put16(gnrc_pkt_bytes(hdr), ICMPV6_OFFSET_CHECKSUM, csum);
  return 0;
}
