import { type ConfigOf, optionalSecretSetting, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, hostsAndPorts, onOrOff, path, wholeNumber } from '@sealtrack/service-kit/config-types';
import { z } from 'zod';
import { createProxies } from './adapters/proxies.ts';

const listOf = (text: string): readonly string[] => text.split(',').map((each) => each.trim());

const origins = z
  .string()
  .transform(listOf)
  .refine(
    (all) =>
      all.every((each) => /^https?:/.test(each) && URL.canParse(each) && new URL(each).origin === each),
    'is not an origin such as https://player.example, nor several with commas between them',
  );

const networks = z
  .string()
  .transform(listOf)
  .refine((all) => {
    try {
      createProxies({ proxies: all, header: 'x-forwarded-for' });
      return true;
    } catch {
      return false;
    }
  }, 'is not an address or a network such as 10.0.0.0/8, nor several with commas between them');

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7015'),
    'where to serve HTTP, 127.0.0.1:7015 unless told',
  ),
  cryptoAddresses: setting(
    'SEALTRACK_CRYPTO_ADDRESSES',
    hostsAndPorts,
    'crypto-servers, such as 10.0.0.1:7013,10.0.0.2:7013; any of them is asked, and another one when it fails',
  ),
  http: {
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
  },
  allowedOrigins: setting(
    'SEALTRACK_ALLOWED_ORIGINS',
    origins.default([]),
    'whose pages may read recordings with scripts (CORS): https://player.example, or several with commas between; nobody unless told. An <audio> element needs none of it',
  ),
  forwarding: {
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
  },
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
  requestsPerSecond: setting(
    'SEALTRACK_REQUESTS_PER_SECOND',
    wholeNumber(1, 100_000).default(100),
    'requests for media of one address a second, and twice as many after a pause, 100 unless told; further ones are refused',
  ),
  streamsPerTicket: setting(
    'SEALTRACK_STREAMS_PER_TICKET',
    wholeNumber(1, 10_000).default(8),
    'responses at a time for one ticket, 8 unless told: a player has one, or two while it seeks',
  ),
};

export type Config = ConfigOf<typeof config>;
