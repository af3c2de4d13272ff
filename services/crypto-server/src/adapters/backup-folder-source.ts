import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { isCertificateId, isTenantId } from '@sealtrack/ids/ids';
import type { ArchivePart } from '@sealtrack/sealed-store/archive-reader';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import { unsealSecret } from '@sealtrack/sealed-store/seal';
import type { BackupSource } from '../ports.ts';

/** Certificates with their chain take 256 KiB at the most (in base64), and their names are there again; the sealed key 96 KiB. */
const MAX_BYTES = 1024 * 1024;

/**
 * The backup folder, read as an archive is: for a Redis that was lost after the last backup. What cannot be read in it is
 * damage, with the name of the file.
 */
export function createBackupFolderSource(
  folder: string,
  {
    keyring,
    openRecord,
  }: { readonly keyring: () => Promise<KeyringRecord | undefined> } & Pick<Keyring, 'openRecord'>,
): BackupSource {
  const record = async (): Promise<KeyringRecord> => {
    const found = await keyring();
    if (found !== undefined) return found;
    throw new AppError('BACKUP_INVALID', `The backup folder ${folder} holds no keyring`, {
      fix: 'Check SEALTRACK_BACKUP_DIR of the crypto server, or restore from an archive: sealtrack keys restore FILE.',
    });
  };
  return {
    header: async () => ({ keyring: await record() }),
    async open() {
      const opened = await openRecord(await record());
      return {
        archiveId: 'backup-folder',
        createdAt: new Date().toISOString(),
        parts: () => partsOf(folder),
        record: () => opened.record,
        unsealKey: (sealedKey, expect) => unsealSecret(sealedKey, { keks: opened, expect }),
      };
    },
  };
}

async function* partsOf(folder: string): AsyncGenerator<ArchivePart, void, undefined> {
  let line = 0;
  const folders = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isDirectory());
  for (const tenantId of folders
    .map(({ name }) => name)
    .filter(isTenantId)
    .sort())
    for (const file of (await readdir(join(folder, tenantId))).sort()) {
      const certificateId = file.replace(/\.json$/, '');
      if (!isCertificateId(certificateId) || file === certificateId) continue;
      line += 1;
      const name = { tenantId, certificateId, alias: '' };
      const found = await read(join(folder, tenantId, file));
      yield found === undefined
        ? { kind: 'damage', line, name, problem: 'cannot be read' }
        : { kind: 'certificate', line, name, ...found };
    }
}

async function read(path: string) {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_BYTES) return undefined;
    const { certificate, sealedKey } = JSON.parse(bytes.toString());
    return typeof certificate === 'object' && certificate !== null && typeof sealedKey === 'string'
      ? { certificate, sealedKey }
      : undefined;
  } catch {
    return undefined;
  }
}
