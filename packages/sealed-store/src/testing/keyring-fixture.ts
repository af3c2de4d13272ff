import { createHash, randomBytes } from 'node:crypto';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createKeyring, type KeyringOptions } from '../create-keyring.ts';
import { createKeyProvider } from '../key-provider.ts';
import { createRedisKeyringStore } from '../redis-keyring-store.ts';
import { createRedisSealedStore } from '../redis-sealed-store.ts';
import { parseUnsealKey } from '../unseal-key.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const newUnsealKeyText = () => randomBytes(32).toString('base64url');
export const unsealKey = (text: string) => parseUnsealKey(Buffer.from(text), 'a test');

/** Crypto servers, as far as keys go: each with a connection and a keyring of its own, on one Redis. */
export function keyringsOn(url: string, unsealKeyText = newUnsealKeyText()) {
  const redis = connectRedis({ transport: PLAINTEXT, url, name: 'keyring-test', commandTimeoutMs: 2_000 });
  const keyrings = createRedisKeyringStore(redis);
  const keys = createRedisSealedStore(redis);
  return {
    redis,
    keyrings,
    keys,
    unsealKeyText,
    server: (options: Partial<KeyringOptions> = {}) =>
      createKeyring({
        keyrings,
        keys,
        provider: createKeyProvider({ current: unsealKey(unsealKeyText) }),
        ...options,
      }),
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
}

/** A private key, as far as sealing it goes: known by a name. */
export function secretOf(name: string, tenant = 'demo') {
  const header = {
    tenant: tenant as TenantId,
    keyId: sha256(`key ${name}`) as KeyId,
    certificateId: sha256(`certificate ${name}`) as CertificateId,
  };
  return { header, secret: Buffer.from(`the private key ${name} of ${tenant}`.padEnd(1_200, '.')) };
}
