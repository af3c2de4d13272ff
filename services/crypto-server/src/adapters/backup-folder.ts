import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { BackupFolder } from '../ports.ts';

const FOLDER = { recursive: true, mode: 0o700 } as const;

/**
 * `<folder>/<tenant>/<certificate id>.json` for each certificate, with its sealed key, and `<folder>/keyring.json`: all
 * that a crypto server needs besides its unseal key. Nothing in it is open; the names of tenants are.
 */
export function createBackupFolder(folder: string) {
  const pathOf = (tenantId: string, certificateId: string) => join(folder, tenantId, `${certificateId}.json`);
  return {
    keep: (certificate, sealedKey) =>
      orFailed(folder, async () => {
        const path = pathOf(certificate.tenantId, certificate.certificateId);
        if ((await mkdir(dirname(path), FOLDER)) !== undefined) await syncFolder(folder);
        await replaceFile(path, { certificate: Certificate.toJSON(certificate), sealedKey });
      }),
    forget: (tenantId, certificateId) =>
      orFailed(folder, () =>
        unlink(pathOf(tenantId, certificateId)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        }),
      ),
    keepKeyring: (record: object) =>
      orFailed(folder, async () => {
        await mkdir(folder, FOLDER);
        await replaceFile(join(folder, 'keyring.json'), record);
      }),
  } satisfies BackupFolder & { keepKeyring(record: object): Promise<void> };
}

/** Whole and durable when it resolves, or as it was before. */
async function replaceFile(path: string, content: object): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content)}\n`);
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
    throw new AppError('BACKUP_FAILED', 'The copy in the backup folder could not be written', {
      fix: `Check the disk and the owner of ${folder} (SEALTRACK_BACKUP_DIR of the crypto server), then do it again.`,
      cause,
    });
  }
}
