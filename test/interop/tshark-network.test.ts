// tshark dissects what whole networks send: every frame of every run below, radio and Ethernet, in both profiles.
// Nothing is malformed, every FCS and every checksum is right, and fragments come together.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type App, type Blocking, type RunOptions, type Scenario, runScenario, scenario, seconds } from 'riotbed';
import { apps } from '../../apps/index.ts';
import borderRouter from '../../emulator/scenario/examples/border_router.ts';
import dtlsEcho from '../../emulator/scenario/examples/dtls_echo.ts';
import pingSizes from '../../emulator/scenario/examples/ping_sizes.ts';
import { Chunks, PcapngWriter } from '../../emulator/trace/pcapng.ts';
import { SHELL_DEFAULT_BUFSIZE, shell_run } from '../../kernel/shell.ts';
import { gnrc_icmpv6_echo_build } from '../../net/gnrc/icmpv6_echo.ts';
import { gnrc_ipv6_ext_build } from '../../net/gnrc/ipv6_ext_build.ts';
import { gnrc_ipv6_hdr_build } from '../../net/gnrc/ipv6_hdr.ts';
import { gnrc_netapi_dispatch_send } from '../../net/gnrc/netapi.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from '../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_iter } from '../../net/gnrc/netif_t.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL } from '../../net/gnrc/netreg.ts';
import { GNRC_NETTYPE_IPV6 } from '../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes } from '../../net/gnrc/pkt.ts';
import { ipv6_addr_from_str } from '../../net/wire/addr.ts';
import { ICMPV6_ECHO_REQ } from '../../net/wire/icmpv6.ts';
import {
  IPV6_OFFSET_NEXT_HEADER, PROTNUM_ICMPV6, PROTNUM_IPV6_EXT_DST, PROTNUM_IPV6_EXT_HOPOPT,
} from '../../net/wire/ipv6.ts';
import { hasTool, needsTool } from '../tools.ts';

interface Capture {
  readonly file: Uint8Array;
  readonly radio: number;
  readonly wire: number;
}

function capture(definition: Scenario, options: RunOptions = {}): Capture {
  const chunks = new Chunks();
  const writers: PcapngWriter[] = [];
  let radio = 0;
  let wire = 0;
  const { error } = runScenario(definition, { ...options, readers: (nodes) => {
    const writer = new PcapngWriter(nodes, chunks.add);
    writers.push(writer);
    return [writer.read, ({ event }) => {
      if (event.type !== 'tx') return;
      if (event.layer === 'wire') wire++;
      else radio++;
    }];
  } });
  if (error !== null) throw error;
  for (const writer of writers) writer.end();
  return { file: chunks.bytes(), radio, wire };
}

/** What tshark prints of a capture, one array of fields a packet. */
function tshark(t: ExecutionContext, file: Uint8Array, filter: string, ...fields: string[]): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-tshark-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const name = path.join(folder, 'x.pcapng');
  writeFileSync(name, file);
  const args = ['-r', name, '-o', 'udp.check_checksum:TRUE', '-Y', filter, '-T', 'fields',
    ...fields.flatMap((field) => ['-e', field])];
  const out = execFileSync('tshark', args,
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 });
  return out.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

const native = (app: string | App) => ({ board: 'native', app });

/** gnrc_networking that fragments in IPv6, for packets beyond the MTU. */
const fragmenting: App = {
  ...apps['gnrc_networking']!,
  modules: [...apps['gnrc_networking']!.modules, 'gnrc_ipv6_ext_frag'],
};

/** A board whose command `ext <addr>` sends an echo request behind hop-by-hop and destination options of padding. */
const extending: App = {
  ...apps['gnrc_networking']!,
  name: 'extending',
  modules: [...apps['gnrc_networking']!.modules, 'gnrc_ipv6_ext_opt'],
  *main() {
    const line_buf = new Uint8Array(SHELL_DEFAULT_BUFSIZE);
    return yield* shell_run([{ name: 'ext', desc: 'echo request with extension headers', handler: sendExtended }],
      line_buf, SHELL_DEFAULT_BUFSIZE);
  },
};

function* sendExtended(_argc: number, argv: readonly string[]): Blocking<number> {
  const echo = gnrc_icmpv6_echo_build(ICMPV6_ECHO_REQ, 7, 1, new Uint8Array(20), 20)!;
  const destination = gnrc_ipv6_ext_build(null, echo, PROTNUM_ICMPV6, 8)!;
  const hops = gnrc_ipv6_ext_build(null, destination, PROTNUM_IPV6_EXT_DST, 16)!;
  for (const snip of [destination, hops]) gnrc_pkt_bytes(snip).set([1, snip.size - 4], 2);
  const ipv6 = gnrc_ipv6_hdr_build(hops, null, ipv6_addr_from_str(argv[1]!)!)!;
  gnrc_pkt_bytes(ipv6)[IPV6_OFFSET_NEXT_HEADER] = PROTNUM_IPV6_EXT_HOPOPT;
  // A link-local address needs its interface.
  const netif = gnrc_netif_hdr_build(null, 0, null, 0)!;
  gnrc_netif_hdr_set_netif(gnrc_netif_hdr_of(netif), gnrc_netif_iter(null));
  netif.next = ipv6;
  yield* gnrc_netapi_dispatch_send(GNRC_NETTYPE_IPV6, GNRC_NETREG_DEMUX_CTX_ALL, netif);
  return 0;
}

