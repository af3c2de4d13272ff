import { connectRedis } from '@sealtrack/redis/connect';
import type { KeyringOptions } from '@sealtrack/sealed-store/create-keyring';
import { createKeyring } from '@sealtrack/sealed-store/create-keyring';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import { createRedisKeyringStore } from '@sealtrack/sealed-store/redis-keyring-store';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { createUnsealKeyFile, readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll } from 'vitest';
import { createBackupFolder } from '../adapters/backup-folder.ts';
import { createRedisCertificates } from '../adapters/redis-certificates.ts';
import { createSealedPrivateKeys } from '../adapters/sealed-private-keys.ts';
import type { Announcer } from '../ports.ts';

/** What the use cases of a crypto server stand on, on a Redis of this test file's own, with an open keyring. */
export async function cryptoParts(more: Partial<KeyringOptions> = {}) {
  const server = await testRedis();
  const folder = await temporaryFolder();
  const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await folder.remove();
  });
  await createUnsealKeyFile(`${folder.path}/unseal.key`);
  const provider = createKeyProvider({ current: await readUnsealKeyFile(`${folder.path}/unseal.key`) });
  const keys = createRedisSealedStore(redis);
  const keyrings = createRedisKeyringStore(redis);
  const backupPath = `${folder.path}/backup`;
  const backup = createBackupFolder(backupPath);
  const keyring = createKeyring({ keyrings, keys, provider, onChange: backup.keepKeyring, ...more });
  await keyring.open();
  const certificates = createRedisCertificates(redis, {});
  const privateKeys = createSealedPrivateKeys(keys, keyring);
  return {
    server,
    redis,
    folder,
    backup,
    backupPath,
    keys,
    keyrings,
    keyring,
    provider,
    certificates,
    privateKeys,
  };
}

/** Notes what was announced. */
export function noteAnnouncements() {
  const announced: string[] = [];
  const note =
    (what: string) =>
    async ({ certificateId }: { readonly certificateId: string }) =>
      void announced.push(`${what} ${certificateId}`);
  const announcer: Announcer = {
    certificateImported: note('imported'),
    certificateDeleted: note('deleted'),
    certificateRestored: note('restored'),
  };
  return { announced, announcer };
}
