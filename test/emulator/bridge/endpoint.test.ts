import test from 'ava';
import { formatEndpoint, isLoopback, parseEndpoint } from '../../../emulator/bridge/endpoint.ts';
import { parsePortRule } from '../../../emulator/bridge/host_ports.ts';

for (const [text, shown, loopback] of [
  ['[::1]:17754', '[::1]:17754', true],
  ['127.0.0.1:17754', '127.0.0.1:17754', true],
  ['127.9.9.9:1', '127.9.9.9:1', true],
  ['localhost:17754', '[::1]:17754', true],
  [':17754', '[::1]:17754', true],
  ['17754', '[::1]:17754', true],
  ['[fe80::1]:65535', '[fe80::1]:65535', false],
  ['192.0.2.1:80', '192.0.2.1:80', false],
] as const) {
  test(`${text} is the endpoint ${shown}, ${loopback ? '' : 'not '}of this host only`, (t) => {
    // Only 127.0.0.0/8 and ::1 cannot be reached from elsewhere.
    const endpoint = parseEndpoint('--zep', text);
    t.is(formatEndpoint(endpoint), shown);
    t.is(isLoopback(endpoint), loopback);
  });
}

for (const [text, message] of [
  ['', "--zep: '' is no endpoint; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['::1:17754', "--zep: '::1:17754' is no endpoint; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['[::1]', "--zep: '[::1]' is no endpoint; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['[1.2.3.4]:5', "--zep: '1.2.3.4' is no IP address; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['example.org:5', "--zep: 'example.org' is no IP address; expected [::1]:PORT, 127.0.0.1:PORT or PORT"],
  ['[::1]:0', '--zep: port 0 is not from 1 to 65535'],
  ['70000', '--zep: port 70000 is not from 1 to 65535'],
] as const) {
  test(`'${text}' is no endpoint, and the message says what is`, (t) => {
    // No host name is ever looked up: what a run reaches must not depend on a resolver.
    t.throws(() => parseEndpoint('--zep', text), { instanceOf: RangeError, message });
  });
}

test('port rules name host port, board port and board', (t) => {
  // A bare port listens on both loopback addresses: localhost is one or the other, depending on the program.
  const shown = (text: string) => {
    const { node, endpoints, nodePort } = parsePortRule('--udp', text, false);
    return `${node ?? '-'} ${endpoints.map(formatEndpoint).join(' ')} ${nodePort}`;
  };
  t.is(shown('20220'), '- [::1]:20220 127.0.0.1:20220 20220');
  t.is(shown('5684:20220'), '- [::1]:5684 127.0.0.1:5684 20220');
  t.is(shown('[::1]:5684:20220'), '- [::1]:5684 20220');
  t.is(shown('server=127.0.0.1:5684:20220'), 'server 127.0.0.1:5684 20220');
  t.is(shown('b=20220'), 'b [::1]:20220 127.0.0.1:20220 20220');
});

for (const [text, message] of [
  ['x', "--udp: 'x' is not HOSTPORT[:NODEPORT], such as 5684:20220 or [::1]:5684:20220"],
  ['1:2:3', "--udp: '1:2:3' is not HOSTPORT[:NODEPORT], such as 5684:20220 or [::1]:5684:20220"],
  ['99999', '--udp: port 99999 is not from 1 to 65535'],
  ['5684:0', '--udp: port 0 is not from 1 to 65535'],
  ['0.0.0.0:5684', '--udp: 0.0.0.0 lets other hosts reach the board; add --allow-remote if you want that'],
  ['[::]:5684', '--udp: :: lets other hosts reach the board; add --allow-remote if you want that'],
] as const) {
  test(`the port rule '${text}' is refused with the reason`, (t) => {
    // The last two would open the board to the network: nobody should do that by accident.
    t.throws(() => parsePortRule('--udp', text, false), { instanceOf: RangeError, message });
  });
}

test('a port rule that other hosts can reach is allowed by name only', (t) => {
  // The option --allow-remote.
  t.is(parsePortRule('--udp', '0.0.0.0:5684', true).endpoints[0]!.address, '0.0.0.0');
});
