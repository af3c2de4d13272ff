import { expect, test } from 'vitest';
import { healthAddress, healthUrl } from './health-address.ts';

test.each([
  ['0.0.0.0:7011', '127.0.0.1:7011'],
  ['[::]:7011', '127.0.0.1:7011'],
  ['127.0.0.1:7011', '127.0.0.1:7011'],
  ['[fd00::1]:7011', '[fd00::1]:7011'],
  ['encryptor.internal:7011', 'encryptor.internal:7011'],
])('a service at %s is asked at %s', (listen, asked) => {
  expect(healthAddress(listen)).toBe(asked);
});

test.each([
  [{}, 'https'],
  [{ SEALTRACK_HTTP_TLS: 'off' }, 'http'],
  [{ SEALTRACK_TLS: 'off' }, 'http'],
  [{ SEALTRACK_TLS: 'off', SEALTRACK_HTTP_TLS: 'on' }, 'https'],
  [{ SEALTRACK_TLS: 'off', SEALTRACK_HTTP_TLS: '', SEALTRACK_HTTP_CERTIFICATE: '/cert.pem' }, 'https'],
])('with %j a gateway is asked over %s', (env, scheme) => {
  expect(healthUrl('0.0.0.0:7015', env)).toBe(`${scheme}://127.0.0.1:7015/healthz`);
});
