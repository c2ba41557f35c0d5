import test from 'ava';
import { native } from '../../../boards/native.ts';
import { Simulation } from '../../../emulator/sim/index.ts';
import { app as sock_udp_echo } from '../../../apps/sock_udp_echo/main.ts';
import { AF_INET6 } from '../../../net/af.ts';
import { sock_udp_ep_t } from '../../../net/sock/sock.ts';
import { sock_udp_send } from '../../../net/sock/udp.ts';
import { gnrc_netifs } from '../../../net/gnrc/netif_t.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';
import { ip } from './ethernet.ts';
import { Ladder } from '../../../emulator/trace/ladder.ts';

for (const profile of ['riot', 'rfc'] as const) {
  test(`boot ${profile}`, (t) => {
    const app = (to: string) => ({ name: 'x', modules: [...sock_udp_echo.modules], * main() {
      const remote = new sock_udp_ep_t();
      remote.family = AF_INET6;
      remote.addr.ipv6.set(ip(to));
      remote.port = 7;
      const r = yield* sock_udp_send(null, new Uint8Array(4), 4, remote);
      t.log(r);
      return 0;
    } });
    const sim = new Simulation({ seed: 1, profile, nodes: {
      a: { board: native, app: app('fe80::ff:fe00:2'), eui64: new Uint8Array([2,0,0,0,0,0,0,0x0a]), wires: ['lan'], radio: false, bootAt: 0 },
      b: { board: native, app: sock_udp_echo, eui64: new Uint8Array([2,0,0,0,0,0,0,0x0b]), wires: ['lan'], radio: false, bootAt: 0 },
    } });
    const ladder = new Ladder([...sim.nodes].map((n) => ({ name: n.name, board: 'native', eui64: '', ports: n.ports.map((p) => ({ wire: 'lan', eui48: Array.from(p.eui48, (x) => x.toString(16).padStart(2, '0')).join(':') })) })));
    sim.trace.subscribe(ladder.read);
    sim.runFor(8_000_000);
    t.log(ladder.text());
    for (const n of sim.nodes) t.log(n.name, n.ports.map((p) => p.eui48.join()).join(), gnrc_netifs(n.kernel!)[0]!.ipv6.addrs.map(ipv6_addr_to_str).join(' '));
    t.pass();
  });
}
