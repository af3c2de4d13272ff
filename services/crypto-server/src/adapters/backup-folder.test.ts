import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { encodeRecord, type KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { createBackupFolder } from './backup-folder.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
let count = 0;
/** A path where there is nothing yet. */
const fresh = () => {
  count += 1;
  return `${folder.path}/${count}/backup`;
};
const TENANT = 'demo' as TenantId;
const ID = 'a'.repeat(64) as CertificateId;
const certificate = Certificate.fromPartial({ tenantId: TENANT, certificateId: ID, alias: 'Sales' });
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('a copy of a certificate', () => {
  test('is whole, for its owner only, and with nothing beside it', async () => {
    const path = fresh();
    await createBackupFolder(path).keep(certificate, 'sealed');
    const file = `${path}/demo/${ID}.json`;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      certificate: Certificate.toJSON(certificate),
      sealedKey: 'sealed',
    });
    expect([modeOf(path), modeOf(`${path}/demo`), modeOf(file)]).toEqual([0o700, 0o700, 0o600]);
    expect(readdirSync(path, { recursive: true }).sort()).toEqual(['demo', `demo/${ID}.json`]);
  });

  test('replaces the one before, whatever a crash left beside that', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    await backup.keep(certificate, 'sealed');
    writeFileSync(`${path}/demo/${ID}.json.0123456789abcdef.tmp`, 'half');
    await backup.keep({ ...certificate, alias: 'Other' }, 'sealed anew');
    const copy = JSON.parse(readFileSync(`${path}/demo/${ID}.json`, 'utf8'));
    expect(copy).toMatchObject({ certificate: { alias: 'Other' }, sealedKey: 'sealed anew' });
  });

  test('is never seen half written, however many write and read at once', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    const sealed = (index: number) => String(index % 10).repeat(200_000);
    await backup.keep(certificate, sealed(0));
    const writing = Promise.all(
      Array.from({ length: 8 }, (_, index) => backup.keep(certificate, sealed(index))),
    );
    const isDone = writing.then(() => true);
    do {
      const { sealedKey } = JSON.parse(readFileSync(`${path}/demo/${ID}.json`, 'utf8'));
      expect(sealedKey).toBe(sealed(Number(sealedKey[0])));
    } while (!(await Promise.race([isDone, new Promise((next) => setImmediate(next, false))])));
    expect(readdirSync(`${path}/demo`)).toEqual([`${ID}.json`]);
  });

  test('that cannot be put in place is an error, and leaves nothing behind', async () => {
    const path = fresh();
    mkdirSync(`${path}/demo/${ID}.json/in the way`, { recursive: true });
    await expect(createBackupFolder(path).keep(certificate, 'sealed')).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
      fix: expect.stringContaining(path),
      cause: expect.objectContaining({ code: expect.any(String) }),
    });
    expect(readdirSync(`${path}/demo`)).toEqual([`${ID}.json`]);
  });

  test('is gone when it is forgotten, and that alone; what is gone already is fine', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    await backup.keep(certificate, 'sealed');
    await backup.keep({ ...certificate, certificateId: 'b'.repeat(64) }, 'sealed');
    for (let times = 0; times < 2; times += 1) await backup.forget(TENANT, ID);
    expect(readdirSync(`${path}/demo`)).toEqual([`${'b'.repeat(64)}.json`]);
    await backup.forget('nobody' as TenantId, ID);
  });

  test('that cannot be forgotten is an error', async () => {
    const path = fresh();
    mkdirSync(`${path}/demo/${ID}.json`, { recursive: true });
    await expect(createBackupFolder(path).forget(TENANT, ID)).rejects.toMatchObject({
      code: 'BACKUP_FAILED',
    });
  });
});

describe('the copy of the keyring', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const recordOf = (revision: number, more: Partial<KeyringRecord> = {}): KeyringRecord => ({
    ...{ version: 1, revision, current: 1, mac: 'm'.repeat(43) },
    root: {
      ...{ id: 'a'.repeat(16), createdAt: at },
      wrapped: { provider: 'key', keyId: 'b'.repeat(16), blob: 'blob' },
    },
    keks: [{ number: 1, createdAt: at, jwe: 'a.b.c.d.e' }],
    ...more,
  });
  const ofAnother = (revision: number) =>
    recordOf(revision, { keks: [{ number: 1, createdAt: '2026-01-02T00:00:00.000Z', jwe: 'a.b.c.d.e' }] });
  const unproven = { ...recordOf(1).root, unproven: true } as const;

  test('is the latest that was ever given, in its one spelling', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    expect(await backup.keyring()).toBeUndefined();
    await backup.keepKeyring(recordOf(2));
    expect(modeOf(`${path}/keyring.json`)).toBe(0o600);
    // The slower of two crypto servers.
    await backup.keepKeyring(recordOf(1));
    expect(await backup.keyring()).toEqual(recordOf(2));
    await backup.keepKeyring(recordOf(3));
    expect(readFileSync(`${path}/keyring.json`, 'utf8')).toBe(`${encodeRecord(recordOf(3))}\n`);
    expect(await backup.keyring()).toEqual(recordOf(3));
  });

  test('is not written again when it is there', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    await backup.keepKeyring(recordOf(2));
    const before = statSync(`${path}/keyring.json`).ino;
    await backup.keepKeyring(recordOf(2));
    expect(statSync(`${path}/keyring.json`).ino).toBe(before);
  });

  test('is never replaced by another keyring, unless it was never used', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    await backup.keepKeyring(recordOf(1, { root: unproven }));
    await backup.keepKeyring(ofAnother(2));
    expect(await backup.keyring()).toEqual(ofAnother(2));
    for (const other of [recordOf(9), recordOf(1), recordOf(9, { root: unproven })])
      await expect(backup.keepKeyring(other)).rejects.toMatchObject({
        code: 'BACKUP_FAILED',
        fix: expect.stringContaining('sealtrack keys restore'),
      });
    expect(await backup.keyring()).toEqual(ofAnother(2));
  });

  test('that is damaged is said to be, and put aside when a whole one takes its place', async () => {
    const path = fresh();
    const backup = createBackupFolder(path);
    await backup.keepKeyring(recordOf(5));
    const whole = readFileSync(`${path}/keyring.json`, 'utf8');
    writeFileSync(`${path}/keyring.json`, whole.slice(0, 100));
    await expect(backup.keyring()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    await backup.keepKeyring(recordOf(4));
    expect(readFileSync(`${path}/keyring.json.damaged`, 'utf8')).toBe(whole.slice(0, 100));
    expect(await backup.keyring()).toEqual(recordOf(4));
    expect(readdirSync(path).sort()).toEqual(['keyring.json', 'keyring.json.damaged']);
  });

  test('that cannot be read is an error, and not the same as none', async () => {
    const path = fresh();
    mkdirSync(`${path}/keyring.json`, { recursive: true });
    const backup = createBackupFolder(path);
    const failed = { code: 'BACKUP_FAILED', fix: expect.stringContaining('SEALTRACK_BACKUP_DIR') };
    await expect(backup.keyring()).rejects.toMatchObject(failed);
    await expect(backup.keepKeyring(recordOf(1))).rejects.toMatchObject(failed);
  });
});
