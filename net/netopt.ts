// Options of network devices and interfaces (RIOT sys/include/net/netopt.h): those that this stack knows, with the
// numbers of RIOT's enumeration.
//
// A value is passed as it lies in memory: a Uint8Array with numbers little-endian (netopt_get_u16() and its like), an
// address in network order. The size of a netopt_enable_t or netopt_state_t is NETOPT_ENUM_SIZE.

export type netopt_t = number;

/** uint16_t */
export const NETOPT_CHANNEL: netopt_t = 0;
export const NETOPT_IS_CHANNEL_CLR: netopt_t = 1;
/** short address, network order */
export const NETOPT_ADDRESS: netopt_t = 2;
/** EUI-64, network order */
export const NETOPT_ADDRESS_LONG: netopt_t = 3;
/** uint16_t, as NETOPT_SRC_LEN */
export const NETOPT_ADDR_LEN: netopt_t = 4;
/** uint16_t: bytes of the source address, 2 or 8 */
export const NETOPT_SRC_LEN: netopt_t = 5;
/** uint16_t: PAN ID */
export const NETOPT_NID: netopt_t = 6;
/** uint8_t */
export const NETOPT_HOP_LIMIT: netopt_t = 7;
/** 8 bytes */
export const NETOPT_IPV6_IID: netopt_t = 8;
/** get: array of addresses; set: one, context (prefix length << 8) | flags */
export const NETOPT_IPV6_ADDR: netopt_t = 9;
/** 16 bytes */
export const NETOPT_IPV6_ADDR_REMOVE: netopt_t = 10;
/** uint8_t array, one per address of NETOPT_IPV6_ADDR */
export const NETOPT_IPV6_ADDR_FLAGS: netopt_t = 11;
/** get: array of addresses; set: one to join */
export const NETOPT_IPV6_GROUP: netopt_t = 12;
/** 16 bytes */
export const NETOPT_IPV6_GROUP_LEAVE: netopt_t = 13;
/** netopt_enable_t */
export const NETOPT_IPV6_FORWARDING: netopt_t = 14;
/** netopt_enable_t */
export const NETOPT_IPV6_SND_RTR_ADV: netopt_t = 15;
/** int16_t, dBm */
export const NETOPT_TX_POWER: netopt_t = 16;
/** uint16_t; context GNRC_NETTYPE_IPV6: the IPv6 MTU */
export const NETOPT_MAX_PDU_SIZE: netopt_t = 17;
export const NETOPT_PDU_SIZE: netopt_t = 18;
export const NETOPT_PRELOADING: netopt_t = 19;
/** netopt_enable_t */
export const NETOPT_PROMISCUOUSMODE: netopt_t = 20;
/** netopt_enable_t */
export const NETOPT_AUTOACK: netopt_t = 21;
export const NETOPT_ACK_PENDING: netopt_t = 22;
/** netopt_enable_t */
export const NETOPT_ACK_REQ: netopt_t = 23;
/** uint8_t */
export const NETOPT_RETRANS: netopt_t = 24;
/** gnrc_nettype_t */
export const NETOPT_PROTO: netopt_t = 25;
/** netopt_state_t */
export const NETOPT_STATE: netopt_t = 26;
/** netopt_enable_t */
export const NETOPT_RAWMODE: netopt_t = 27;
export const NETOPT_RX_START_IRQ: netopt_t = 28;
export const NETOPT_TX_START_IRQ: netopt_t = 29;
export const NETOPT_TX_END_IRQ: netopt_t = 30;
export const NETOPT_AUTOCCA: netopt_t = 31;
/** netopt_enable_t */
export const NETOPT_LINK: netopt_t = 32;
export const NETOPT_ACTIVE: netopt_t = 33;
export const NETOPT_CSMA: netopt_t = 34;
export const NETOPT_CSMA_RETRIES: netopt_t = 35;
export const NETOPT_CSMA_MAXBE: netopt_t = 36;
export const NETOPT_CSMA_MINBE: netopt_t = 37;
export const NETOPT_MAC_NO_SLEEP: netopt_t = 38;
export const NETOPT_IS_WIRED: netopt_t = 39;
/** uint16_t: NETDEV_TYPE_* */
export const NETOPT_DEVICE_TYPE: netopt_t = 40;
export const NETOPT_CHANNEL_PAGE: netopt_t = 41;
export const NETOPT_CCA_THRESHOLD: netopt_t = 42;
export const NETOPT_CCA_MODE: netopt_t = 43;
/** netstats_t; context NETSTATS_* */
export const NETOPT_STATS: netopt_t = 44;
/** netopt_enable_t */
export const NETOPT_ENCRYPTION: netopt_t = 45;
/** the key */
export const NETOPT_ENCRYPTION_KEY: netopt_t = 46;
export const NETOPT_RF_TESTMODE: netopt_t = 47;
/** get: the filter, see net/gnrc/l2filter.ts; set: an address to add */
export const NETOPT_L2FILTER: netopt_t = 48;
/** an address to remove */
export const NETOPT_L2FILTER_RM: netopt_t = 49;
/** int8_t, dBm */
export const NETOPT_LAST_ED_LEVEL: netopt_t = 50;
/** uint32_t, Hz */
export const NETOPT_CHANNEL_FREQUENCY: netopt_t = 53;
/** netopt_enable_t */
export const NETOPT_CHANNEL_HOP: netopt_t = 54;
/** netopt_enable_t */
export const NETOPT_SINGLE_RECEIVE: netopt_t = 56;
/** netopt_enable_t */
export const NETOPT_IQ_INVERT: netopt_t = 63;
/** netopt_enable_t */
export const NETOPT_6LO: netopt_t = 64;
/** netopt_enable_t */
export const NETOPT_6LO_IPHC: netopt_t = 65;
/** netopt_enable_t */
export const NETOPT_6LO_ABR: netopt_t = 66;
/** uint8_t */
export const NETOPT_TX_RETRIES_NEEDED: netopt_t = 67;
/** netopt_enable_t */
export const NETOPT_CHECKSUM: netopt_t = 69;
/** netopt_enable_t */
export const NETOPT_PHY_BUSY: netopt_t = 70;
/** uint8_t: IEEE802154_PHY_* */
export const NETOPT_IEEE802154_PHY: netopt_t = 88;
/** uint8_t */
export const NETOPT_OQPSK_RATE: netopt_t = 89;
/** netopt_enable_t */
export const NETOPT_OTAA: netopt_t = 102;
/** netopt_enable_t */
export const NETOPT_LINK_CHECK: netopt_t = 105;
/** int16_t, dBm */
export const NETOPT_RSSI: netopt_t = 106;
/** a group address of the link layer */
export const NETOPT_L2_GROUP: netopt_t = 111;
export const NETOPT_L2_GROUP_LEAVE: netopt_t = 112;
/** netopt_enable_t */
export const NETOPT_PAN_COORD: netopt_t = 113;
/** netopt_enable_t */
export const NETOPT_GTS_TX: netopt_t = 115;

