import test from 'ava';
import fc from 'fast-check';

import { EINVAL, ENOTSUP, EOVERFLOW } from '../../../kernel/errno.ts';
import { AF_INET6, AF_UNIX, AF_UNSPEC } from '../../../net/af.ts';
import { SOCK_IPV6_EP_ANY, sock_udp_ep_t } from '../../../net/sock/sock.ts';
import {
  sock_tl_ep_fmt, sock_udp_ep_equal, sock_udp_ep_fmt, sock_udp_name2ep, sock_udp_str2ep, sock_urlpath, sock_urlsplit,
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
      const addr_str = { value: '' };
      const text_port = { value: 0 };
      const length = sock_udp_ep_fmt(ep, addr_str, text_port);
      const again = new sock_udp_ep_t();
      return length === addr_str.value.length &&
        sock_udp_str2ep(again, `[${addr_str.value}]:${text_port.value}`) === 0 &&
        sock_udp_ep_equal(ep, again) && again.netif === netif;
    },
  ), { seed: 42, numRuns: 500 }));
});

test('the text of an end point names its interface, without padding', (t) => {
  // sock_util pulls in module fmt, so it is fmt_u16_dec and not %4u.
  const ep = SOCK_IPV6_EP_ANY();
  ep.addr.ipv6.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]);
  ep.port = 12345;
  const addr_str = { value: 'before' };
  const port = { value: 1 };
  t.is(sock_udp_ep_fmt(ep, addr_str, port), 7);
  t.deepEqual([addr_str.value, port.value], ['fe80::b', 12345]);
  ep.netif = 6;
  t.is(sock_udp_ep_fmt(ep, addr_str, null), 9);
  t.is(addr_str.value, 'fe80::b%6');
  ep.netif = 60000;
  ep.addr.ipv6.set([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  t.is(sock_tl_ep_fmt(ep, addr_str, port), '2001:db8::1%60000'.length);
  t.is(addr_str.value, '2001:db8::1%60000');
  for (const family of [AF_UNSPEC, AF_UNIX]) {
    ep.family = family;
    addr_str.value = 'before';
    t.is(sock_udp_ep_fmt(ep, addr_str, port), -ENOTSUP);
    t.deepEqual([addr_str.value, port.value], ['', 12345]);
  }
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
    const hostport = { value: '' };
    const urlpath = { value: '' };
    const res = sock_urlsplit(url, hostport, urlpath);
    return res === 0 ? [hostport.value, urlpath.value] : res;
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

test('URLs: the cases of RIOT\'s unit test, and buffers that are not asked for', (t) => {
  // tests/unittests/tests-sock_util: with and without path, names, wrong separators, parts that are too long.
  const host = { value: '' };
  const path = { value: '' };
  const url = 'http://[2001:db8::1]:80/local';
  t.is(sock_urlsplit(url, host, path), 0);
  t.deepEqual([host.value, path.value, sock_urlpath(url)], ['[2001:db8::1]:80', '/local', '/local']);
  t.is(sock_urlsplit('coap://[2001:db8::1]', host, path), 0);
  t.deepEqual([host.value, path.value], ['[2001:db8::1]', '']);
  t.is(sock_urlsplit('http://test.local/local', host, path), 0);
  t.deepEqual([host.value, path.value, sock_urlpath('http://test.local/local')], ['test.local', '/local', '/local']);
  for (const invalid of ['[2001:db8::1]://local', '[2001:db8::1]/local']) {
    t.is(sock_urlsplit(invalid, host, path), -EINVAL);
    t.is(sock_urlpath(invalid), null);
  }
  const longHost = `https://${'veryveryvery.long.hostname.'.repeat(4)}/local`;
  t.is(sock_urlsplit(longHost, host, path), -EOVERFLOW);
  const longPath = `http://shorthostname/${'super/duper/mega/ultra/'.repeat(6)}`;
  t.is(sock_urlsplit(longPath, host, path), -EOVERFLOW);
  t.is(sock_urlsplit(longPath, host, null), 0);
  t.is(host.value, 'shorthostname');
  t.is(sock_urlsplit(url, host, null), 0);
  t.is(host.value, '[2001:db8::1]:80');
  t.is(sock_urlsplit(url, null, path), 0);
  t.is(path.value, '/local');
});

test('end points: the cases of RIOT\'s unit test', (t) => {
  // tests/unittests/tests-sock_util; those of IPv4 give -EINVAL in a stack without it.
  t.deepEqual(parse('[2001:db8::1]'), ['2001:db8::1', 0, 0]);
  t.is(parse('10.0.0.1'), -EINVAL);
  t.is(parse('10.0.0.1:53'), -EINVAL);
  t.is(parse('[10.0.0.1]:53'), -EINVAL);
  t.is(parse('[fe80::1%53:4232'), -EINVAL);
  t.is(parse('[2001:db8:a:b:c:d:e:f:1]'), -EINVAL);
  t.is(parse('[fe80::1%56776]:1346'), -EINVAL);
  t.is(parse('[fe80::1%]:752'), -EINVAL);
  t.is(parse('[2001:db8:a:b:c:d:e:f]:66000'), -EINVAL);
  t.deepEqual(parse('[fe80::1%45]'), ['fe80::1', 45, 0]);
  t.deepEqual(parse('[fe80::1%23]:243'), ['fe80::1', 23, 243]);
  t.deepEqual(parse('[2001:db8:a::1%75]'), ['2001:db8:a::1', 75, 0]);
  t.deepEqual(parse('[fe80::1]'), ['fe80::1', 0, 0]);
  t.deepEqual(parse('[fe80::1]:243'), ['fe80::1', 0, 243]);
  t.deepEqual(parse('[2001:db8:a::1]:123'), ['2001:db8:a::1', 0, 123]);
});

test('a name is no end point without a resolver, but its port is read', (t) => {
  // sock_util.c, sock_tl_name2ep(): atoi() of what follows the first colon, before the name is looked up.
  const ep = new sock_udp_ep_t();
  t.is(sock_udp_name2ep(ep, '[fe80::1%6]:5683'), 0);
  t.deepEqual([ipv6_addr_to_str(ep.addr.ipv6), ep.netif, ep.port], ['fe80::1', 6, 5683]);
  t.is(sock_udp_name2ep(ep, 'example.org:65541'), -EINVAL);
  t.is(ep.port, 5);
  t.is(sock_udp_name2ep(ep, 'example.org'), -EINVAL);
  t.is(ep.port, 0);
  t.is(sock_udp_name2ep(ep, `${'x'.repeat(65)}:7`), -EINVAL);
  t.is(ep.port, 0);
});
