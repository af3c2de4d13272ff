import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  type ArchiveHeader,
  backupInvalid,
  FORMAT,
  isArchiveId,
  isObject,
  VERSION,
} from './archive-format.ts';
import { type KeyringRecord, parseRecord } from './keyring-record.ts';

/** What the two sums are of: everything but them, in this order. */
const bodyOf = ({ archiveId, createdAt, keyring }: ArchiveHeader) => ({
  ...{ format: FORMAT, version: VERSION, archiveId, createdAt, keyring },
});

/**
 * The digest is nobody's secret: it tells damage from a wrong unseal key, which the MAC cannot, since its key comes out of
 * the keyring in this very line.
 */
const lineOf = (header: ArchiveHeader, mac: string): string => {
  const body = bodyOf(header);
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return JSON.stringify({ ...body, digest, mac });
};

const macOf = (header: ArchiveHeader, key: KeyObject): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify(bodyOf(header)))
    .digest();

export const writeHeader = (header: ArchiveHeader, macKey: KeyObject): string =>
  lineOf(header, macOf(header, macKey).toString('base64url'));

/**
 * Reads the first line. Who made it is known once `check` has returned; until then it is whole, and no more.
 * @throws AppError BACKUP_INVALID.
 */
export function readHeader(line: string | undefined): ArchiveHeader & { check(macKey: KeyObject): void } {
  const value = parse(line);
  if (value.format !== FORMAT) throw notABackup();
  if (value.version !== VERSION) throw laterVersion();
  const { archiveId, createdAt, keyring, mac } = value;
  if (!isArchiveId(archiveId) || !isTime(createdAt) || typeof mac !== 'string') throw damaged();
  const header: ArchiveHeader = { archiveId, createdAt, keyring: readKeyring(keyring) };
  if (lineOf(header, mac) !== line) throw damaged();
  return {
    ...header,
    check(macKey) {
      const given = Buffer.from(mac, 'base64url');
      const wanted = macOf(header, macKey);
      // The last of its characters has bits to spare.
      const isExact = given.length === wanted.length && given.toString('base64url') === mac;
      if (!isExact || !timingSafeEqual(given, wanted)) throw damaged();
    },
  };
}

const isTime = (text: unknown): text is string => typeof text === 'string' && !Number.isNaN(Date.parse(text));

function readKeyring(value: unknown): KeyringRecord {
  try {
    return parseRecord(JSON.stringify(value) ?? '');
  } catch (cause) {
    throw damaged(cause);
  }
}

function parse(line: string | undefined): Record<string, unknown> {
  if (line === undefined || line === '') throw notABackup();
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // A line that begins as ours is a backup that was damaged, and no other file.
    throw line.startsWith(`{"format":"${FORMAT}"`) ? damaged() : notABackup();
  }
  if (!isObject(value)) throw notABackup();
  return value;
}

const ANOTHER =
  'Take another copy of this backup, or the backup before it. The plain copies in SEALTRACK_BACKUP_DIR are a further way.';

const damaged = (cause?: unknown) =>
  backupInvalid(
    'The first line of the backup is damaged, and nothing in it opens without it',
    ANOTHER,
    cause,
  );

const notABackup = () =>
  backupInvalid(
    'This is no backup of keys, or its beginning is missing',
    'Give a file that sealtrack keys backup wrote.',
  );

const laterVersion = () =>
  backupInvalid(
    'This backup was made by a later version of Sealtrack, or its first line is damaged',
    'Use the version of Sealtrack that made it, or a later one.',
  );
