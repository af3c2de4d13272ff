/** What opens private keys, and what is left when it is lost: as operators meet it, on a whole system. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '@sealtrack/launcher/system';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { checkHealth } from '@sealtrack/rpc/health';
import { afterAll, describe, expect, test } from 'vitest';
import { get, header, put, stored } from './testing/media.ts';
import { sealtrack } from './testing/programs.ts';
import { createTenant, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const media = randomBytes(300_000);
const health = async ({ connections, addresses }: System) =>
  checkHealth(addresses.crypto, { transport: await connections.transportOf('administrator') });

describe('with an unseal key', async () => {
  const { system, doors, dir } = await systemForThisFile();
  const cryptoServer = system.services['crypto-server'];
  const redis = await redisForTests(system, dir);
  afterAll(() => redis[Symbol.asyncDispose]());
  await createTenant(doors);
  const recording = header();
  await put(doors, recording, media);
  await stored(doors, recording);
  const expectPlayable = async () => {
    const { bytes } = await until('the recording plays', () => get(doors, recording).catch(() => undefined));
    expect(bytes.equals(media)).toBe(true);
  };
  const keyFile = join(dir, 'keys/unseal.key');

  test('rotating seal and root goes on beside playback, through SIGKILL, and restarts open what is there', async () => {
    for (let index = 0; index < 6; index += 1) await importNew(doors, 'others');
    const rotating = sealtrack(system, 'seal', 'rotate');
    await expectPlayable();
    await cryptoServer.kill();
    await rotating;
    await cryptoServer.restart();
    const again = await sealtrack(system, 'seal', 'rotate');
    expect(again).toMatchObject({ code: 0 });
    const root = await sealtrack(system, 'root', 'rotate', '--json');
    expect(root.code).toBe(0);
    const keks = async () => {
      const names = await redis.client.keys('st:*:key:*');
      const blobs = await Promise.all(names.map((name) => redis.client.get(name)));
      return new Set(
        blobs.map(
          (blob) => JSON.parse(Buffer.from(String(blob).split('.')[0] ?? '', 'base64url').toString()).kid,
        ),
      );
    };
    // Killed before or after the first rotation had made its key: one key in any case, and not the first.
    expect([...(await keks())]).toHaveLength(1);
    expect(await keks()).not.toContain('1');
    await expectPlayable();
    await cryptoServer.restart();
    await expectPlayable();
  });

  test('without the key it starts sealed, says so everywhere, and opens when it has it', async () => {
    await rename(keyFile, `${keyFile}.kept`);
    await writeFile(keyFile, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    await cryptoServer.restart();
    expect(await health(system)).toBe('NOT_SERVING');
    const refused = { code: 'SEALED', fix: expect.stringContaining('sealtrack seal status') };
    for (const attempt of [
      () => get(doors, recording),
      () => doors.certificates.listCertificates({ tenantId: 'demo' }),
      () => importNew(doors, 'demo'),
    ])
      expect(await failureOf(attempt())).toMatchObject(refused);
    expect((await sealtrack(system, 'seal', 'status')).said).toMatch(/sealed/i);
    expect((await sealtrack(system, 'doctor')).said).toMatch(/seal/i);
    // Recording goes on.
    const meanwhile = header();
    await put(doors, meanwhile, media);
    await rename(`${keyFile}.kept`, keyFile);
    await cryptoServer.restart();
    expect(await health(system)).toBe('SERVING');
    await expectPlayable();
  });

  test('what Redis lost comes back from the backup folder', async () => {
    const archive = join(dir, 'keys.backup');
    expect(await sealtrack(system, 'keys', 'backup', '--out', archive)).toMatchObject({ code: 0 });
    await redis.client.del(
      ...(await redis.client.keys('st:*key*')),
      ...(await redis.client.keys('st:*certificate*')),
    );
    await cryptoServer.restart();
    expect(await health(system)).toBe('NOT_SERVING');
    // No new keyring is made over the one that is missing.
    expect(await redis.client.exists('st:{_}:keyring')).toBe(0);
    const restored = await sealtrack(system, 'keys', 'restore', '--from-backup-folder');
    expect(restored).toMatchObject({ code: 0 });
    await expectPlayable();
    expect(await health(system)).toBe('SERVING');
  });

  test('and from an archive, where the folder is lost too', async () => {
    const archive = join(dir, 'keys.backup');
    expect((await sealtrack(system, 'keys', 'verify-backup', archive)).code).toBe(0);
    await redis.client.del(
      ...(await redis.client.keys('st:*key*')),
      ...(await redis.client.keys('st:*certificate*')),
    );
    await rename(join(dir, 'key-backups'), join(dir, 'key-backups-lost'));
    await mkdir(join(dir, 'key-backups'));
    await cryptoServer.restart();
    expect(await sealtrack(system, 'keys', 'restore', archive)).toMatchObject({ code: 0 });
    await expectPlayable();
    expect((await readFile(join(dir, 'key-backups/keyring.json'), 'utf8')).length).toBeGreaterThan(100);
  });
});

describe('with shares', async () => {
  const { system, doors, dir } = await systemForThisFile({
    'crypto-server': { SEALTRACK_UNSEAL_WITH: 'shamir', SEALTRACK_UNSEAL_KEY_FILE: '' },
  });
  const cryptoServer = system.services['crypto-server'];
  const shares = join(dir, 'shares');
  const shareFiles = async () => {
    const { readdir } = await import('node:fs/promises');
    return (await readdir(shares)).sort().map((name) => join(shares, name));
  };
  const unseal = (...files: string[]) =>
    sealtrack(system, 'unseal', ...files.flatMap((file) => ['--share-file', file]));

  test('nothing is sealed before the shares are in hands, and any three of five open it, every time', async () => {
    expect(await failureOf(importNew(doors, 'demo'))).toMatchObject({
      code: 'SEALED',
      fix: expect.stringContaining('sealtrack seal init'),
    });
    const made = await sealtrack(
      ...([system, 'seal', 'init', '--shares', '5', '--threshold', '3', '--out-dir', shares] as const),
    );
    expect(made.code).toBe(0);
    const files = await shareFiles();
    expect(files).toHaveLength(5);
    expect(await failureOf(importNew(doors, 'demo'))).toMatchObject({ code: 'SEALED' });
    await unseal(...files.slice(0, 3));
    await createTenant(doors);
    const recording = header();
    await put(doors, recording, media);
    await stored(doors, recording);

    await cryptoServer.kill();
    await cryptoServer.restart();
    expect(await health(system)).toBe('NOT_SERVING');
    await unseal(...files.slice(1, 3));
    expect(await failureOf(get(doors, recording))).toMatchObject({
      code: 'SEALED',
      fix: expect.stringContaining('sealtrack unseal'),
    });
    await unseal(...files.slice(4));
    expect(await health(system)).toBe('SERVING');
    expect((await get(doors, recording)).bytes.equals(media)).toBe(true);
    // Once opened it cannot be made anew.
    const again = await sealtrack(system, 'seal', 'init', '--shares', '2', '--threshold', '2');
    expect(again.code).not.toBe(0);
  });
});
