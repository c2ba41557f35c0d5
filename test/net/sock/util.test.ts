import test from 'ava';
import fc from 'fast-check';

import { EINVAL, ENOTSUP, EOVERFLOW } from '../../../kernel/errno.ts';
import { AF_INET6, AF_UNSPEC } from '../../../net/af.ts';
import { SOCK_IPV6_EP_ANY, sock_udp_ep_t } from '../../../net/sock/sock.ts';
import {
  sock_udp_ep_equal, sock_udp_ep_fmt, sock_udp_str2ep, sock_urlpath, sock_urlsplit,
} from '../../../net/sock/util.ts';
import { ipv6_addr_to_str } from '../../../net/wire/addr.ts';

function parse(text: string): [string, number, number] | number {
  const ep = new sock_udp_ep_t();
  const res = sock_udp_str2ep(ep, text);
  return res === 0 ? [ipv6_addr_to_str(ep.addr.ipv6), ep.netif, ep.port] : res;
}

test('end points are read as RIOT reads them', (t) => {
  // The cases of RIOT's tests/unittests for sock_util, and what its source does with the odd ones.
  t.deepEqual(parse('[2001:db8:a:b:c:d:e:f]'), ['2001:db8:a:b:c:d:e:f', 0, 0]);
  t.deepEqual(parse('[2001:db8::1]:53'), ['2001:db8::1', 0, 53]);
  t.deepEqual(parse('[fe80::1%5]'), ['fe80::1', 5, 0]);
  t.deepEqual(parse('[fe80::1%5]:65535'), ['fe80::1', 5, 65535]);
  t.deepEqual(parse('[::1%9999]:1'), ['::1', 9999, 1]);
  t.deepEqual(parse('[::]:'), ['::', 0, 0]);
  t.deepEqual(parse('[::1]:0x10'), ['::1', 0, 0]);
  t.deepEqual(parse('[::1]: 12'), ['::1', 0, 12]);
  t.deepEqual(parse('[::1]tail'), ['::1', 0, 0]);
  t.deepEqual(parse('[::1%5x]:7'), ['::1', 5, 7]);
});

test('what is no end point is refused', (t) => {
  // A missing bracket, ports of more than five characters or above 65535, interfaces of none or five characters.
  const bad = [
    '', '[', '[]', '[::1', '[::1%]', '[::1%5', '[::1%99999]', '[::1]:655350', '[::1]:65536', '[::1]:-1',
    '[::1%5]:65536', '::1', 'fe80::1', '127.0.0.1:80', 'name:80', '[127.0.0.1]', '[name]', `[${'0'.repeat(70)}::1]`,
    '[:::1]', '[::1%-1]',
  ];
  for (const text of bad) t.is(parse(text), -EINVAL, text);
});

test('an end point that is written is read again', (t) => {
  // Any address, interface up to four digits, and port.
  t.notThrows(() => fc.assert(fc.property(
    fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(9999), fc.nat(65535), (addr, netif, port) => {
      const ep = SOCK_IPV6_EP_ANY();
      ep.addr.ipv6.set(addr);
      ep.netif = netif;
      ep.port = port;
      const out = { addr_str: '', port: 0 };
      const length = sock_udp_ep_fmt(ep, out);
      const again = new sock_udp_ep_t();
      return length === out.addr_str.length && sock_udp_str2ep(again, `[${out.addr_str}]:${out.port}`) === 0 &&
        sock_udp_ep_equal(ep, again) && again.netif === netif;
    },
  ), { seed: 42, numRuns: 500 }));
});

test('the text of an end point names its interface, without padding', (t) => {
  // sock_util pulls in module fmt, so it is fmt_u16_dec and not %4u.
  const ep = SOCK_IPV6_EP_ANY();
  ep.addr.ipv6.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]);
  ep.port = 12345;
  const out = { addr_str: 'before', port: 1 };
  t.is(sock_udp_ep_fmt(ep, out), 7);
  t.deepEqual(out, { addr_str: 'fe80::b', port: 12345 });
  ep.netif = 6;
  t.is(sock_udp_ep_fmt(ep, out), 9);
  t.is(out.addr_str, 'fe80::b%6');
  ep.family = AF_UNSPEC;
  t.is(sock_udp_ep_fmt(ep, out), -ENOTSUP);
  t.deepEqual(out, { addr_str: '', port: 12345 });
});

test('end points are equal if family, address and port are', (t) => {
  // RIOT does not compare interfaces; end points of no family equal nothing.
  const make = (): sock_udp_ep_t => {
    const ep = SOCK_IPV6_EP_ANY();
    ep.addr.ipv6[15] = 1;
    ep.port = 5;
    return ep;
  };
  const other = make();
  other.netif = 7;
  t.true(sock_udp_ep_equal(make(), other));
  other.port = 6;
  t.false(sock_udp_ep_equal(make(), other));
  other.port = 5;
  other.addr.ipv6[0] = 1;
  t.false(sock_udp_ep_equal(make(), other));
  t.is(make().family, AF_INET6);
  t.false(sock_udp_ep_equal(new sock_udp_ep_t(), new sock_udp_ep_t()));
});

test('URLs are split into host and path within RIOT\'s limits', (t) => {
  // The cases of RIOT's sock_util tests; scheme at most 16 characters, host and path at most 63.
  const split = (url: string): [string, string] | number => {
    const out = { hostport: '', urlpath: '' };
    const res = sock_urlsplit(url, out);
    return res === 0 ? [out.hostport, out.urlpath] : res;
  };
  t.deepEqual(split('http://[2001:db8:a:b:c:d:e:f]'), ['[2001:db8:a:b:c:d:e:f]', '']);
  t.deepEqual(split('http://[2001:db8::1]:80/some/path?a=b'), ['[2001:db8::1]:80', '/some/path?a=b']);
  t.deepEqual(split('coap://R@[2008::1]:5own//R'), ['R@[2008::1]:5own', '//R']);
  t.deepEqual(split(`${'s'.repeat(16)}://host/`), ['host', '/']);
  t.is(split(`${'s'.repeat(17)}://host/`), -EINVAL);
  for (const url of ['', 'http', 'http:', 'http:/host', '/local/path', ':host']) t.is(split(url), -EINVAL, url);
  t.is(split(`http://${'h'.repeat(64)}`), -EOVERFLOW);
  t.deepEqual(split(`http://${'h'.repeat(63)}/`), ['h'.repeat(63), '/']);
  t.is(split(`http://host/${'p'.repeat(63)}`), -EOVERFLOW);
  t.is(sock_urlpath('http://host/path'), '/path');
  t.is(sock_urlpath('http://host'), '');
  t.is(sock_urlpath('host/path'), null);
});
