import { spawn } from 'node:child_process';
import { constants, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Certificate, Deletion_State } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import { createShamirProvider } from '@sealtrack/sealed-store/shamir-provider';
import { createUnsealKeyFile, readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import type { UnsealProvider } from '@sealtrack/sealed-store/unseal-provider';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BackupSystemOptions, createBackupSystem } from './testing/backup-system.ts';

const server = await testRedis();
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const keyFile = `${folder.path}/unseal.key`;
await createUnsealKeyFile(keyFile);
await createUnsealKeyFile(`${folder.path}/other.key`);
const unsealKey = await readUnsealKeyFile(keyFile);
const otherKey = await readUnsealKeyFile(`${folder.path}/other.key`);

const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const secret = randomBytes(32);
const made = await Promise.all(
  ['a', 'b', 'c', 'd', 'e'].map(async (alias, index) => {
    const { certificatePem, privateKey } = await createSelfSigned({ commonName: alias });
    const info = parseCertificate(certificatePem);
    const tenantId = (index < 3 ? 'sales' : 'support') as TenantId;
    // Encrypted before anything happened, as a recording would be.
    return {
      tenantId,
      alias,
      info,
      privateKey,
      sealed: publicEncrypt({ key: info.publicKey, ...padding }, secret),
    };
  }),
);
const aliases = made.map(({ alias }) => alias);

type System = ReturnType<typeof createBackupSystem>;
const open: System[] = [];
afterEach(async () => {
  for (const system of open.splice(0)) await system[Symbol.asyncDispose]();
});

async function start(
  provider: UnsealProvider = createKeyProvider({ current: unsealKey }),
  more: Partial<BackupSystemOptions> = {},
): Promise<System> {
  const system = createBackupSystem({ redisUrl: server.url, provider, folder: folder.path, ...more });
  open.push(system);
  await system.keyring.open();
  return system;
}

async function importInto({ privateKeys, certificates }: System, which = made): Promise<void> {
  for (const { tenantId, alias, info, privateKey } of which) {
    const { certificateId, keyId } = info;
    await privateKeys.add(tenantId, keyId, certificateId, privateKey);
    const deletion =
      alias === 'b'
        ? {
            state: Deletion_State.DELETED,
            requestedAt: new Date(0),
            until: new Date('2099-01-01'),
            recordings: 3n,
            statement: '',
            approvers: [],
          }
        : undefined;
    const der = info.der;
    await certificates.add({
      ...Certificate.fromJSON({}),
      tenantId,
      certificateId,
      keyId,
      alias,
      der,
      deletion,
      holding: alias === 'e',
    });
  }
}

/** The aliases of those whose private key, as it lies in Redis, opens what was encrypted to them before. */
async function opening({ certificates, privateKeys }: System): Promise<string[]> {
  const found: string[] = [];
  for (const { tenantId, alias, info, sealed } of made) {
    const certificate = await certificates.get(tenantId, info.certificateId);
    const key = await privateKeys.get(tenantId, info.keyId);
    if (certificate?.alias !== alias || key === undefined) continue;
    if (privateDecrypt({ key, ...padding }, sealed).equals(secret)) found.push(alias);
  }
  return found;
}

const certificatesOf = async ({ certificates }: System, tenantId: TenantId) =>
  (await certificates.page(tenantId, { words: [], after: undefined, limit: 10, deleted: 'also' }))
    .certificates;
const countOf = async (system: System) =>
  (await certificatesOf(system, 'sales' as TenantId)).length +
  (await certificatesOf(system, 'support' as TenantId)).length;

const administrator = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'administrator' });
afterAll(() => administrator[Symbol.asyncDispose]());
const flush = () => administrator.client.flushall();
const linesOf = (archive: Buffer) => archive.toString('latin1').split('\n').slice(0, -1);
const joined = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
const change = (line: string) => `${line.slice(0, -30)}${[...line.slice(-30)].reverse().join('')}`;
const idOf = (alias: string) => made[aliases.indexOf(alias)]?.info.certificateId;

let archive: Buffer;
let source: System;
beforeEach(async () => {
  await flush();
  source = await start();
  await importInto(source);
  archive = await source.backUp();
});

