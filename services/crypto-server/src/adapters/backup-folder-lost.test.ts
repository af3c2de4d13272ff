import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { createKeyring } from '@sealtrack/sealed-store/create-keyring';
import { encodeRecord, type KeyringRecord, parseRecord } from '@sealtrack/sealed-store/keyring-record';
import { beforeEach, expect, test } from 'vitest';
import { createAdoptKeyring } from '../adopt-keyring.ts';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { guardKeyrings } from './guarded-keyrings.ts';

const { backup, backupPath, folder, keys, keyring, keyrings, provider, redis } = await cryptoParts();
const KEYRING = `${backupPath}/keyring.json`;
const IN_REDIS = 'st:{_}:keyring';
const guarded = guardKeyrings(keyrings, backup.keyring);
/** A crypto server that starts on what there is now. */
const another = () => createKeyring({ keyrings: guarded, keys, provider, onChange: backup.keepKeyring });
const kept = async (): Promise<KeyringRecord> => parseRecord((await readFile(KEYRING, 'utf8')).trimEnd());
const putBack = (record: KeyringRecord) => redis.client.set(IN_REDIS, encodeRecord(record));

let first: KeyringRecord;
beforeEach(async () => {
  await redis.client.flushall();
  await rm(backupPath, { recursive: true });
  keyring.seal();
  await keyring.open();
  first = await keyring.record();
});

test('no keyring is made where Redis lost its own and the copy is damaged', async () => {
  const copy = await readFile(KEYRING, 'utf8');
  await writeFile(KEYRING, copy.replace('"mac"', '"mic"'));
  await redis.client.flushall();
  await expect(another().open()).rejects.toMatchObject({
    code: 'SEAL_BROKEN',
    message: expect.stringContaining(backupPath),
  });
  expect(await redis.client.exists(IN_REDIS)).toBe(0);
});

test('nor where it is gone from the folder, and what was sealed under it is not', async () => {
  await rm(KEYRING);
  await redis.client.flushall();
  await mkdir(`${backupPath}/demo`);
  await writeFile(`${backupPath}/demo/${'a'.repeat(64)}.json`, '{}');
  await expect(another().open()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  // Where the folder is empty this is a new installation.
  await rm(`${backupPath}/demo`, { recursive: true });
  expect((await another().open()).state).toBe('open');
});

test('a damaged copy is made anew where Redis has the keyring, and stays to be looked at', async () => {
  await writeFile(KEYRING, 'damaged');
  expect(await another().open()).toMatchObject({ state: 'open' });
  expect(await kept()).toEqual(first);
  expect(await readFile(`${KEYRING}.damaged`, 'utf8')).toBe('damaged');
});

test('a keyring that Redis was put back to is not used, and a restore puts the later one back', async () => {
  await Array.fromAsync(keyring.rotateSeal());
  const later = await keyring.record();
  await putBack(first);
  const server = another();
  await expect(server.open()).rejects.toMatchObject({
    code: 'SEAL_BROKEN',
    fix: expect.stringContaining('restore'),
  });

  const log = { info() {}, warn() {}, error() {} } as never;
  const deps = {
    keyring: server,
    keyrings,
    copy: backup.keyring,
    onChange() {},
    onLoss: async () => undefined,
    log,
  };
  await createAdoptKeyring(deps).ifMissing(first);
  expect(server.status()).toMatchObject({ state: 'open', currentKek: 2 });
  expect(await keyring.record()).toEqual(later);
});

test('a copy stays that has another key under the same number', async () => {
  await Array.fromAsync(keyring.rotateSeal());
  const later = await kept();
  await putBack(first);
  // Without a copy to be warned by.
  const unguarded = createKeyring({ keyrings, keys, provider });
  await unguarded.open();
  await Array.fromAsync(unguarded.rotateSeal());
  await unguarded.rotateRoot();
  await expect(backup.keepKeyring(await unguarded.record())).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
  expect(await kept()).toEqual(later);
});

test.each([
  ['tenant', { tenantId: '../../outside', certificateId: randomBytes(32).toString('hex') }],
  ['id', { tenantId: 'demo', certificateId: '../../outside' }],
])('writes and removes nothing outside of it for a %s that somebody put into Redis', async (_, name) => {
  const outside = `${folder.path}/outside.json`;
  await writeFile(outside, 'somebody else');
  const certificate = { ...Certificate.fromJSON({}), ...name };
  await expect(backup.keep(certificate, 'sealed')).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
  const { tenantId, certificateId } = name as never;
  await expect(backup.forget(tenantId, certificateId)).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
  expect(await readFile(outside, 'utf8')).toBe('somebody else');
});
