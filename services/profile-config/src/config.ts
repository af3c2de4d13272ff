import { type ConfigOf, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, urlsOf } from '@sealtrack/service-kit/config-types';

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7014'),
    'where to serve gRPC, 127.0.0.1:7014 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlsOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  cryptoAddress: setting('SEALTRACK_CRYPTO_ADDRESS', hostAndPort, 'a crypto-server, such as 127.0.0.1:7013'),
};

export type Config = ConfigOf<typeof config>;
