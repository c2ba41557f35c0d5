// Which optional parts of the IPv6 layer a board's image has. They are the same from boot on.
import { current, perBoard } from '../../kernel/current.ts';

/** The optional parts, by the modules that bring them. */
export interface Ipv6Parts {
  /** gnrc_ipv6_router: what is not for the board is forwarded. */
  readonly router: boolean;
  /** gnrc_ipv6_ext, or one of those that pull it in. */
  readonly ext: boolean;
  readonly ext_opt: boolean;
  readonly ext_rh: boolean;
  readonly ext_frag: boolean;
  readonly ext_frag_stats: boolean;
  /** gnrc_icmpv6_echo: echo requests are answered. */
  readonly echo: boolean;
  /** gnrc_icmpv6_error: errors are sent. */
  readonly error: boolean;
}

const ROUTERS: readonly string[] =
  ['gnrc_ipv6_router', 'gnrc_ipv6_router_default', 'gnrc_sixlowpan_border_router_default'];

const statics = perBoard((): Ipv6Parts => {
  const { modules } = current();
  const ext_opt = modules.has('gnrc_ipv6_ext_opt');
  const ext_rh = modules.has('gnrc_ipv6_ext_rh') || modules.has('gnrc_rpl_srh');
  const ext_frag = modules.has('gnrc_ipv6_ext_frag');
  return {
    router: ROUTERS.some((name) => modules.has(name)),
    ext: ext_opt || ext_rh || ext_frag || modules.has('gnrc_ipv6_ext'),
    ext_opt,
    ext_rh,
    ext_frag,
    ext_frag_stats: modules.has('gnrc_ipv6_ext_frag_stats'),
    echo: modules.has('gnrc_icmpv6_echo') || modules.has('shell_cmd_gnrc_icmpv6_echo'),
    error: modules.has('gnrc_icmpv6_error'),
  };
}, { bytes: 0 });

/** The parts that the running board has. */
export const ipv6_parts: () => Ipv6Parts = statics;
