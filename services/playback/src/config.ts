import { connectionSettings, forwardingSettings, httpSettings } from '@sealtrack/media-http/http-settings';
import { type ConfigOf, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, hostsAndPorts, wholeNumber } from '@sealtrack/service-kit/config-types';
import { z } from 'zod';

const listOf = (text: string): readonly string[] => text.split(',').map((each) => each.trim());

const origins = z
  .string()
  .transform(listOf)
  .refine(
    (all) =>
      all.every((each) => /^https?:/.test(each) && URL.canParse(each) && new URL(each).origin === each),
    'is not an origin such as https://player.example, nor several with commas between them',
  );

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
  http: httpSettings,
  allowedOrigins: setting(
    'SEALTRACK_ALLOWED_ORIGINS',
    origins.default([]),
    'whose pages may read recordings with scripts (CORS): https://player.example, or several with commas between; nobody unless told. An <audio> element needs none of it',
  ),
  forwarding: forwardingSettings,
  connections: connectionSettings,
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
