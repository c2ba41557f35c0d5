// What the neighbour information base of an image does, and the sizes of its tables: RIOT decides that when the image
// is built, from its modules (sys/include/net/gnrc/ipv6/nib/conf.h).
import type { ConfigValues } from '../../kernel/config.ts';
import { current, perBoard } from '../../kernel/current.ts';
import { net_config, type NET_CONFIG } from '../config.ts';

/** CONFIG_GNRC_IPV6_NIB_* of the running board. */
export interface nib_conf_t {
  /** 6LoWPAN border router, router and node: each is one of the next too. */
  readonly six_lbr: boolean;
  readonly six_lr: boolean;
  readonly six_ln: boolean;
  readonly router: boolean;
  /** Routers advertise themselves from the start. */
  readonly adv_router: boolean;
  readonly sol_router: boolean;
  readonly no_rtr_sol: boolean;
  /** Interfaces are border routers' from the start. */
  readonly abr: boolean;
  /** Multihop prefix and context distribution (RFC 6775 §8.1), and whether who gets an RA then sends some itself. */
  readonly multihop_p6c: boolean;
  readonly multihop_p6c_auto_adv: boolean;
  readonly add_rio_in_ra: boolean;
  readonly add_rio_in_last_ra: boolean;
  /** Route information options are read. */
  readonly rio: boolean;
  /** Address resolution and unreachability detection. */
  readonly arsm: boolean;
  readonly queue_pkt: boolean;
  readonly slaac: boolean;
  /** Entries of the tables. */
  readonly numof: number;
  readonly offl_numof: number;
  readonly default_router_numof: number;
  readonly abr_numof: number;
  readonly nbr_queue_cap: number;
}

/** A figure of a row of which -1 says: as the modules say. */
function flag(value: number, byModules: boolean): boolean {
  return value < 0 ? byModules : value !== 0;
}

/** What an image's modules and figures come to. */
export function nib_conf_of(modules: ReadonlySet<string>, config: ConfigValues<typeof NET_CONFIG>): nib_conf_t {
  const has = (name: string): boolean => modules.has(name);
  const classic = has('gnrc_ipv6_classic');
  const six_lbr = has('gnrc_ipv6_nib_6lbr');
  const six_lr = six_lbr || has('gnrc_ipv6_nib_6lr');
  const six_ln = six_lr || has('gnrc_ipv6_nib_6ln');
  const router = six_lr || has('gnrc_ipv6_nib_router');
  const pureNode = six_ln && !six_lr && !classic;
  const multihop_p6c = flag(config.CONFIG_GNRC_IPV6_NIB_MULTIHOP_P6C, six_lr);
  return {
    six_lbr,
    six_lr,
    six_ln,
    router,
    adv_router: config.CONFIG_GNRC_IPV6_NIB_ADV_ROUTER !== 0,
    sol_router: config.CONFIG_GNRC_IPV6_NIB_SOL_ROUTER !== 0,
    no_rtr_sol: config.CONFIG_GNRC_IPV6_NIB_NO_RTR_SOL !== 0,
    abr: flag(config.CONFIG_GNRC_IPV6_NIB_ABR, six_lbr),
    multihop_p6c,
    multihop_p6c_auto_adv: flag(config.CONFIG_GNRC_IPV6_NIB_MULTIHOP_P6C_AUTO_ADV, multihop_p6c),
    add_rio_in_ra: config.CONFIG_GNRC_IPV6_NIB_ADD_RIO_IN_RA !== 0,
    add_rio_in_last_ra: flag(config.CONFIG_GNRC_IPV6_NIB_ADD_RIO_IN_LAST_RA, has('gnrc_ipv6_auto_subnets')),
    rio: has('gnrc_ipv6_nib_rio'),
    arsm: flag(config.CONFIG_GNRC_IPV6_NIB_ARSM, !pureNode),
    queue_pkt: flag(config.CONFIG_GNRC_IPV6_NIB_QUEUE_PKT, !six_ln || classic),
    slaac: flag(config.CONFIG_GNRC_IPV6_NIB_SLAAC, !six_ln || classic),
    numof: config.CONFIG_GNRC_IPV6_NIB_NUMOF || (six_lbr ? 16 : pureNode ? 1 : 4),
    offl_numof: config.CONFIG_GNRC_IPV6_NIB_OFFL_NUMOF,
    default_router_numof: config.CONFIG_GNRC_IPV6_NIB_DEFAULT_ROUTER_NUMOF,
    abr_numof: config.CONFIG_GNRC_IPV6_NIB_ABR_NUMOF,
    nbr_queue_cap: config.CONFIG_GNRC_IPV6_NIB_NBR_QUEUE_CAP,
  };
}

/** Reckoned once a boot; it is code, and takes no RAM of the board. */
export const nib_conf: () => nib_conf_t = perBoard(() => nib_conf_of(current().modules, net_config()),
  { bytes: 0 });
