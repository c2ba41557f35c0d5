// RIOT's tests/net/gnrc_sock_async_event, written anew, with its recorded console.
import test from 'ava';
import type { Blocking } from '../../../kernel/blocking.ts';
import { event_loop, event_queue_init, event_queue_t } from '../../../kernel/event.ts';
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../../kernel/od.ts';
import { printf, puts } from '../../../kernel/stdio.ts';
import { gnrc_ipv6_hdr_build } from '../../../net/gnrc/ipv6_hdr.ts';
import { gnrc_netapi_dispatch_receive } from '../../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build } from '../../../net/gnrc/netif_hdr.ts';
import {
  GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_PID, gnrc_netreg_register,
} from '../../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6, GNRC_NETTYPE_UDP, GNRC_NETTYPE_UNDEF, PROTNUM_RESERVED,
  PROTNUM_UDP } from '../../../net/gnrc/nettype.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_hold } from '../../../net/gnrc/pktbuf.ts';
import { gnrc_pktdump_pid } from '../../../net/gnrc/pktdump.ts';
import { gnrc_udp_hdr_build } from '../../../net/gnrc/udp.ts';
import { SOCK_ASYNC_MSG_RECV, SOCK_ASYNC_MSG_SENT, type sock_async_flags_t } from '../../../net/sock/async.ts';
import { sock_ip_event_init, sock_udp_event_init } from '../../../net/sock/async/event.ts';
import { sock_ip_create, sock_ip_ep_t, sock_ip_recv, sock_ip_send, sock_ip_t } from '../../../net/sock/ip.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_ep_t, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { fromHex } from '../../../net/wire/bytes.ts';
import { Network } from '../../net/gnrc/network.ts';
import { riotConsole } from '../core/console.ts';

const TEST_PORT = 38664;
const LOCAL = fromHex('fe800000000000000000000000000001');
const REMOTE = fromHex('fe800000000000000000000000000002');
const PAYLOAD = fromHex('0123456789abcdef');

function* recvUdp(sock: sock_udp_t, flags: sock_async_flags_t, arg: unknown): Blocking<void> {
  if (arg === 'test') printf(`UDP event triggered: ${flags.toString(16).padStart(4, '0')}\n`);
  if ((flags & SOCK_ASYNC_MSG_RECV) !== 0) {
    const buffer = new Uint8Array(128);
    const remote = new sock_udp_ep_t();
    const res = yield* sock_udp_recv(sock, buffer, buffer.length, 0, remote);
    if (res >= 0) {
      printf(`Received UDP packet from [${ipv6_addr_to_str(remote.addr.ipv6)}]:${remote.port}:\n`);
      od_hex_dump(buffer, res, OD_WIDTH_DEFAULT);
    }
  }
  if ((flags & SOCK_ASYNC_MSG_SENT) !== 0) puts('UDP message successfully sent');
}

function* recvIp(sock: sock_ip_t, flags: sock_async_flags_t, arg: unknown): Blocking<void> {
  if (arg === 'test') printf(`IP event triggered: ${flags.toString(16).padStart(4, '0')}\n`);
  if ((flags & SOCK_ASYNC_MSG_RECV) !== 0) {
    const buffer = new Uint8Array(128);
    const remote = new sock_ip_ep_t();
    const res = yield* sock_ip_recv(sock, buffer, buffer.length, 0, remote);
    if (res >= 0) {
      printf(`Received IP packet from [${ipv6_addr_to_str(remote.addr.ipv6)}]:\n`);
      od_hex_dump(buffer, res, OD_WIDTH_DEFAULT);
    }
  }
  if ((flags & SOCK_ASYNC_MSG_SENT) !== 0) puts('IP message successfully sent');
}

function* main(): Blocking<void> {
  const queue = new event_queue_t();
  event_queue_init(queue);
  yield* gnrc_netreg_register(
    GNRC_NETTYPE_IPV6, GNRC_NETREG_ENTRY_INIT_PID(GNRC_NETREG_DEMUX_CTX_ALL, gnrc_pktdump_pid()));
  const local = SOCK_IPV6_EP_ANY();
  const remote = SOCK_IPV6_EP_ANY();
  const udp = new sock_udp_t();
  const ip = new sock_ip_t();
  local.port = TEST_PORT;
  sock_udp_create(udp, local, null, 0);
  sock_ip_create(ip, local, null, PROTNUM_UDP, 0);
  sock_udp_event_init(udp, queue, recvUdp, 'test');
  sock_ip_event_init(ip, queue, recvIp, 'test');
  remote.addr.ipv6.set(REMOTE);
  remote.port = TEST_PORT - 1;
  yield* sock_udp_send(udp, PAYLOAD, PAYLOAD.length, remote);
  yield* sock_ip_send(ip, PAYLOAD, PAYLOAD.length, PROTNUM_RESERVED, remote);

  let pkt = gnrc_netif_hdr_build(null, 0, null, 0)!;
  pkt.data!.fill(0);
  pkt = gnrc_ipv6_hdr_build(pkt, REMOTE, LOCAL)!;
  pkt = gnrc_udp_hdr_build(pkt, TEST_PORT - 1, TEST_PORT)!;
  pkt = gnrc_pktbuf_add(pkt, PAYLOAD, PAYLOAD.length, GNRC_NETTYPE_UNDEF)!;
  gnrc_pktbuf_hold(pkt, 1);
  yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_UDP, TEST_PORT, pkt);
  yield* gnrc_netapi_dispatch_receive(GNRC_NETTYPE_IPV6, PROTNUM_UDP, pkt);
  yield* event_loop(queue);
}

/** What RIOT reads behind the 8 bytes that it takes for an IPv6 header: addresses of its memory, zeros here. */
const BEHIND_THE_SNIP = ['source address: e007::901c:4200:0:0', 'destination address: e01c:4200:0:0:2800::'];

test('gnrc_sock_async_event: events of both socks, in RIOT\'s order and with RIOT\'s console', (t) => {
  // Recorded on native64: sending and receiving become one event a sock; pktdump prints what is sent meanwhile.
  const network = new Network();
  const node = network.add({
    baseModules: ['gnrc', 'gnrc_ipv6_hdr', 'gnrc_pktdump', 'sock_async_event', 'sock_ip', 'sock_udp', 'od', 'xtimer'],
    config: { CONFIG_GNRC_PKTBUF_SIZE: 2048 },
    main,
  });
  network.run(1_000_000);
  const lines = node.console.split('\n').filter((line) => !line.startsWith('undefined on RIOT: '));
  const expected = riotConsole('gnrc_sock_async_event').split('\n').map((line) => {
    const at = BEHIND_THE_SNIP.indexOf(line);
    return at < 0 ? line : `${at === 0 ? 'source' : 'destination'} address: ::`;
  });
  t.deepEqual(lines, expected);
  t.is(node.pktbuf, 0);
});
