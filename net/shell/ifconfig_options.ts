// What `ifconfig` sets, by the names that it has for it (RIOT sys/shell/cmds/gnrc_netif.c).
import { GNRC_NETTYPE_IPV6 } from '../gnrc/nettype.ts';
import { NETOPT_6LO, NETOPT_6LO_ABR, NETOPT_6LO_IPHC, NETOPT_ACK_REQ, NETOPT_ADDRESS, NETOPT_ADDRESS_LONG,
  NETOPT_AUTOACK, NETOPT_AUTOCCA, NETOPT_CCA_THRESHOLD, NETOPT_CHANNEL, NETOPT_CHANNEL_FREQUENCY, NETOPT_CHANNEL_HOP,
  NETOPT_CHANNEL_PAGE, NETOPT_CHECKSUM, NETOPT_CSMA, NETOPT_CSMA_RETRIES, NETOPT_ENCRYPTION, NETOPT_ENCRYPTION_KEY,
  NETOPT_GTS_TX, NETOPT_HOP_LIMIT, NETOPT_IPV6_FORWARDING, NETOPT_IPV6_SND_RTR_ADV, NETOPT_IQ_INVERT,
  NETOPT_LINK_CHECK, NETOPT_MAC_NO_SLEEP, NETOPT_MAX_PDU_SIZE, NETOPT_NID, NETOPT_OQPSK_RATE, NETOPT_OTAA,
  NETOPT_PAN_COORD, NETOPT_PHY_BUSY, NETOPT_PRELOADING, NETOPT_PROMISCUOUSMODE, NETOPT_RAWMODE, NETOPT_RETRANS,
  NETOPT_SINGLE_RECEIVE, NETOPT_SRC_LEN, NETOPT_STATE, NETOPT_TX_POWER, type netopt_t } from '../netopt.ts';

/** Options that are on or off, in the order of the usage line. */
export const FLAGS: ReadonlyMap<string, netopt_t> = new Map([
  ['6lo', NETOPT_6LO], ['abr', NETOPT_6LO_ABR], ['ack_req', NETOPT_ACK_REQ], ['gts', NETOPT_GTS_TX],
  ['pan_coord', NETOPT_PAN_COORD], ['autoack', NETOPT_AUTOACK], ['autocca', NETOPT_AUTOCCA], ['csma', NETOPT_CSMA],
  ['encrypt', NETOPT_ENCRYPTION], ['mac_no_sleep', NETOPT_MAC_NO_SLEEP], ['fwd', NETOPT_IPV6_FORWARDING],
  ['iphc', NETOPT_6LO_IPHC], ['preload', NETOPT_PRELOADING], ['promisc', NETOPT_PROMISCUOUSMODE],
  ['phy_busy', NETOPT_PHY_BUSY], ['raw', NETOPT_RAWMODE], ['rtr_adv', NETOPT_IPV6_SND_RTR_ADV],
  ['iq_invert', NETOPT_IQ_INVERT], ['rx_single', NETOPT_SINGLE_RECEIVE], ['chan_hop', NETOPT_CHANNEL_HOP],
  ['checksum', NETOPT_CHECKSUM], ['otaa', NETOPT_OTAA], ['link_check', NETOPT_LINK_CHECK],
]);

/** How `set` takes a value. */
export interface SetKey {
  readonly type: 'u8' | 'i16' | 'u16' | 'u32' | 'addr' | 'state' | 'key';
  readonly opt: netopt_t;
  readonly context?: number;
  /** The module that the image must have. */
  readonly needs?: string;
}

const ADDRESS: SetKey = { type: 'addr', opt: NETOPT_ADDRESS };
const FREQUENCY: SetKey = { type: 'u32', opt: NETOPT_CHANNEL_FREQUENCY };
const CHANNEL: SetKey = { type: 'u16', opt: NETOPT_CHANNEL };
const HOP_LIMIT: SetKey = { type: 'u8', opt: NETOPT_HOP_LIMIT };
const NID: SetKey = { type: 'u16', opt: NETOPT_NID };