describe('a restore drill', () => {
  test('into an empty Redis: every key opens what was encrypted before', async () => {
    await flush();
    const system = await start();
    expect(await opening(system)).toEqual([]);
    const report = await system.restore(archive);
    expect(report).toMatchObject({
      ...{
        tenants: 2,
        certificates: 5,
        privateKeys: 5,
        restored: 5,
        alreadyThere: 0,
        damaged: [],
        damagedTotal: 0,
      },
      createdAt: '2026-07-01T02:00:00.000Z',
      archiveId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await opening(system)).toEqual(aliases);
    expect(await opening(await start())).toEqual(aliases);
    const page = await system.certificates.page('sales' as TenantId, {
      ...{ words: [], after: undefined, limit: 10, deleted: 'only' },
    });
    expect(page.certificates).toMatchObject([{ alias: 'b', deletion: { recordings: 3n } }]);
    const support = await certificatesOf(system, 'support' as TenantId);
    expect(support.map(({ alias, holding }) => [alias, holding])).toEqual([
      ['d', false],
      ['e', true],
    ]);
  });

  test('gives what was deleted its time again, and takes no request along', async () => {
    const [b, c] = await Promise.all(
      ['b', 'c'].map((alias) => source.certificates.get('sales' as TenantId, idOf(alias) as CertificateId)),
    );
    if (b?.deletion === undefined || c === undefined) throw new Error('something was not imported');
    const over = { ...b.deletion, until: new Date('2026-01-01') };
    await source.certificates.replace(b, { ...b, deletion: over });
    const asked = { ...over, state: Deletion_State.REQUESTED, approvers: ['anna'] };
    await source.certificates.replace(c, { ...c, deletion: asked });
    const taken = await source.backUp();
    await flush();
    const system = await start();
    await system.restore(taken);
    const found = await certificatesOf(system, 'sales' as TenantId);
    expect(found.map(({ alias, deletion }) => [alias, deletion?.until])).toEqual([
      ['a', undefined],
      ['b', new Date('2026-07-01T02:00:01Z')],
      ['c', undefined],
    ]);
  });

  test('leaves a copy of each in the backup folder, and is on record', async () => {
    await flush();
    const system = await start();
    await system.restore(archive);
    expect([...system.copies.keys()].sort()).toEqual(made.map(({ info }) => info.certificateId).sort());
    expect(source.records).toMatchObject([{ action: 'taken', certificates: 5, caller: 'test' }]);
    expect(system.records).toMatchObject([
      { action: 'restored', certificates: 5, archiveId: source.records[0]?.archiveId },
    ]);
  });

  test('changes nothing where everything is there, however often', async () => {
    const { client } = source.redis;
    const before = await client.get(`st:{sales}:key:${made[0]?.info.keyId}`);
    for (let time = 0; time < 2; time += 1)
      expect(await source.restore(archive)).toMatchObject({ restored: 0, alreadyThere: 5, damaged: [] });
    expect(await client.get(`st:{sales}:key:${made[0]?.info.keyId}`)).toBe(before);
  });

  test('adds what is missing of one: the certificate, or the key', async () => {
    const { client } = source.redis;
    await client.del(`st:{sales}:certificate:${idOf('a')}`);
    await client.del(`st:{support}:key:${made[3]?.info.keyId}`);
    expect(await source.restore(archive)).toMatchObject({ restored: 2, alreadyThere: 3 });
    expect(await opening(source)).toEqual(aliases);
  });

  test('says which key here does not open, and leaves it', async () => {
    const { client } = source.redis;
    const name = `st:{sales}:key:${made[0]?.info.keyId}`;
    const broken = change((await client.get(name)) ?? '');
    await client.set(name, broken);
    expect(await source.restore(archive)).toMatchObject({
      ...{ restored: 0, alreadyThere: 4 },
      damaged: [
        { tenantId: 'sales', what: `certificate ${idOf('a')} (a)`, problem: expect.stringContaining(name) },
      ],
    });
    expect(await client.get(name)).toBe(broken);
  });

  test('into a Redis that was emptied under a server that runs', async () => {
    await flush();
    expect(await source.restore(archive)).toMatchObject({ restored: 5 });
    expect(await opening(source)).toEqual(aliases);
  });

  test('goes on where a process that was killed half way had to leave it', async () => {
    await flush();
    const path = `${folder.path}/archive`;
    await writeFile(path, archive);
    const program = new URL('./testing/restore-until-stuck.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, server.url, keyFile, path, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const system = await start();
    expect(await opening(system)).toHaveLength(2);
    expect(await system.restore(archive)).toMatchObject({ restored: 3, alreadyThere: 2 });
    expect(await opening(system)).toEqual(aliases);
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('other keyrings', () => {
  test('an archive of before a rotation of the root and of the keys restores after it', async () => {
    await source.keyring.rotateRoot();
    await Array.fromAsync(source.keyring.rotateSeal());
    expect(await source.verify(archive)).toMatchObject({ certificates: 5, damagedTotal: 0 });
    await source.redis.client.del(`st:{sales}:key:${made[0]?.info.keyId}`);
    expect(await source.restore(archive)).toMatchObject({ restored: 1, alreadyThere: 4 });
    expect(await opening(source)).toEqual(aliases);
  });

  test('one that is taken while keys are rotated, imported and deleted for good is whole', async () => {
    await flush();
    const [late, ...early] = made;
    if (late === undefined) throw new Error('no certificate');
    const system = await start();
    await importInto(system, early);
    const rotation = system.keyring.rotateSeal();
    let asked = 0;
    const meanwhile = async () => {
      asked += 1;
      if (asked === 1) await importInto(system, [late]);
      if (asked === 2) {
        const [gone] = await certificatesOf(system, 'support' as TenantId);
        if (gone !== undefined) await system.certificates.remove(gone);
      }
      if (asked === 3) await system.keyring.rotateRoot();
      await rotation.next();
    };
    const backedUp = await start(undefined, {
      wrapCertificates: (all) => ({
        ...all,
        async get(tenantId, certificateId) {
          await meanwhile();
          return await all.get(tenantId, certificateId);
        },
      }),
    });
    const taken = await backedUp.backUp();
    const kinds = linesOf(taken)
      .slice(1)
      .map((line) => JSON.parse(Buffer.from(line.split('.')[0] ?? '', 'base64url').toString()).kind);
    expect(kinds).toContain('keyring');

    await flush();
    const after = await start();
    const { restored, damaged } = await after.restore(taken);
    expect({ restored, damaged }).toEqual({ restored: await countOf(after), damaged: [] });
    expect(await opening(after)).toEqual(expect.arrayContaining(['b', 'c', 'e']));
    expect(await opening(after)).not.toContain('a');
  });

  test('a certificate that goes for good between itself and its key is gone, and no damage', async () => {
    let isFirst = true;
    const system = await start(undefined, {
      wrapCertificates: (all) => ({
        ...all,
        async get(tenantId, certificateId) {
          const found = await all.get(tenantId, certificateId);
          if (isFirst && found !== undefined) await all.remove(found);
          isFirst = false;
          return found;
        },
      }),
    });
    expect(await source.verify(await system.backUp())).toMatchObject({ certificates: 4, damaged: [] });
  });

  test('another installation seals the keys anew, beside its own', async () => {
    await flush();
    const system = await start(createKeyProvider({ current: otherKey, previous: unsealKey }));
    await importInto(system, made.slice(0, 1));
    const root = system.keyring.status().rootId;
    expect(await system.restore(archive)).toMatchObject({ restored: 4, alreadyThere: 1 });
    expect(system.keyring.status().rootId).toBe(root);
    expect(await opening(await start(createKeyProvider({ current: otherKey })))).toEqual(aliases);
  });

  test('without the unseal key nothing opens, and the error names the key that it takes', async () => {
    await flush();
    const system = await start(createKeyProvider({ current: otherKey }));
    const refused = { code: 'SEAL_BROKEN', message: expect.stringContaining(unsealKey.id) };
    await expect(system.verify(archive)).rejects.toMatchObject(refused);
    await expect(system.restore(archive)).rejects.toMatchObject(refused);
    expect(await opening(system)).toEqual([]);
  });

  test('a keyring that is gone from Redis comes back, and what is sealed under it opens', async () => {
    await source.redis.client.del('st:{_}:keyring');
    const system = createBackupSystem({
      redisUrl: server.url,
      provider: createKeyProvider({ current: unsealKey }),
      folder: folder.path,
    });
    open.push(system);
    await expect(system.keyring.open()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    expect(await system.restore(archive)).toMatchObject({ restored: 0, alreadyThere: 5 });
    expect(await opening(system)).toEqual(aliases);
  });
});

describe('a copy of the keyring in the backup folder', () => {
  const sealedBy = createKeyProvider({ current: unsealKey });
  const notMade = async (copy: () => Promise<KeyringRecord | undefined>) => {
    await flush();
    const system = createBackupSystem({
      redisUrl: server.url,
      provider: sealedBy,
      folder: folder.path,
      copy,
    });
    open.push(system);
    return system;
  };

  test('that knows more than the backup is put in place instead, so that no number means two keys', async () => {
    await Array.fromAsync(source.keyring.rotateSeal());
    await source.keyring.rotateRoot();
    const later = await source.keyring.record();
    const system = await notMade(async () => later);
    expect(await system.restore(archive)).toMatchObject({ restored: 5 });
    expect((await system.keyring.record()).keks).toEqual(later.keks);
    expect(await opening(system)).toEqual(aliases);
  });

  test('of another keyring, or an older one, is not', async () => {
    const record = await source.keyring.record();
    await flush();
    const other = await (await start()).keyring.record();
    const older = { ...record, revision: record.revision - 1 };
    for (const copy of [{ ...other, revision: 1_000 }, older]) {
      const system = await notMade(async () => copy);
      expect(await system.restore(archive)).toMatchObject({ restored: 5 });
      expect(system.keyring.status().rootId).toBe(record.root.id);
    }
  });
});

describe('a keyring that opens with shares', () => {
  async function withShares() {
    await flush();
    const first = await start(createShamirProvider());
    const shares = await first.keyring.initialise({ total: 3, threshold: 2 });
    for (const share of shares.slice(0, 2)) await first.keyring.giveShare(Buffer.from(share));
    await importInto(first);
    const taken = await first.backUp();
    await flush();
    return { taken, shares };
  }
  test('is put in place first, then takes its shares, and then the rest is restored', async () => {
    const { taken, shares } = await withShares();
    const system = await start(createShamirProvider());
    expect(system.keyring.status().state).toBe('uninitialised');
    const waits = { code: 'SEALED', fix: expect.stringContaining('sealtrack unseal') };
    await expect(system.restore(taken)).rejects.toMatchObject(waits);
    await expect(system.restore(taken)).rejects.toMatchObject(waits);
    for (const share of shares.slice(1)) await system.keyring.giveShare(Buffer.from(share));
    expect(await system.restore(taken)).toMatchObject({ restored: 5 });
    expect(await opening(system)).toEqual(aliases);
  });

  test('replaces one whose shares nobody has given, and no other', async () => {
    const { taken, shares } = await withShares();
    const system = await start(createShamirProvider());
    await system.keyring.initialise({ total: 2, threshold: 2 });
    await expect(system.restore(taken)).rejects.toMatchObject({ code: 'SEALED' });
    for (const share of shares.slice(1)) await system.keyring.giveShare(Buffer.from(share));
    expect(await system.restore(taken)).toMatchObject({ restored: 5 });

    await flush();
    const other = await start(createShamirProvider());
    const others = await other.keyring.initialise({ total: 2, threshold: 2 });
    for (const share of others) await other.keyring.giveShare(share);
    await expect(other.restore(taken)).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
      fix: expect.stringContaining('empty Redis'),
    });
  });
});

describe('a damaged archive', () => {
  test('is not restored, and what is damaged has its name', async () => {
    const lines = linesOf(archive);
    const { damaged } = await source.verify(joined(lines.with(3, change(lines[3] ?? ''))));
    expect(damaged).toMatchObject([
      { entry: 4, what: expect.stringMatching(/^certificate [0-9a-f]{64} \([a-e]\)$/) },
    ]);
    const [name] = damaged;
    await flush();
    const system = await start();
    await expect(system.restore(joined(lines.with(3, change(lines[3] ?? ''))))).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
      message: expect.stringContaining(`${name?.what} of tenant ${name?.tenantId}`),
      fix: expect.stringContaining('--skip-damaged'),
    });
    expect(await system.redis.client.keys('st:{s*')).toEqual([]);
  });

  test('gives what is whole in it to who asks for that', async () => {
    const lines = linesOf(archive);
    const damagedArchive = joined(lines.with(3, change(lines[3] ?? '')));
    await flush();
    const system = await start();
    expect(await system.restore(damagedArchive, { skipDamaged: true })).toMatchObject({
      ...{ certificates: 4, restored: 4, damagedTotal: 1 },
    });
    expect(await opening(system)).toHaveLength(4);
  });

  test('that ends too early names all that is lost with it', async () => {
    const { damaged } = await source.verify(joined(linesOf(archive).slice(0, 4)));
    const named = new Set(damaged.map(({ what }) => what.slice(-2, -1)));
    // Two were before the end; the file's own damage has no name.
    expect(damaged).toHaveLength(4);
    expect([...named].filter((name) => ['', ...aliases].includes(name))).toHaveLength(4);
  });

  test('names a key that was broken before the backup, and one that was gone', async () => {
    const { client } = source.redis;
    const name = (index: number) => `st:{${made[index]?.tenantId}}:key:${made[index]?.info.keyId}`;
    await client.set(name(0), change((await client.get(name(0))) ?? ''));
    await client.set(name(1), (await client.get(name(2))) ?? '');
    await client.del(name(3));
    const [other, last] = [made[0], made[4]];
    if (other === undefined || last === undefined) throw new Error('no certificate');
    const wrong = other.privateKey.export({ type: 'pkcs8', format: 'der' });
    const { keyId, certificateId } = last.info;
    await client.set(
      name(4),
      await source.keyring.sealKey(wrong, { tenant: last.tenantId, keyId, certificateId }),
    );
    const { damaged, certificates } = await source.verify(await source.backUp());
    expect(certificates).toBe(1);
    expect(new Map(damaged.map(({ what, problem }) => [what.slice(-2, -1), problem]))).toEqual(
      new Map([
        ['a', expect.stringContaining('do not open')],
        ['b', expect.stringContaining('do not open')],
        ['d', expect.stringContaining('had no private key')],
        ['e', expect.stringContaining('does not belong')],
      ]),
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['another file', Buffer.from('-----BEGIN CERTIFICATE-----\n')],
  ])('of %s is none', async (_, bytes) => {
    for (const work of [source.verify(bytes), source.restore(bytes)])
      await expect(work).rejects.toMatchObject({
        code: 'BACKUP_INVALID',
        message: expect.stringContaining('no backup'),
      });
  });
});

test('a sealed server takes no backup, and puts none on record', async () => {
  source.keyring.seal();
  const before = source.records.length;
  await expect(source.backUp()).rejects.toMatchObject({ code: 'SEALED' });
  expect(source.records).toHaveLength(before);
});

test('nothing leaves, and nothing is stored, that is not on record', async () => {
  const error = new AppError('AUDIT_UNAVAILABLE', 'The bus is away', { fix: 'Wait.' });
  const keysBackup = async () => {
    throw error;
  };
  const system = await start(undefined, { audit: { keysBackup } });
  const chunks = system.backUpKeys();
  await expect(chunks.next()).rejects.toBe(error);
  await flush();
  await expect((await start(undefined, { audit: { keysBackup } })).restore(archive)).rejects.toBe(error);
  expect(await opening(await start())).toEqual([]);
});

test('no private key shows, in the archive, in an error or in a log', async () => {
  const damagedArchive = joined(linesOf(archive).with(2, 'x'));
  const error: unknown = await source.restore(damagedArchive).catch((caught: unknown) => caught);
  const shown = inspect([error, source.lines, await source.verify(damagedArchive)], { depth: 9 });
  for (const { privateKey } of made) {
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    const { d = '' } = privateKey.export({ format: 'jwk' });
    for (const part of [der.subarray(100, 130), Buffer.from(d, 'base64url').subarray(10, 40)]) {
      expect(archive.includes(part)).toBe(false);
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        expect(archive.includes(part.toString(encoding))).toBe(false);
        expect(shown).not.toContain(part.toString(encoding));
      }
    }
  }
});
