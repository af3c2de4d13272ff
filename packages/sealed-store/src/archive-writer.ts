import { AppError } from '@sealtrack/errors/app-error';
import { createEntryCipher } from './archive-entry.ts';
import {
  type ArchivedCertificate,
  type ArchiveEntry,
  type ArchiveName,
  entryPurpose,
  MAX_CERTIFICATES,
  macPurpose,
  NAMES_A_LINE,
} from './archive-format.ts';
import { writeHeader } from './archive-header.ts';
import type { Keyring } from './keyring.ts';
import type { KeyringRecord } from './keyring-record.ts';
import { readSealHeader } from './seal-format.ts';

export interface ArchiveContent {
  readonly archiveId: string;
  readonly createdAt: Date;
  readonly names: readonly ArchiveName[];
  /** One certificate as it is now, with its sealed key; undefined when it is gone by now. Asked once each, in order. */
  readonly read: (name: ArchiveName) => Promise<ArchivedCertificate | undefined>;
}

export type ArchiveKeyring = Pick<Keyring, 'record' | 'openRecord'>;

/**
 * A backup, line by line, in the memory of one line and of the names. The keyring and the certificates may change
 * meanwhile; what is promised is: every sealed key stands behind a record of the keyring that holds its key-encryption
 * key, and every record opens with what the first one opens with.
 * @throws AppError KEYRING_BUSY when new shares, or another unseal key, made that impossible; SEALED.
 */
export async function* archiveLines(
  keyring: ArchiveKeyring,
  { archiveId, createdAt, names, read }: ArchiveContent,
): AsyncGenerator<string, void, undefined> {
  if (names.length > MAX_CERTIFICATES) throw tooMany();
  const record = await keyring.record();
  // Not from the root key that is held, which may be another by now.
  const { deriveKey } = await keyring.openRecord(record);
  const header = { archiveId, createdAt: createdAt.toISOString(), keyring: record };
  yield writeHeader(header, deriveKey(macPurpose(archiveId)));

  const cipher = createEntryCipher(archiveId, deriveKey(entryPurpose(archiveId)));
  let line = 1;
  const seal = (entry: ArchiveEntry): Promise<string> => {
    line += 1;
    return cipher.seal({ line, entry });
  };
  for (let at = 0; at < names.length; at += NAMES_A_LINE)
    yield await seal({ kind: 'names', place: at + 1, names: names.slice(at, at + NAMES_A_LINE) });

  let latest = record;
  for (const [index, name] of names.entries()) {
    const place = index + 1;
    const found = await read(name);
    if (found?.sealedKey !== undefined && !holds(latest, found.sealedKey)) {
      // Read after the sealed key was, and a key-encryption key is in the record before anything is sealed under it.
      latest = await keyring.record();
      if (latest.root.wrapped.keyId !== record.root.wrapped.keyId) throw busy();
      yield await seal({ kind: 'keyring', place, record: latest });
    }
    yield await seal(
      found === undefined ? { kind: 'gone', place } : { kind: 'certificate', place, name, ...found },
    );
  }
  yield await seal({ kind: 'end', place: names.length + 1 });
}

/** Also true of what is no sealed key: no record will help it, and who reads the backup is told. */
function holds(record: KeyringRecord, sealedKey: string): boolean {
  try {
    const { kekNumber } = readSealHeader(sealedKey);
    return record.keks.some(({ number }) => number === kekNumber);
  } catch {
    return true;
  }
}

const busy = () =>
  new AppError('KEYRING_BUSY', 'The keyring was given another unseal key or other shares during the backup', {
    fix: 'Make the backup again: sealtrack keys backup.',
  });

const tooMany = () =>
  new AppError('INVALID_ARGUMENT', `There are more certificates than a backup holds (${MAX_CERTIFICATES})`, {
    fix: 'Copy the database of Redis and the folder SEALTRACK_BACKUP_DIR instead.',
  });