const extensions = scenario({ nodes: { a: native(extending), b: native(extending) } }, (sim) => {
  const { a, b } = sim.nodes;
  a.type(`ext ${b.linkLocal}`);
  sim.runFor(seconds(2));
});

/** What RIOT's `udp` is asked in the capture c-udp: short, cut into fragments, closed ports, compressed ports. */
const udp = scenario({ nodes: { a: native('gnrc_networking'), b: native('gnrc_networking') } }, (sim) => {
  const { a, b } = sim.nodes;
  a.type('udp server start 8888');
  sim.runFor(seconds(1));
  const long = 'x'.repeat(100);
  for (const sent of ['8888 hello', `8888 ${long}`, '9999 closed', '61617 nhc', '61441 nhc2']) {
    b.type(`udp send [${a.linkLocal}]:${sent}`);
    sim.runFor(seconds(1));
  }
});

/** Packets beyond the MTU of 6LoWPAN: fragments in IPv6, each cut into those of 6LoWPAN. */
const fragments = scenario({ nodes: { a: native(fragmenting), b: native(fragmenting) } }, (sim) => {
  const { a, b } = sim.nodes;
  a.type(`ping -c 2 -s 1500 ${b.linkLocal}`);
  sim.runFor(seconds(5));
});

/** Errors: a hop limit that is too low, a packet that is too big for the radio, an address that nobody has. */
const errors = scenario({
  nodes: {
    br: { ...native({ ...apps['gnrc_border_router']!,
      modules: [...apps['gnrc_border_router']!.modules, 'gnrc_icmpv6_error'] }), wires: ['lan'] },
    a: native('gnrc_networking'),
    host: { ...native('gnrc_networking'), wires: ['lan'], radio: false },
  },
}, (sim) => {
  const { host, a } = sim.nodes;
  sim.runFor(seconds(5));
  host.type('ifconfig 5 add 2001:db8:1::3/64');
  host.type('ifconfig 5 rtr_adv');
  sim.runFor(seconds(20));
  host.type('nib route add 5 2001:db8::/64 2001:db8:1::1');
  for (const command of ['-s 1400 2001:db8::2', '2001:db8::77', '2001:db8:9::9']) {
    host.type(`ping -c 1 ${command}`);
    sim.runFor(seconds(8));
  }
  host.type('ifconfig 5 set hop_limit 1');
  host.type('ping -c 1 2001:db8::2');
  sim.runFor(seconds(3));
  a.type('ping -c 1 2001:db8:9::9');
  sim.runFor(seconds(5));
});

/** Name, scenario, options, and what must be among its packets, so that a run that does nothing is noticed. */
const RUNS: readonly (readonly [name: string, definition: Scenario, options: RunOptions, has: readonly string[]])[] = [
  ['border_router', borderRouter, {},
    ['icmpv6.type == 134 && 6lowpan', 'icmpv6.type == 134 && eth', 'icmpv6.type == 136', 'icmpv6.type == 129 && eth']],
  ['dtls_echo', dtlsEcho, {}, ['dtls.handshake']],
  ['pings of 1 to 1,200 bytes', pingSizes, { params: { step: 3 } },
    ['icmpv6.type == 129', '6lowpan.reassembled.length']],
  ['udp', udp, {}, ['udp.dstport == 61617', 'icmpv6.type == 1 && icmpv6.code == 4']],
  ['fragments', fragments, {}, ['ipv6.fraghdr', 'ipv6.reassembled.length']],
  ['extension headers', extensions, {},
    ['ipv6.hopopts && ipv6.dstopts && icmpv6.type == 128', 'icmpv6.type == 129']],
  ['errors', errors, {}, ['icmpv6.type == 1', 'icmpv6.type == 2', 'icmpv6.type == 3']],
];

/** What no packet may be; 0 is a bad checksum. */
const WRONG = '_ws.malformed || _ws.expert.severity == error || icmpv6.checksum.status == 0 || ' +
  'udp.checksum.status == 0';

const present = hasTool('tshark');

for (const [name, definition, options, has] of RUNS) {
  for (const profile of ['riot', 'rfc'] as const) {
    test(`${name}, profile ${profile}: tshark reads every frame, none malformed, all sums right`, (t) => {
      // An independent dissector: 802.15.4 with FCS, 6LoWPAN with contexts and fragments, Ethernet, IPv6 and above.
      if (!needsTool(t, 'tshark', present)) return;
      const { file, radio, wire } = capture(definition, { ...options, profile });
      t.is(tshark(t, file, 'wpan.fcs_ok == 1', 'frame.number').length, radio);
      t.is(tshark(t, file, 'eth', 'frame.number').length, wire);
      for (const filter of profile === 'riot' ? has : []) {
        t.true(tshark(t, file, filter, 'frame.number').length > 0, filter);
      }
      t.deepEqual(tshark(t, file, WRONG, 'frame.number', '_ws.col.Info', '_ws.expert.message'), []);
    });
  }
}
