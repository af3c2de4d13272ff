import { describe, expect, test } from 'vitest';
import { createProxies } from './proxies.ts';

const proxies = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];
const who = (header: 'x-forwarded-for' | 'forwarded') => createProxies({ proxies, header });

describe('X-Forwarded-For', () => {
  test.each([
    ['somebody direct', '198.51.100.1', undefined, '198.51.100.1'],
    ['somebody direct who claims to be somebody else', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['a proxy alone', '10.0.0.1', undefined, '10.0.0.1'],
    ['through a proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['through a proxy, on a socket for both versions', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['through two', '10.0.0.1', '203.0.113.9, 192.0.2.7', '203.0.113.9'],
    ['through a proxy, claiming to be somebody else', '10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['through a proxy, claiming to be one', '10.0.0.1', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    ['through a stranger as well', '10.0.0.1', '203.0.113.9, 198.51.100.2, 10.2.2.2', '198.51.100.2'],
    ['with a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['by IPv6, with a port', 'fd00::1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['by IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['with something else', '10.0.0.1', 'unknown', ''],
    ['with nothing', '10.0.0.1', '', ''],
    ['with something else behind it', '10.0.0.1', '203.0.113.9, evil', ''],
  ])('%s', (_, peer, header, client) => {
    expect(who('x-forwarded-for').clientOf(peer, header)).toBe(client);
  });
});

describe('Forwarded', () => {
  test.each([
    ['plain', 'for=203.0.113.9', '203.0.113.9'],
    ['with more', 'proto=https; For="203.0.113.9:80";by=10.0.0.1', '203.0.113.9'],
    ['by IPv6', 'for="[2001:db8::1]:4711"', '2001:db8::1'],
    ['through two', 'for=203.0.113.9, for=10.1.1.1', '203.0.113.9'],
    ['claiming', 'for=127.0.0.1, for=203.0.113.9', '203.0.113.9'],
    ['hidden', 'for=_hidden', ''],
    ['without', 'proto=https', ''],
    ['a comma in quotes', 'x="a,for=127.0.0.1", for=203.0.113.9', '203.0.113.9'],
    // What a client sends that way swallows what proxies add.
    ['a quote that is never closed', 'for=127.0.0.1;x=", for=203.0.113.9, for="[fd00::1]"', ''],
    ['a quote that swallows', 'for=127.0.0.1;x=", for=203.0.113.9', ''],
    ['no grammar', 'for=203.0.113.9 for=127.0.0.1', ''],
  ])('%s', (_, header, client) => {
    expect(who('forwarded').clientOf('10.0.0.1', header)).toBe(client);
  });
});

test.each(['10.0.0.0/33', '10.0.0.0/', 'proxy.example', '', 'fd00::/129', '10.0.0.0/8/8'])(
  '%j is no proxy',
  (proxy) => {
    expect(() => createProxies({ proxies: [proxy], header: 'forwarded' })).toThrow('no address');
  },
);
