import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { isCertificateId, isTenantId } from '@sealtrack/ids/ids';
import { encodeRecord, type KeyringRecord, parseRecord } from '@sealtrack/sealed-store/keyring-record';
import { isSameKeyring } from '../keyring-copies.ts';
import type { BackupFolder } from '../ports.ts';

const FOLDER = { recursive: true, mode: 0o700 } as const;

/**
 * `<folder>/<tenant>/<certificate id>.json` for each certificate, with its sealed key, and `<folder>/keyring.json`: all
 * that a crypto server needs besides its unseal key. Nothing in it is open; the names of tenants are.
 */
export function createBackupFolder(folder: string) {
  const pathOf = (tenantId: string, certificateId: string) => {
    // They come from Redis, which others may write to.
    if (isTenantId(tenantId) && isCertificateId(certificateId))
      return join(folder, tenantId, `${certificateId}.json`);
    throw misnamed();
  };
  return {
    keep: (certificate, sealedKey) =>
      orFailed(folder, async () => {
        const path = pathOf(certificate.tenantId, certificate.certificateId);
        if ((await mkdir(dirname(path), FOLDER)) !== undefined) await syncFolder(folder);
        await replaceFile(path, JSON.stringify({ certificate: Certificate.toJSON(certificate), sealedKey }));
      }),
    forget: (tenantId, certificateId) =>
      orFailed(folder, () =>
        unlink(pathOf(tenantId, certificateId)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        }),
      ),
    /** @throws AppError BACKUP_FAILED also where the folder is that of another keyring, whose only copy it may be. */
    keepKeyring: (record: KeyringRecord) =>
      orFailed(folder, async () => {
        await mkdir(folder, FOLDER);
        const path = join(folder, KEYRING);
        const there = await readKeyring(path).catch(async (error: unknown) => {
          if (!hasCode(error, 'SEAL_BROKEN')) throw error;
          // A damaged copy is no copy. It is kept for people to look at, out of the way of a whole one.
          await rename(path, `${path}.damaged`);
          return undefined;
        });
        // One that was never used may go.
        if (there !== undefined && there.root.unproven !== true && !isSameKeyring(there, record))
          throw ofAnother(folder);
        // Two crypto servers may share the folder, and the slower one must not put the older copy there.
        if (there === undefined || there.root.unproven || there.revision < record.revision)
          await replaceFile(path, encodeRecord(record));
      }),
    /**
     * @throws AppError SEAL_BROKEN when it is damaged, or gone where there are copies that were sealed under it: it may
     * be all that is left of a keyring.
     */
    keyring: () =>
      orFailed(folder, async () => {
        const there = await readKeyring(join(folder, KEYRING)).catch((error: unknown) => {
          throw hasCode(error, 'SEAL_BROKEN') ? damaged(folder, error) : error;
        });
        if (there === undefined && (await holdsCopies(folder))) throw missing(folder);
        return there;
      }),
  } satisfies BackupFolder & Record<string, unknown>;
}

const KEYRING = 'keyring.json';

async function readKeyring(path: string): Promise<KeyringRecord | undefined> {
  try {
    return parseRecord((await readFile(path, 'utf8')).trimEnd());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function holdsCopies(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter(isTenantId))
    if ((await readdir(join(folder, name))).some((file) => file.endsWith('.json'))) return true;
  return false;
}

const missing = (folder: string) =>
  new AppError(
    'SEAL_BROKEN',
    `The backup folder ${folder} holds sealed keys, and their keyring is gone from it`,
    {
      fix: 'Restore the keys from an archive (sealtrack keys restore FILE), or keyring.json from a backup of this folder. If this is a new installation, give it an empty folder.',
    },
  );

const damaged = (folder: string, cause: unknown) =>
  new AppError('SEAL_BROKEN', `The copy of the keyring in the backup folder ${folder} is damaged`, {
    fix: 'Restore the keys from an archive (sealtrack keys restore FILE), or keyring.json from a backup of this folder. Delete it only if it is not needed any more: with Redis empty it may be all that is left.',
    cause,
  });

const misnamed = () =>
  new AppError('BACKUP_FAILED', 'A certificate in Redis has a tenant or an id that is none', {
    fix: 'Somebody changed it there: find it under st:{<tenant>}:certificate:*, and restore it from a backup.',
  });

const ofAnother = (folder: string) =>
  new AppError('BACKUP_FAILED', 'The backup folder holds the copies of another keyring than that in Redis', {
    fix: `If Redis lost its data, restore the keys (sealtrack keys restore) or Redis itself. If this is a new installation, give it an empty folder instead of ${folder} (SEALTRACK_BACKUP_DIR).`,
  });

/** Whole and durable when it resolves, or as it was before. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${content}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function orFailed<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('BACKUP_FAILED', 'The copy in the backup folder could not be written', {
      fix: `Check the disk and the owner of ${folder} (SEALTRACK_BACKUP_DIR of the crypto server), then do it again.`,
      cause,
    });
  }
}
