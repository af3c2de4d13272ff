import { AppError } from '@sealtrack/errors/app-error';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import type { KeyringStore } from '@sealtrack/sealed-store/keyring-store';
import { isLater } from '../keyring-copies.ts';

/**
 * The keyring in Redis, missed by the copy in the backup folder. A Redis that lost everything looks like a new one, and no
 * new keyring may be made over it; one that was put back to an earlier state would give numbers of key-encryption keys away
 * a second time.
 */
export function guardKeyrings(
  keyrings: KeyringStore,
  copy: () => Promise<KeyringRecord | undefined>,
): KeyringStore {
  return {
    ...keyrings,
    async load() {
      const record = await keyrings.load();
      // What is there opens without a copy.
      const kept = record === undefined ? await copy() : await copy().catch(() => undefined);
      if (kept === undefined || kept.root.unproven || !isMissed(kept, record)) return record;
      // Another server may have changed both between the two.
      const again = await keyrings.load();
      if (!isMissed(kept, again)) return again;
      throw again === undefined ? lost() : putBack();
    },
  };
}

const isMissed = (kept: KeyringRecord, record: KeyringRecord | undefined): boolean =>
  record === undefined || isLater(kept, record);

const lost = () =>
  new AppError('SEAL_BROKEN', 'Redis holds no keyring, and the backup folder has a copy of one', {
    fix: 'Redis lost its data, or this is another Redis: restore Redis, or the keys into it (sealtrack keys restore). Only if this is a new installation, give it an empty backup folder.',
  });

const putBack = () =>
  new AppError('SEAL_BROKEN', 'The keyring in Redis is older than its copy in the backup folder', {
    fix: 'Redis was put back to an earlier state. Restore the keys from the backup folder (sealtrack keys restore --from-backup-folder), which puts the later keyring back too; where shares open it, put keyring.json under st:{_}:keyring in Redis first.',
  });
