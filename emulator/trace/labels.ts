// Names for what a frame's header says in numbers: who sends to whom, and the how manieth attempt it is.
import { ieee802154_get_iid, ipv6_addr_to_str, linkLocalFromIid } from '../../net/wire/addr.ts';
import { hex } from '../../net/wire/bytes.ts';
import { ethernet_addr_is_group } from '../../net/wire/ethernet.ts';
import type { Dissection, EthernetDissection } from './dissect.ts';

/** What a view has to know of a node. */
export interface TraceNode {
  readonly name: string;
  readonly board: string;
  /** `02:00:00:00:00:00:00:0a` */
  readonly eui64: string;
  /** Its Ethernet ports: the segments that they are on, '' for none, and addresses as `02:00:00:00:00:01`. */
  readonly ports?: readonly { readonly wire: string; readonly eui48: string }[];
}

export interface FrameLabel {
  readonly from: string;
  /** The node that is meant: its name, `*` for all, or an address that no node has, an EUI-64 as link-local address. */
  readonly to: string;
  readonly summary: string;
  /** 1 for the first, more for each retry of the same frame; null for a frame that asks for no ACK. */
  readonly attempt: number | null;
}

/** A frame that asked for an ACK, until its sender sends another. */
interface Outstanding {
  readonly frame: Uint8Array;
  attempt: number;
}

/** Labels the frames of a run, in order. */
export class FrameLabels {
  private readonly names: ReadonlyMap<string, string>;
  private readonly portNames: ReadonlyMap<string, string>;
  private readonly outstanding = new Map<string, Outstanding>();
  /** Who sent the last frame with this sequence number to a node: an ACK has no addresses. */
  private readonly senders = new Map<string, string>();

  constructor(nodes: readonly TraceNode[]) {
    this.names = new Map(nodes.map((node) => [node.eui64.replaceAll(':', '').toLowerCase(), node.name]));
    this.portNames = new Map(nodes.flatMap(({ name, ports = [] }) => ports.map(({ eui48 }) => [eui48, name])));
  }

  /** A frame on a segment; `from` is '' for one from outside. */
  ofEthernet(from: string, { header, summary }: EthernetDissection): FrameLabel {
    if (header === null) return { from, to: '?', summary, attempt: null };
    const address = hex(header.dst, ':');
    const to = ethernet_addr_is_group(header.dst) ? '*' : this.portNames.get(address) ?? address;
    return { from, to, summary, attempt: null };
  }

  of(from: string, frame: Uint8Array, { kind, mac, summary }: Dissection): FrameLabel {
    if (mac === null) return { from, to: '?', summary, attempt: null };
    if (kind === 'ack') {
      return { from, to: this.senders.get(`${from} ${mac.seq}`) ?? '?', summary, attempt: null };
    }
    const to = this.nameOf(mac.dst);
    if (!mac.ackRequest) return { from, to, summary, attempt: null };
    this.senders.set(`${to} ${mac.seq}`, from);
    const last = this.outstanding.get(from);
    if (last !== undefined && same(last.frame, frame)) {
      return { from, to, summary, attempt: ++last.attempt };
    }
    this.outstanding.set(from, { frame, attempt: 1 });
    return { from, to, summary, attempt: 1 };
  }

  private nameOf(address: Uint8Array): string {
    const text = hex(address);
    if (text === 'ffff') return '*';
    // A short address is the end of the EUI-64, as RIOT's netif makes it.
    for (const [eui64, name] of this.names) {
      if (eui64 === text || (address.length === 2 && eui64.endsWith(text))) return name;
    }
    if (address.length === 8) return ipv6_addr_to_str(linkLocalFromIid(ieee802154_get_iid(address)!));
    return text === '' ? '?' : hex(address, ':');
  }
}

/** A retry repeats every byte; another frame has another sequence number. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
