import type { ArchiveHeader } from './archive-format.ts';
import { chunksOf } from './archive-lines.ts';
import { type OpenArchive, openArchive, readArchiveHeader } from './archive-reader.ts';
import { type ArchiveContent, type ArchiveKeyring, archiveLines } from './archive-writer.ts';
import type { Keyring } from './keyring.ts';

/** Backups of certificates and sealed keys, under one keyring: docs/adr/0013-key-backups.md. */
export interface KeyArchives {
  /** In chunks of 64 KiB. Throws SEALED, KEYRING_BUSY. */
  create(content: ArchiveContent): AsyncGenerator<Buffer, void, undefined>;
  /**
   * Throws BACKUP_INVALID when the first line is not whole or not genuine; SEALED or SEAL_BROKEN when the keyring in it does
   * not open with the provider of this server.
   */
  open(chunks: AsyncIterable<Uint8Array>): Promise<OpenArchive>;
  /** The first line, which is whole; whether it is genuine only `open` can tell. Throws BACKUP_INVALID. */
  readHeader(chunks: AsyncIterable<Uint8Array>): Promise<ArchiveHeader>;
}

export const createKeyArchives = (keyring: ArchiveKeyring & Pick<Keyring, 'openRecord'>): KeyArchives => ({
  create: (content) => chunksOf(archiveLines(keyring, content)),
  open: (chunks) => openArchive(chunks, (record) => keyring.openRecord(record)),
  readHeader: readArchiveHeader,
});
