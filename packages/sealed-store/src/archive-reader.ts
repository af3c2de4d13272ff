import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import { createEntryCipher } from './archive-entry.ts';
import {
  type ArchivedCertificate,
  type ArchiveHeader,
  type ArchiveName,
  entryPurpose,
  macPurpose,
} from './archive-format.ts';
import { readHeader } from './archive-header.ts';
import { linesOf } from './archive-lines.ts';
import { type ArchiveDamage, createArchiveOrder, outOfPlace } from './archive-order.ts';
import type { Keyring, OpenRecord } from './keyring.ts';
import type { KeyringRecord } from './keyring-record.ts';
import { unsealSecret } from './seal.ts';

export type ArchivePart =
  | ({
      readonly kind: 'certificate';
      readonly line: number;
      readonly name: ArchiveName;
    } & ArchivedCertificate)
  | ArchiveDamage;

export interface OpenArchive {
  readonly archiveId: string;
  readonly createdAt: string;
  /** What is in it, and what is not, in order and once. Never throws for damage. */
  parts(): AsyncGenerator<ArchivePart, void, undefined>;
  /** The latest record of the keyring that was read. */
  record(): KeyringRecord;
  /** Opens a private key of it. @returns the secret, for the caller to zero. @throws AppError SEAL_BROKEN. */
  unsealKey(sealedKey: string, expect: { readonly tenant: TenantId; readonly keyId: KeyId }): Promise<Buffer>;
}

/** The first line, for those who cannot open it yet. @throws AppError BACKUP_INVALID. */
export async function readArchiveHeader(chunks: AsyncIterable<Uint8Array>): Promise<ArchiveHeader> {
  for await (const line of linesOf(chunks)) return readHeader(line);
  return readHeader(undefined);
}

/**
 * Opens a backup, in the memory of one line and of the names.
 * @throws AppError BACKUP_INVALID when its first line is not whole or not genuine; what Keyring.openRecord throws.
 */
export async function openArchive(
  chunks: AsyncIterable<Uint8Array>,
  openRecord: Keyring['openRecord'],
): Promise<OpenArchive> {
  const lines = linesOf(chunks);
  const header = readHeader((await lines.next()).value ?? undefined);
  const opened = await openRecord(header.keyring);
  header.check(opened.deriveKey(macPurpose(header.archiveId)));
  const cipher = createEntryCipher(header.archiveId, opened.deriveKey(entryPurpose(header.archiveId)));
  // A later record holds every key-encryption key of those before it.
  let keks: OpenRecord = opened;

  async function* parts(): AsyncGenerator<ArchivePart, void, undefined> {
    const order = createArchiveOrder();
    let number = 1;
    for await (const text of lines) {
      number += 1;
      const found = text === undefined ? undefined : await cipher.open(text);
      if (found === undefined) order.unreadable(number);
      else if (!order.isNew(found)) yield outOfPlace(number, found.entry);
      else {
        yield* order.missingBefore(found);
        const { entry } = found;
        if (entry.kind === 'keyring') keks = await openRecord(entry.record);
        if (entry.kind === 'certificate') yield { ...entry, line: found.line };
      }
    }
    yield* order.missingAtEnd(number);
  }

  return {
    archiveId: header.archiveId,
    createdAt: header.createdAt,
    parts,
    record: () => keks.record,
    unsealKey: (sealedKey, expect) => unsealSecret(sealedKey, { keks, expect }),
  };
}
