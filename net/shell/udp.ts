// The shell command `udp` over socks (RIOT sys/shell/cmds/udp.c).
import type { Blocking } from '../../kernel/blocking.ts';
import { current, perBoard } from '../../kernel/current.ts';
import {
  event_post, event_queue_claim, event_queue_init_detached, event_queue_t, event_run, event_t, event_wait,
} from '../../kernel/event.ts';
import { scn_buf_hex } from '../../kernel/fmt_scn.ts';
import { OD_WIDTH_DEFAULT, od_hex_dump } from '../../kernel/od.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { THREAD_PRIORITY_MAIN } from '../../kernel/sched.ts';
import { SHELL_COMMAND, SHELL_DEFAULT_BUFSIZE } from '../../kernel/shell.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { printf, puts } from '../../kernel/stdio.ts';
import { encodeText } from '../../kernel/text.ts';
import { KERNEL_PID_UNDEF, thread_create } from '../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../kernel/ztimer.ts';
import type { gnrc_pktsnip_t } from '../gnrc/pkt.ts';
import { SOCK_ASYNC_MSG_RECV, type sock_async_flags_t } from '../sock/async.ts';
import { sock_udp_event_init } from '../sock/async/event.ts';
import {
  SOCK_IPV6_EP_ANY, type out_t, sock_udp_close, sock_udp_create, sock_udp_ep_t, sock_udp_recv_buf, sock_udp_send,
  sock_udp_t,
} from '../sock/udp.ts';
import { sock_udp_ep_fmt, sock_udp_name2ep } from '../sock/util.ts';

const SERVER_PRIO = THREAD_PRIORITY_MAIN - 1;
const US_PER_SEC = 1_000_000;

/** RAM: in the image's table. */
const statics = perBoard(() => ({
  queue: new event_queue_t(),
  server_pid: KERNEL_PID_UNDEF,
  should_stop: false,
  stop_event: new event_t(stopServer),
  server_port: 0,
}), { bytes: 0 });

/** Module shell_cmd_udp: `udp`, with module shell_cmd_udp_server also `udp server`. */
export function shell_cmd_udp(): void {
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
  if (argc < 3) {
    printf(`usage: ${argv[0]} send [-b] <addr>:<port> <data> [<num> [<delay in us>]]\n`);
    return 1;
  }
  const binary = argv[2] === '-b';
  const [addr, data, num, delay] = argv.slice(binary ? 3 : 2);
  if (addr === undefined) {
    undefined_on_riot('udp send -b without an address reads a NULL string');
    return 0;
  }
  const times = num === undefined ? 1 : atoi(num) >>> 0;
  yield* sendData(addr, data, times, delay === undefined ? US_PER_SEC : atoi(delay) >>> 0, binary);
  return 0;
}

/** Sends from a port that is new with each command. */
function* sendData(
  addr: string, text: string | undefined, num: number, delay: number, binary: boolean,
): Blocking<void> {
  const dst = new sock_udp_ep_t();
  if (sock_udp_name2ep(dst, addr) < 0) return puts('Error: unable to parse destination address');
  if (dst.port === 0) return puts('Error: no port or illegal port value provided');
  if (text === undefined) return undefined_on_riot('udp send without data reads a NULL string');
  let data = encodeText(text);
  if (binary) {
    const bytes = new Uint8Array(SHELL_DEFAULT_BUFSIZE / 2);
    const length = scn_buf_hex(bytes, bytes.length, data, data.length);
    if (length < 0) return puts('Error: unable to parse hexadecimal data');
    data = bytes.subarray(0, length);
  }
  const sock = new sock_udp_t();
  if (sock_udp_create(sock, null, dst, 0) < 0) return puts('Error creating socket');
  for (let left = num; left > 0; left--) {
    const res = yield* sock_udp_send(sock, data, data.length, null);
    if (res < 0) {
      puts('Error sending data');
      break;
    }
    printf(`Success: sent ${res} byte over UDP to ${addr}\n`);
    if (left > 1) yield* ztimer_sleep(ZTIMER_USEC, delay);
  }
  sock_udp_close(sock);
}

function server(argc: number, argv: readonly string[]): number | Blocking<number> {
  if (!current().modules.has('shell_cmd_udp_server')) {
    puts('Error: server command not supported in this build. Add shell_cmd_udp_server to USEMODULE.');
    return 1;
  }
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

function* start(port: string): Blocking<number> {
  const state = statics();
  if (state.server_pid !== KERNEL_PID_UNDEF) {
    printf(`Error: server already running on port ${state.server_port}\n`);
    return 0;
  }
  state.server_port = atoi(port) & 0xffff;
  if (state.server_port === 0) {
    printf('Error: invalid port specified\n');
    return 0;
  }
  event_queue_init_detached(state.queue);
  const size = current().stacks.THREAD_STACKSIZE_DEFAULT;
  state.server_pid = yield* thread_create(
    { length: size }, size, SERVER_PRIO, 0, serverThread, state.server_port, 'UDP server');
  if (state.server_pid <= KERNEL_PID_UNDEF) puts('Error: can not start server thread');
  return 0;
}

function* stop(): Blocking<number> {
  const state = statics();
  if (state.server_pid === KERNEL_PID_UNDEF) printf('Error: server was not running\n');
  else yield* event_post(state.queue, state.stop_event);
  return 0;
}

function stopServer(): undefined {
  statics().should_stop = true;
}

function* serverThread(port: number): Blocking<void> {
  const state = statics();
  const local = SOCK_IPV6_EP_ANY();
  local.port = port;
  const sock = new sock_udp_t();
  if (sock_udp_create(sock, local, null, 0) < 0) {
    puts('Error creating UDP sock');
    state.server_pid = KERNEL_PID_UNDEF;
    return;
  }
  printf(`Success: started UDP server on port ${port}\n`);
  event_queue_claim(state.queue);
  sock_udp_event_init(sock, state.queue, receive, null);
  state.should_stop = false;
  while (!state.should_stop) yield* event_run(yield* event_wait(state.queue));
  sock_udp_close(sock);
  state.server_pid = KERNEL_PID_UNDEF;
  puts('Success: stopped UDP server');
}

/** As in RIOT an empty datagram is an error, and is never given back. */
function* receive(sock: sock_udp_t, type: sock_async_flags_t): Blocking<void> {
  if ((type & SOCK_ASYNC_MSG_RECV) === 0) return;
  const src = new sock_udp_ep_t();
  const buf: out_t<Uint8Array> = { value: null };
  const buf_ctx: out_t<gnrc_pktsnip_t> = { value: null };
  let res = yield* sock_udp_recv_buf(sock, buf, buf_ctx, 0, src);
  if (res <= 0) {
    puts('error receiving');
    return;
  }
  const addr_str: out_t<string> = { value: '' };
  const port: out_t<number> = { value: 0 };
  sock_udp_ep_fmt(src, addr_str, port);
  printf(`Received UDP data from [${addr_str.value}]:${port.value}\n`);
  while (res > 0) {
    od_hex_dump(buf.value!, res, OD_WIDTH_DEFAULT);
    res = yield* sock_udp_recv_buf(sock, buf, buf_ctx, 0, src);
  }
}
