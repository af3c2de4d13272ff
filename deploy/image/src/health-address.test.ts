import { expect, test } from 'vitest';
import { healthAddress } from './health-address.ts';

test.each([
  ['0.0.0.0:7011', '127.0.0.1:7011'],
  ['[::]:7011', '127.0.0.1:7011'],
  ['127.0.0.1:7011', '127.0.0.1:7011'],
  ['[fd00::1]:7011', '[fd00::1]:7011'],
  ['encryptor.internal:7011', 'encryptor.internal:7011'],
])('a service at %s is asked at %s', (listen, asked) => {
  expect(healthAddress(listen)).toBe(asked);
});
