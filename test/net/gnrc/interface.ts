// A board with one IEEE 802.15.4 interface, and what a test does with it.
import type { Blocking } from '../../../kernel/blocking.ts';
import { msg_array, msg_init_queue } from '../../../kernel/msg.ts';
import { GNRC_NETREG_DEMUX_CTX_ALL, GNRC_NETREG_ENTRY_INIT_CB,
  gnrc_netreg_register } from '../../../net/gnrc/netreg.ts';
import type { netdev_ieee802154_submac_t } from '../../../net/gnrc/netdev_ieee802154_submac.ts';
import { gnrc_netif_init_6ln, gnrc_netif_iter, gnrc_netif_send, gnrc_netif_set_nib,
  type gnrc_netif_t } from '../../../net/gnrc/netif.ts';
import { gnrc_netif_hdr_build, gnrc_netif_hdr_of, gnrc_netif_hdr_set_netif } from '../../../net/gnrc/netif_hdr.ts';
import { gnrc_netif_init_devs } from '../../../net/gnrc/netif_init_devs.ts';
import { GNRC_NETTYPE_SIXLOWPAN } from '../../../net/gnrc/nettype.ts';
import { gnrc_pkt_bytes, type gnrc_pktsnip_t } from '../../../net/gnrc/pkt.ts';
import { gnrc_pktbuf_add, gnrc_pktbuf_release } from '../../../net/gnrc/pktbuf.ts';
import { IEEE802154_FCF_TYPE_DATA, parseIeee802154 } from '../../../net/wire/ieee802154.ts';
import { readCapture } from '../../vectors/pcap.ts';
import type { TestBoardOptions } from '../../kernel/harness.ts';
import { FakeRadio, NetBoard } from './board.ts';

export const A = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0a);
export const B = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0x0b);

/** Modules of a 6LoWPAN node that make a difference to its interface. */
const SIXLOWPAN_NODE = [
  'ieee802154', 'gnrc_ipv6_nib_6ln', 'gnrc_netif_ipv6', 'gnrc_sixlowpan', 'gnrc_sixlowpan_iphc', 'gnrc_netif_pktq',
  'netstats_l2',
];

/** What came up from the interface. */
export interface Received {
  readonly time: number;
  readonly payload: Uint8Array;
  readonly header: Uint8Array;
}

export interface Interface {
  readonly board: NetBoard;
  readonly radio: FakeRadio;
  readonly received: Received[];
  /** Set while the board runs. */
  netif: gnrc_netif_t;
  device: netdev_ieee802154_submac_t;
}

/** The interface of the running board, which must have one. */
export function onlyNetif(): gnrc_netif_t {
  const netif = gnrc_netif_iter(null);
  if (netif === null) throw new Error('the board has no interface');
  return netif;
}

/** A board with the EUI-64 `eui64` whose main makes the interface, and then runs `main`. */
export function interfaceBoard(
  eui64: Uint8Array, main: (made: Interface) => Blocking<unknown>,
  options: TestBoardOptions & { net?: Record<string, number>; caps?: number } = {},
): Interface {
  const radio = new FakeRadio(eui64, options.caps);
  const received: Received[] = [];
  const board = new NetBoard(function* () {
    msg_init_queue(msg_array(8), 8);
    gnrc_netif_set_nib({
      arsm: false, slaac: false, init_iface: gnrc_netif_init_6ln, pl_prefixes: () => [],
      pl_set: function* () { return 0; }, change_rtr_adv_iface: function* () {},
      start_search_rtr: () => undefined, stop_search_rtr: () => undefined,
    });
    const cb = (_cmd: number, pkt: gnrc_pktsnip_t): undefined => {
      const [payload, header] = [gnrc_pkt_bytes(pkt).slice(), gnrc_pkt_bytes(pkt.next!).slice()];
      received.push({ time: board.time, payload, header });
      gnrc_pktbuf_release(pkt);
    };
    yield* gnrc_netreg_register(GNRC_NETTYPE_SIXLOWPAN,
      GNRC_NETREG_ENTRY_INIT_CB(GNRC_NETREG_DEMUX_CTX_ALL, { cb, ctx: null }));
    yield* gnrc_netif_init_devs({ ieee802154: [radio] });
    made.netif = onlyNetif();
    made.device = made.netif.dev as netdev_ieee802154_submac_t;
    yield* main(made);
  }, { ...options, modules: [...SIXLOWPAN_NODE, ...(options.modules ?? [])] });
  radio.board = board;
  const made = { board, radio, received } as unknown as Interface;
  return made;
}

/** A packet for the interface: a netif header to `dst` with these flags, and the payload. */
export function frameTo(netif: gnrc_netif_t, dst: Uint8Array, payload: Uint8Array, flags = 0): gnrc_pktsnip_t {
  const data = gnrc_pktbuf_add(null, payload, payload.length, GNRC_NETTYPE_SIXLOWPAN);
  const snip = gnrc_netif_hdr_build(null, 0, dst, dst.length);
  if (data === null || snip === null) throw new Error('the packet buffer is full');
  const hdr = gnrc_netif_hdr_of(snip);
  hdr.flags = flags;
  gnrc_netif_hdr_set_netif(hdr, netif);
  snip.next = data;
  return snip;
}

/** Hands `count` frames with `size` bytes of payload to the interface at once. */
export function* sendFrames(netif: gnrc_netif_t, count: number, size: number): Blocking<void> {
  for (let i = 0; i < count; i++) yield* gnrc_netif_send(netif, frameTo(netif, B, new Uint8Array(size).fill(i + 1)));
}

/** Data frames of a capture with what their MAC headers say. */
export function dataFrames(name: string) {
  return readCapture(name).filter((frame) => (frame.mpdu[0]! & 7) === IEEE802154_FCF_TYPE_DATA).map(({ mpdu }) => {
    const repr = parseIeee802154(mpdu);
    if (typeof repr === 'string') throw new TypeError(repr);
    return { mpdu, repr, payload: mpdu.subarray(repr.headerLength) };
  });
}

/** Whether `src` is the address of `node`. */
export function isFrom(src: Uint8Array, node: Uint8Array): boolean {
  return src.every((byte, i) => byte === node[i]);
}
