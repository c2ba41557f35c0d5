// The shell command `txtsnd` (RIOT sys/shell/cmds/gnrc_txtsnd.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { printf } from '../../kernel/stdio.ts';
import { encodeText } from '../../kernel/text.ts';
import { netif_get_by_name } from '../gnrc/netif_api.ts';
import { gnrc_netif_send } from '../gnrc/netif.ts';
import { GNRC_NETIF_HDR_FLAGS_BROADCAST, gnrc_netif_hdr_build, gnrc_netif_hdr_of } from '../gnrc/netif_hdr.ts';
import { GNRC_NETTYPE_UNDEF } from '../gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { l2util_addr_from_str } from '../wire/addr.ts';

/** Module shell_cmd_gnrc_txtsnd: `txtsnd`. */
export function shell_cmd_gnrc_txtsnd(): void {
  SHELL_COMMAND('txtsnd', 'Sends a custom string as is over the link layer', txtsnd);
}

function* txtsnd(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc < 4) {
    printf(`usage: ${argv[0]} <if> [<L2 addr>|bcast] <data>\n`);
    return 1;
  }
  const iface = netif_get_by_name(argv[1]!);
  if (iface === null) {
    printf('error: invalid interface given\n');
    return 1;
  }
  const addr = l2util_addr_from_str(argv[2]!) ?? new Uint8Array(0);
  if (addr.length === 0 && argv[2] !== 'bcast') {
    printf('error: invalid address given\n');
    return 1;
  }
  const text = encodeText(argv[3]!);
  const pkt = gnrc_pktbuf_add(null, text, text.length, GNRC_NETTYPE_UNDEF);
  const hdr = pkt === null ? null : gnrc_netif_hdr_build(null, 0, addr, addr.length);
  if (pkt === null || hdr === null) {
    printf('error: packet buffer full\n');
    if (pkt !== null) gnrc_pktbuf_release(pkt);
    return 1;
  }
  hdr.next = pkt;
  gnrc_netif_hdr_of(hdr).flags = addr.length === 0 ? GNRC_NETIF_HDR_FLAGS_BROADCAST : 0;
  if ((yield* gnrc_netif_send(iface, hdr)) >= 1) return 0;
  printf('error: unable to send\n');
  gnrc_pktbuf_release(hdr);
  return 1;
}
