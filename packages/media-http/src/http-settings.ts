import { type ConfigOf, optionalSecretSetting, setting } from '@sealtrack/service-kit/config';
import { onOrOff, path, wholeNumber } from '@sealtrack/service-kit/config-types';
import { z } from 'zod';
import { createProxies } from './proxies.ts';

const networks = z
  .string()
  .transform((text): readonly string[] => text.split(',').map((each) => each.trim()))
  .refine((all) => {
    try {
      createProxies({ proxies: all, header: 'x-forwarded-for' });
      return true;
    } catch {
      return false;
    }
  }, 'is not an address or a network such as 10.0.0.0/8, nor several with commas between them');

/** How the door for browsers is secured. */
export const httpSettings = {
  tls: setting(
    'SEALTRACK_HTTP_TLS',
    onOrOff.optional(),
    'on; or off for plain HTTP, behind a proxy on this machine that ends TLS; as SEALTRACK_TLS unless told, and on with a certificate',
  ),
  certificate: setting(
    'SEALTRACK_HTTP_CERTIFICATE',
    path.optional(),
    'the certificate that browsers see, in PEM, and behind it the CAs between it and one that they trust; SEALTRACK_TLS_CERTIFICATE unless told',
  ),
  certificateKey: setting(
    'SEALTRACK_HTTP_CERTIFICATE_KEY',
    path.optional(),
    'its private key in PEM; SEALTRACK_TLS_CERTIFICATE_KEY unless told',
  ),
  certificateKeyPassword: optionalSecretSetting(
    'SEALTRACK_HTTP_CERTIFICATE_KEY_PASSWORD',
    'the password of that key, where it is encrypted',
  ),
};

export type HttpSettings = ConfigOf<typeof httpSettings>;

/** Whom browsers come through. */
export const forwardingSettings = {
  proxies: setting(
    'SEALTRACK_TRUSTED_PROXIES',
    networks.default([]),
    'proxies that are believed whom they were asked by: 10.0.0.7, 10.1.0.0/16, or several with commas between; none unless told',
  ),
  header: setting(
    'SEALTRACK_PROXY_HEADER',
    z
      .enum(['x-forwarded-for', 'forwarded'], 'is neither x-forwarded-for nor forwarded')
      .default('x-forwarded-for'),
    'the header in which they say so, x-forwarded-for or forwarded; x-forwarded-for unless told. The other one is not looked at',
  ),
};

/** How many connections there may be. */
export const connectionSettings = {
  maxConnections: setting(
    'SEALTRACK_MAX_CONNECTIONS',
    wholeNumber(1, 100_000).default(4_000),
    'connections at a time, 4000 unless told',
  ),
  connectionsPerAddress: setting(
    'SEALTRACK_CONNECTIONS_PER_ADDRESS',
    wholeNumber(1, 100_000).default(500),
    'connections at a time of one address that is no trusted proxy, 500 unless told',
  ),
};
