// Two boards on an Ethernet segment that find each other while both are still booting, or after both had given up.
import test from 'ava';
import { app as sock_udp_echo } from '../../../apps/sock_udp_echo/main.ts';
import { native } from '../../../boards/native.ts';
import { type SimNode, Simulation } from '../../../emulator/sim/index.ts';
import type { App } from '../../../kernel/app.ts';
import { ZTIMER_USEC, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { AF_INET6 } from '../../../net/af.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK, nib } from '../../../net/gnrc/nib_t.ts';
import { type Profile, PROFILES } from '../../../net/quirks.ts';
import { sock_udp_ep_t } from '../../../net/sock/sock.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { ICMPV6_NBR_SOL } from '../../../net/wire/icmpv6.ts';
import { ip } from './ethernet.ts';

const SECOND = 1_000_000;
const ADDRESS_B = 'fe80::ff:fe00:2';
const ETHERNET_HEADER = 14;
const ICMPV6_TYPE = ETHERNET_HEADER + 40;
const UDP = 17;
const UNREACHABLE = 1;

/** Sends a datagram to the other board at 0 s and 10 s. */
const sender: App = {
  name: 'sender',
  modules: sock_udp_echo.modules,
  * main() {
    const remote = new sock_udp_ep_t();
    remote.family = AF_INET6;
    remote.addr.ipv6.set(ip(ADDRESS_B));
    remote.port = 7;
    yield* sock_udp_send(null, new Uint8Array(4), 4, remote);
    yield* ztimer_sleep(ZTIMER_USEC, 10 * SECOND);
    yield* sock_udp_send(null, new Uint8Array(4), 4, remote);
    return 0;
  },
};

/** Board a, which sends, and board b; the frames of both are in `frames`. */
function boot(profile: Profile, aAt = 0): { simulation: Simulation; a: SimNode; b: SimNode; frames: Uint8Array[] } {
  const simulation = new Simulation({ seed: 1, profile, nodes: {
    a: { board: native, app: sender, wires: ['lan'], radio: false, bootAt: aAt },
    b: { board: native, app: sock_udp_echo, wires: ['lan'], radio: false, bootAt: 0 },
  } });
  const frames: Uint8Array[] = [];
  simulation.trace.subscribe(({ event }) => {
    if (event.layer === 'wire' && event.type === 'tx') frames.push(event.frame);
    return undefined;
  });
  return { simulation, a: simulation.node('a'), b: simulation.node('b'), frames };
}

function solicitations(frames: readonly Uint8Array[]): number {
  return frames.filter((frame) => frame[ICMPV6_TYPE] === ICMPV6_NBR_SOL).length;
}

function udp(frames: readonly Uint8Array[]): number {
  return frames.filter((frame) => frame[ETHERNET_HEADER + 6] === UDP).length;
}

/** A board has all its neighbours for unreachable, as three unanswered probes would leave them. */
function forget({ kernel }: SimNode): void {
  kernel!.run(() => {
    for (const node of nib().nodes) {
      node.info = (node.info & ~GNRC_IPV6_NIB_NC_INFO_NUD_STATE_MASK) | UNREACHABLE;
      node.ns_sent = 3;
    }
  });
}

test('a board asked for while it boots gives its address up as a duplicate in RIOT, not in profile rfc', (t) => {
  // Quirk nib-asks-without-source: the board that asks has no valid address yet either, so its solicitation looks like
  // one of duplicate address detection. The address of the other is then gone, and so is the datagram.
  for (const profile of PROFILES) {
    const { simulation, b, frames } = boot(profile);
    simulation.runFor(4 * SECOND);
    const address = ipv6_addr_to_str(gnrc_netifs(b.kernel!)[0]!.ipv6.addrs[0]!);
    t.deepEqual([address === ADDRESS_B, udp(frames)], profile === 'riot' ? [false, 0] : [true, 1], profile);
  }
});

test('two boards that have each other for unreachable: in RIOT they solicit as fast as they can', (t) => {
  // Quirks nib-unreachable-stays and nib-probes-not-limited. Each answer needs a next hop that is unreachable, so it is
  // dropped and provokes a solicitation. In profile rfc the first one is answered. A RIOT board pauses only after the
  // one draw in a thousand that has the next solicitation due in no more than RetransTimer, and for as long as that.
  for (const profile of PROFILES) {
    const { simulation, a, b, frames } = boot(profile, 3 * SECOND);
    simulation.runFor(12 * SECOND);
    t.is(udp(frames), 1, profile);
    forget(a);
    forget(b);
    frames.length = 0;
    simulation.runFor(1.9 * SECOND);
    const count = solicitations(frames);
    t.log(`${profile}: ${count} solicitations`);
    t.true(profile === 'riot' ? count > 200 : count < 10, `${profile}: ${count}`);
  }
});
