import { type ConfigOf, setting } from '@sealtrack/service-kit/config';
import {
  hostAndPort,
  path,
  urlOf,
  urlsOf,
  wholeNumber,
  wholeNumbers,
} from '@sealtrack/service-kit/config-types';
import { trustSettings } from '@sealtrack/trust-files/trust-settings';
import { z } from 'zod';

/** Unknown profiles and the like get about a minute to come right; then people are asked. */
const CAPTURE_BACKOFF_MS: readonly number[] = [1_000, 5_000, 15_000, 30_000];

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7011'),
    'where to serve gRPC, 127.0.0.1:7011 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlsOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  mediaStore: setting(
    'SEALTRACK_MEDIA_STORE',
    urlOf(['file']),
    'where ciphertext is kept, such as file:///var/lib/sealtrack/media',
  ),
  cryptoAddress: setting(
    'SEALTRACK_CRYPTO_ADDRESS',
    hostAndPort.optional(),
    'a crypto-server, such as 127.0.0.1:7013; without it recordings in quarantine stay there',
  ),
  ...trustSettings('be encrypted to'),
  stateDir: setting(
    'SEALTRACK_STATE_DIR',
    path.optional(),
    'a folder of its own, for the profiles that it starts on when the bus is not there; without it, it waits for the bus',
  ),
  instance: setting(
    'SEALTRACK_INSTANCE',
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/, 'is not 1 to 80 of A-Z, a-z, 0-9, _ and -')
      .optional(),
    'its name among the encryptors that sealtrack profiles rollout shows; of host and process unless told',
  ),
  maxUploads: setting(
    'SEALTRACK_MAX_UPLOADS',
    wholeNumber(1, 10_000).default(64),
    'gRPC uploads taken at a time, 64 unless told; each takes about 2 MB of memory',
  ),
  captureConcurrency: setting(
    'SEALTRACK_CAPTURE_CONCURRENCY',
    wholeNumber(1, 256).default(8),
    'captures encrypted at a time, 8 unless told; each takes about 2 MB of memory',
  ),
  captureBackoffMs: setting(
    'SEALTRACK_CAPTURE_BACKOFF_MS',
    wholeNumbers(1, 3_600_000, 32).default(CAPTURE_BACKOFF_MS),
    'milliseconds between the attempts at a capture, with commas between them; after one more it is a dead letter. 1000,5000,15000,30000 unless told',
  ),
  captureAckWaitMs: setting(
    'SEALTRACK_CAPTURE_ACK_WAIT_MS',
    wholeNumber(1_000, 600_000).default(30_000),
    'milliseconds after which the captures of an encryptor that fell silent go to another, 30000 unless told',
  ),
};

export type Config = ConfigOf<typeof config>;
