import { expect, test } from 'vitest';
import { addressBytes } from './ip-address.ts';

test.each([
  ['127.0.0.1', '7f000001'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['[::1]', `${'00'.repeat(15)}01`],
  ['2001:db8::a:b', `20010db8${'00'.repeat(8)}000a000b`],
  ['fe80::1%eth0', `fe80${'00'.repeat(13)}01`],
  ['2001:DB8:0:1:2:3:4:5', '20010db8000000010002000300040005'],
  ['::ffff:10.1.2.3', `${'00'.repeat(10)}ffff0a010203`],
])('%s', (text, hex) => {
  expect(addressBytes(text)?.toString('hex')).toBe(hex);
});

test.each(['localhost', 'crypto-server', '1.2.3', '1.2.3.4.5', '', ':::', '[localhost]'])(
  '%j is a name',
  (text) => {
    expect(addressBytes(text)).toBeUndefined();
  },
);
