/**
 * Before the services start for the first time: makes the file of the unseal key. A file that is there stays, and
 * is checked. Exit code 1 says on standard error what is wrong and what to do.
 */
import { AppError } from '@sealtrack/errors/app-error';
import { connectRedis } from '@sealtrack/redis/connect';
import { optionalSecretSetting, parseConfig, setting } from '@sealtrack/service-kit/config';
import { path, urlOf } from '@sealtrack/service-kit/config-types';
import { openTransport } from '@sealtrack/service-kit/open-transport';
import { tlsSettings } from '@sealtrack/service-kit/tls-settings';
import { ensureUnsealKey } from './ensure-unseal-key.ts';

const config = {
  keyFile: setting('SEALTRACK_UNSEAL_KEY_FILE', path, 'the file of the unseal key, mode 0600'),
  redisUrl: setting('SEALTRACK_REDIS_URL', urlOf(['redis', 'rediss']), 'where sealed keys are kept'),
  redisPassword: optionalSecretSetting('SEALTRACK_REDIS_PASSWORD', 'of the user in SEALTRACK_REDIS_URL'),
  tls: tlsSettings,
};

/** What is to be known of files that change is for processes that last. */
const log = { info: () => {}, warn: (_: object, message: string) => console.error(message), error: () => {} };

/** Compose starts this when Redis is healthy; longer than that takes is a wrong address. */
const REDIS_MS = 30_000;

try {
  const { keyFile, redisUrl, redisPassword, tls } = parseConfig(config, process.env);
  using opened = await openTransport(tls, log);
  await using redis = connectRedis({
    transport: opened.transport,
    url: redisUrl,
    password: redisPassword,
    name: 'create-keys',
  });
  await redis.ready(AbortSignal.timeout(REDIS_MS)).catch((cause: unknown) => {
    throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis does not answer', {
      fix: 'Check that Redis runs and that SEALTRACK_REDIS_URL leads to it, then start again.',
      cause,
    });
  });
  const outcome = await ensureUnsealKey(keyFile, redis.client);
  console.log(outcome === 'created' ? `Made ${keyFile}: back it up now.` : `${keyFile} is there.`);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const details = Object.entries(error.details).map(([name, problem]) => `${name} ${problem}`);
  console.error([error.message, ...details, error.fix].join('\n'));
  process.exitCode = 1;
}
