import type { RedisConnection } from '@sealtrack/redis/connect';
import type { KeyringStore } from './keyring-store.ts';

/** The keyring in Redis, under `st:{_}:keyring`: `_` is no tenant's name. */
export function createRedisKeyringStore(
  _redis: RedisConnection,
  _options: { readonly replicas?: number } = {},
): KeyringStore {
  throw new Error('not written yet');
}
