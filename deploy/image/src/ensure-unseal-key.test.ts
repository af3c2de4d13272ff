import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { ensureUnsealKey } from './ensure-unseal-key.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'ensure-unseal-key-test' });
const folder = await temporaryFolder();
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const file = join(folder.path, 'unseal.key');
beforeEach(async () => {
  await rm(file, { force: true });
  await redis.client.flushall();
});

const ensure = () => ensureUnsealKey(file, redis.client);

test('makes a file for its owner only, once', async () => {
  expect(await ensure()).toBe('created');
  const made = await readFile(file, 'utf8');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await ensure()).toBe('kept');
  expect(await readFile(file, 'utf8')).toBe(made);
});

test('of several at once one makes it, and all are content', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, ensure));
  expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
});

test('makes none while keys are sealed under one that is missing', async () => {
  const keyId = 'a'.repeat(64) as KeyId;
  await createRedisSealedStore(redis).put('demo' as TenantId, keyId, 'jwe');
  await expect(ensure()).rejects.toMatchObject({ code: 'CONFIG_INVALID', fix: /Restore the file/ });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('makes none while there is a keyring under one that is missing', async () => {
  await redis.client.set('st:{_}:keyring', '{}');
  await expect(ensure()).rejects.toMatchObject({ code: 'CONFIG_INVALID', fix: /Restore the file/ });
});

test('what is only indexed needs no key', async () => {
  await redis.client.set('st:{demo}:recording:1', 'x');
  expect(await ensure()).toBe('created');
});

test('refuses a file that others may read, and one that is none', async () => {
  await ensure();
  await chmod(file, 0o644);
  await expect(ensure()).rejects.toMatchObject({ code: 'CONFIG_INVALID', fix: /chmod 600/ });
  await chmod(file, 0o600);
  await writeFile(file, '{}');
  await expect(ensure()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
