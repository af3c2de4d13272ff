/**
 * Before the services start for the first time: makes the file of key-encryption keys. A file that is there stays, and
 * is checked. Exit code 1 says on standard error what is wrong and what to do.
 */
import { AppError } from '@sealtrack/errors/app-error';
import { connectRedis } from '@sealtrack/redis/connect';
import { parseConfig, setting } from '@sealtrack/service-kit/config';
import { path, urlOf } from '@sealtrack/service-kit/config-types';
import { ensureKekFile } from './ensure-kek-file.ts';

const config = {
  kekFile: setting('SEALTRACK_KEK_FILE', path, 'the file of key-encryption keys, mode 0600'),
  redisUrl: setting('SEALTRACK_REDIS_URL', urlOf(['redis', 'rediss']), 'where sealed keys are kept'),
};

/** Compose starts this when Redis is healthy; longer than that takes is a wrong address. */
const REDIS_MS = 30_000;

try {
  const { kekFile, redisUrl } = parseConfig(config, process.env);
  await using redis = connectRedis({ url: redisUrl, name: 'create-keys' });
  await redis.ready(AbortSignal.timeout(REDIS_MS)).catch((cause: unknown) => {
    throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis does not answer', {
      fix: 'Check that Redis runs and that SEALTRACK_REDIS_URL leads to it, then start again.',
      cause,
    });
  });
  const outcome = await ensureKekFile(kekFile, redis.client);
  console.log(outcome === 'created' ? `Made ${kekFile}: back it up now.` : `${kekFile} is there.`);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const details = Object.entries(error.details).map(([name, problem]) => `${name} ${problem}`);
  console.error([error.message, ...details, error.fix].join('\n'));
  process.exitCode = 1;
}
