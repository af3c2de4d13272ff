import { AppError } from '@sealtrack/errors/app-error';
import type { KeyringRecord } from './keyring-record.ts';

// A backup of keys, as docs/adr/0013-key-backups.md describes it: a line in the clear, then a JWE a line.

export const FORMAT = 'sealtrack-key-backup';
export const VERSION = 1;

/** The largest keyring, as a JWE. A certificate with a long chain takes a third of it. */
export const MAX_LINE_BYTES = 3 * 1024 * 1024;
/** Their names are in memory while a backup is written or read: some 400 bytes each. */
export const MAX_CERTIFICATES = 100_000;
export const NAMES_A_LINE = 200;

/** What damage can be called by. */
export interface ArchiveName {
  readonly tenantId: string;
  readonly certificateId: string;
  readonly alias: string;
}

/** The first line. `keyring` is what the rest of the backup opens with. */
export interface ArchiveHeader {
  readonly archiveId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly keyring: KeyringRecord;
}

/** What a line holds besides the first. `place` is that of the next certificate, from 1. */
export type ArchiveEntry =
  /** Of the certificates from this place on. */
  | { readonly kind: 'names'; readonly place: number; readonly names: readonly ArchiveName[] }
  /** Key-encryption keys that came while the backup was made, before the first key that is sealed under them. */
  | { readonly kind: 'keyring'; readonly place: number; readonly record: KeyringRecord }
  | ({
      readonly kind: 'certificate';
      readonly place: number;
      readonly name: ArchiveName;
    } & ArchivedCertificate)
  /** Deleted for good while the backup was made. */
  | { readonly kind: 'gone'; readonly place: number }
  /** Its place is behind all of them. */
  | { readonly kind: 'end'; readonly place: number };

export interface ArchivedCertificate {
  /** As its owner writes it; JSON. */
  readonly certificate: unknown;
  /** As it was stored; absent when it was not there. */
  readonly sealedKey?: string | undefined;
}

export const macPurpose = (archiveId: string): string => `key backup ${archiveId} header`;
export const entryPurpose = (archiveId: string): string => `key backup ${archiveId} entries`;

export const backupInvalid = (message: string, fix: string, cause?: unknown): AppError =>
  new AppError('BACKUP_INVALID', message, { fix, cause });

export const isArchiveId = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{32}$/.test(text);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
