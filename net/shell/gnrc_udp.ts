// The shell command `udp` of GNRC's own (RIOT sys/shell/cmds/gnrc_udp.c): what its server gets, pktdump prints.
import type { Blocking } from '../../kernel/blocking.ts';
import { perBoard } from '../../kernel/current.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { printf } from '../../kernel/stdio.ts';
import { encodeText } from '../../kernel/text.ts';
import { KERNEL_PID_UNDEF } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import { gnrc_ipv6_hdr_build } from '../gnrc/ipv6_hdr.ts';
import { gnrc_netapi_dispatch_send } from '../gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from '../gnrc/netif_hdr.ts';
import type { gnrc_netif_t } from '../gnrc/netif_t.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_PID, gnrc_netreg_register, gnrc_netreg_unregister,
} from '../gnrc/netreg.ts';
import { GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF } from '../gnrc/nettype.ts';
import { gnrc_pkt_prepend, type gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../gnrc/pktbuf.ts';
import { gnrc_pktdump_pid } from '../gnrc/pktdump.ts';
import { gnrc_udp_hdr_build } from '../gnrc/udp.ts';
import { netutils_get_ipv6 } from '../sock/netutils.ts';

const US_PER_SEC = 1_000_000;

/** The registration of the server: no thread in it, no server. RAM: in the image's table. */
const statics = perBoard(
  () => ({ server: GNRC_NETREG_ENTRY_INIT_PID(GNRC_NETREG_DEMUX_CTX_ALL, KERNEL_PID_UNDEF) }), { bytes: 0 });

/** Module shell_cmd_gnrc_udp: `udp`. */
export function shell_cmd_gnrc_udp(): void {
  SHELL_COMMAND('udp', 'send data over UDP and listen on UDP ports', udp);
}

function udp(argc: number, argv: readonly string[]): number | Blocking<number> {
  if (argc < 2) {
    printf(`usage: ${argv[0]} [send|server]\n`);
    return 1;
  }
  if (argv[1] === 'send') return send(argc, argv);
  if (argv[1] === 'server') return server(argc, argv);
  printf('error: invalid command\n');
  return 0;
}

function* send(argc: number, argv: readonly string[]): Blocking<number> {
  if (argc < 5) {
    printf(`usage: ${argv[0]} send <addr> <port> <data> [<num> [<delay in us>]]\n`);
    return 1;
  }
  const num = argc > 5 ? atoi(argv[5]!) >>> 0 : 1;
  const delay = argc > 6 ? atoi(argv[6]!) >>> 0 : US_PER_SEC;
  const addr = new Uint8Array(16);
  const out: { netif: gnrc_netif_t | null } = { netif: null };
  if (netutils_get_ipv6(addr, out, argv[2]!) < 0) {
    printf('Error: unable to parse destination address\n');
    return 0;
  }
  const port = atoi(argv[3]!) & 0xffff;
  if (port === 0) {
    printf('Error: unable to parse destination port\n');
    return 0;
  }
  const data = encodeText(argv[4]!);
  for (let left = num; left > 0; left--) {
    const pkt = build(addr, out.netif, port, data);
    if (typeof pkt === 'string') {
      printf(`Error: unable to ${pkt}\n`);
      return 0;
    }
    if ((yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_UDP, GNRC_NETREG_DEMUX_CTX_ALL, pkt)) === 0) {
      printf('Error: unable to locate UDP thread\n');
      gnrc_pktbuf_release(pkt);
      return 0;
    }
    printf(`Success: sent ${data.length} byte(s) to [${argv[2]}]:${port}\n`);
    if (left > 1) yield* ztimer_sleep(ZTIMER_USEC, delay);
  }
  return 0;
}

/** A packet from and to the same port; or what there was no room for, as RIOT says it. */
function build(addr: Uint8Array, netif: gnrc_netif_t | null, port: number, data: Uint8Array): gnrc_pktsnip_t | string {
  const payload = gnrc_pktbuf_add(null, data, data.length, GNRC_NETTYPE_UNDEF);
  if (payload === null) return 'copy data to packet buffer';
  const udp = gnrc_udp_hdr_build(payload, port, port);
  if (udp === null) {
    gnrc_pktbuf_release(payload);
    return 'allocate UDP header';
  }
  const ip = gnrc_ipv6_hdr_build(udp, null, addr);
  if (ip === null) {
    gnrc_pktbuf_release(udp);
    return 'allocate IPv6 header';
  }
  if (netif === null) return ip;
  const hdr = gnrc_netif_hdr_build(null, 0, null, 0);
  if (hdr === null) {
    gnrc_pktbuf_release(ip);
    return 'allocate netif header';
  }
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(hdr), netif);
  return gnrc_pkt_prepend(ip, hdr);
}

function server(argc: number, argv: readonly string[]): number | Blocking<number> {
  if (argc < 3) {
    printf(`usage: ${argv[0]} server [start|stop]\n`);
    return 1;
  }
  if (argv[2] === 'start') {
    if (argc > 3) return start(argv[3]!);
    printf(`usage ${argv[0]} server start <port>\n`);
    return 1;
  }
  if (argv[2] === 'stop') return stop();
  printf('error: invalid command\n');
  return 0;
}

function* start(text: string): Blocking<number> {
  const { server } = statics();
  if (server.target.pid !== KERNEL_PID_UNDEF) {
    printf(`Error: server already running on port ${server.demux_ctx}\n`);
    return 0;
  }
  const port = atoi(text) & 0xffff;
  if (port === 0) {
    printf('Error: invalid port specified\n');
    return 0;
  }
  server.target.pid = gnrc_pktdump_pid();
  server.demux_ctx = port;
  yield* gnrc_netreg_register(GNRC_NETTYPE_UDP, server);
  printf(`Success: started UDP server on port ${port}\n`);
  return 0;
}

function* stop(): Blocking<number> {
  const { server } = statics();
  if (server.target.pid === KERNEL_PID_UNDEF) {
    printf('Error: server was not running\n');
    return 0;
  }
  yield* gnrc_netreg_unregister(GNRC_NETTYPE_UDP, server);
  server.target.pid = KERNEL_PID_UNDEF;
  printf('Success: stopped UDP server\n');
  return 0;
}