export type netopt_enable_t = number;
export const NETOPT_DISABLE: netopt_enable_t = 0;
export const NETOPT_ENABLE: netopt_enable_t = 1;

export type netopt_state_t = number;
export const NETOPT_STATE_OFF: netopt_state_t = 0;
export const NETOPT_STATE_SLEEP: netopt_state_t = 1;
export const NETOPT_STATE_IDLE: netopt_state_t = 2;
export const NETOPT_STATE_RX: netopt_state_t = 3;
export const NETOPT_STATE_TX: netopt_state_t = 4;
export const NETOPT_STATE_RESET: netopt_state_t = 5;
export const NETOPT_STATE_STANDBY: netopt_state_t = 6;

/** sizeof(netopt_enable_t), as on native. */
export const NETOPT_ENUM_SIZE = 4;

/** Contexts of NETOPT_STATS (RIOT sys/include/net/netstats.h). */
export const NETSTATS_LAYER2 = 0x01;
export const NETSTATS_IPV6 = 0x02;
export const NETSTATS_ALL = 0xff;
/** sizeof(netstats_t): tx_unicast_count, tx_mcast_count, tx_success, tx_failed, tx_bytes, rx_count, rx_bytes. */
export const NETSTATS_SIZE = 28;

/** Reads a 32-bit value at `offset`. */
export function netopt_get_u32(data: Uint8Array, offset: number): number {
  return (data[offset]! | (data[offset + 1]! << 8) | (data[offset + 2]! << 16) | (data[offset + 3]! << 24)) >>> 0;
}

/** Writes a 16-bit value; returns its size. */
export function netopt_put_u16(data: Uint8Array, value: number): number {
  data[0] = value;
  data[1] = value >> 8;
  return 2;
}

/** Reads an unsigned 16-bit value. */
export function netopt_get_u16(data: Uint8Array): number {
  return data[0]! | (data[1]! << 8);
}

/** Reads a signed 16-bit value. */
export function netopt_get_s16(data: Uint8Array): number {
  return (netopt_get_u16(data) << 16) >> 16;
}

/** Writes a 32-bit value at `offset`. */
export function netopt_put_u32(data: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) data[offset + i] = value >>> (8 * i);
}

/** Writes an enumeration, an int on native; returns its size. */
export function netopt_put_enum(data: Uint8Array, value: number): number {
  data.fill(0, 1, NETOPT_ENUM_SIZE);
  data[0] = value;
  return NETOPT_ENUM_SIZE;
}
