import { type ConfigOf, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, path, urlOf, wholeNumber } from '@sealtrack/service-kit/config-types';

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7013'),
    'where to serve gRPC, 127.0.0.1:7013 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  redisUrl: setting(
    'SEALTRACK_REDIS_URL',
    urlOf(['redis', 'rediss']),
    'where sealed keys are kept, such as redis://127.0.0.1:6379',
  ),
  kekFile: setting(
    'SEALTRACK_KEK_FILE',
    path,
    'the file of key-encryption keys, mode 0600; without it no private key opens',
  ),
  mediaStore: setting(
    'SEALTRACK_MEDIA_STORE',
    urlOf(['file']),
    'where ciphertext is kept, such as file:///var/lib/sealtrack/media; read only',
  ),
  metadataAddress: setting(
    'SEALTRACK_METADATA_ADDRESS',
    hostAndPort,
    'a metadata-processor, such as 127.0.0.1:7012',
  ),
  unwrapThreads: setting(
    'SEALTRACK_UNWRAP_THREADS',
    wholeNumber(1, 64).default(1),
    'session keys decrypted at a time, each on a thread of its own, 1 unless told; each takes about 16 MB of memory',
  ),
  keyCacheSize: setting(
    'SEALTRACK_KEY_CACHE_SIZE',
    wholeNumber(1, 100_000).default(1_000),
    'private keys kept open in memory, 1000 unless told',
  ),
  keyCacheSeconds: setting(
    'SEALTRACK_KEY_CACHE_SECONDS',
    wholeNumber(1, 3_600).default(60),
    'how long a private key stays open in memory, and a key that was deleted elsewhere in use, 60 unless told',
  ),
};

export type Config = ConfigOf<typeof config>;
