import { join } from 'node:path';
import type { System } from '@sealtrack/launcher/system';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { createKeyring } from '@sealtrack/sealed-store/create-keyring';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import { createRedisKeyringStore } from '@sealtrack/sealed-store/redis-keyring-store';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import { type Needle, needle } from './secrets.ts';

/** The key-encryption keys of a system, as whoever has its unseal key and its Redis can get them. */
export async function keksOf(system: System, dir: string): Promise<Needle[]> {
  await using redis = await redisForTests(system, dir);
  const provider = createKeyProvider({ current: await readUnsealKeyFile(join(dir, 'keys/unseal.key')) });
  const keyrings = createRedisKeyringStore(redis);
  const keyring = createKeyring({ keyrings, keys: createRedisSealedStore(redis), provider });
  await keyring.open();
  const opened = await keyring.openRecord(await keyring.record());
  return opened.record.keks.flatMap(({ number }) => {
    const kek = opened.get(number);
    return kek === undefined ? [] : [needle(`key-encryption key ${number}`, kek.key.export())];
  });
}