/** The keys of `set`. Those that the usage names and that are not here are flags, which `set` does not know. */
export const SET_KEYS: ReadonlyMap<string, SetKey> = new Map<string, SetKey>([
  ['addr', ADDRESS], ['addr_short', ADDRESS], ['addr_long', { type: 'addr', opt: NETOPT_ADDRESS_LONG }],
  ['cca_threshold', { type: 'u8', opt: NETOPT_CCA_THRESHOLD }], ['frequency', FREQUENCY], ['freq', FREQUENCY],
  ['high_rate', { type: 'u8', opt: NETOPT_OQPSK_RATE, needs: 'netdev_ieee802154_oqpsk' }],
  ['channel', CHANNEL], ['chan', CHANNEL], ['csma_retries', { type: 'u8', opt: NETOPT_CSMA_RETRIES }],
  ['hl', HOP_LIMIT], ['hop_limit', HOP_LIMIT], ['key', { type: 'key', opt: NETOPT_ENCRYPTION_KEY }],
  ['mtu', { type: 'u16', opt: NETOPT_MAX_PDU_SIZE, context: GNRC_NETTYPE_IPV6, needs: 'gnrc_ipv6' }],
  ['nid', NID], ['pan', NID], ['pan_id', NID], ['page', { type: 'u16', opt: NETOPT_CHANNEL_PAGE }],
  ['power', { type: 'i16', opt: NETOPT_TX_POWER }], ['retrans', { type: 'u8', opt: NETOPT_RETRANS }],
  ['src_len', { type: 'u16', opt: NETOPT_SRC_LEN }], ['state', { type: 'state', opt: NETOPT_STATE }],
]);

/** What `set` calls an option in its answers. */
const NAMES: ReadonlyMap<netopt_t, string> = new Map([
  [NETOPT_ADDRESS, '(short) address'], [NETOPT_ADDRESS_LONG, 'long address'],
  [NETOPT_SRC_LEN, 'source address length'], [NETOPT_CHANNEL, 'channel'],
  [NETOPT_CHANNEL_FREQUENCY, 'frequency [in Hz]'], [NETOPT_CHANNEL_PAGE, 'page'], [NETOPT_HOP_LIMIT, 'hop limit'],
  [NETOPT_MAX_PDU_SIZE, 'MTU'], [NETOPT_NID, 'network identifier'], [NETOPT_TX_POWER, 'TX power [in dBm]'],
  [NETOPT_RETRANS, 'max. retransmissions'], [NETOPT_CSMA_RETRIES, 'CSMA retries'],
  [NETOPT_CCA_THRESHOLD, 'CCA threshold [in dBm]'], [NETOPT_OQPSK_RATE, 'high rate'],
]);

export function nameOf(opt: netopt_t): string {
  return NAMES.get(opt) ?? '';
}

/** The list of keys in the usage of `set`. */
export function setKeys(): string {
  return KEY_HELP.map(([key, text]) => `       * "${key}" - ${text}\n`).join('');
}

const KEY_HELP: readonly (readonly [key: string, text: string])[] = [
  ['addr', 'sets (short) address'],
  ['addr_long', 'sets long address'],
  ['addr_short', 'alias for "addr"'],
  ['cca_threshold', 'set ED threshold during CCA in dBm'],
  ['freq', 'sets the "channel" center frequency'],
  ['channel', 'sets the frequency channel'],
  ['chan', 'alias for "channel"'],
  ['checksum', 'set checksumming on-off'],
  ['csma_retries', 'set max. number of channel access attempts'],
  ['encrypt', 'set the encryption on-off'],
  ['hop_limit', 'set hop limit'],
  ['hl', 'alias for "hop_limit"'],
  ['key', 'set the encryption key in hexadecimal format'],
  ['mtu', 'IPv6 maximum transmission unit'],
  ['nid', 'sets the network identifier (or the PAN ID)'],
  ['page', 'set the channel page (IEEE 802.15.4)'],
  ['pan', 'alias for "nid"'],
  ['pan_id', 'alias for "nid"'],
  ['phy_busy', 'set busy mode on-off'],
  ['power', 'TX power in dBm'],
  ['retrans', 'max. number of retransmissions'],
  ['src_len', 'sets the source address length in byte'],
  ['state', 'set the device state'],
];
