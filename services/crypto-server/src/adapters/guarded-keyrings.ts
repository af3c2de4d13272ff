import { AppError } from '@sealtrack/errors/app-error';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import type { KeyringStore } from '@sealtrack/sealed-store/keyring-store';

/**
 * The keyring in Redis, missed by the copy in the backup folder: a Redis that lost everything looks like a new one, and
 * no new keyring may be made over it.
 */
export function guardKeyrings(
  keyrings: KeyringStore,
  copy: () => Promise<KeyringRecord | undefined>,
): KeyringStore {
  return {
    ...keyrings,
    async load() {
      const record = await keyrings.load();
      if (record !== undefined) return record;
      const kept = await copy();
      if (kept === undefined || kept.root.unproven) return undefined;
      throw new AppError('SEAL_BROKEN', 'Redis holds no keyring, and the backup folder has a copy of one', {
        fix: 'Redis lost its data, or this is another Redis: restore Redis, or the keys into it (sealtrack keys restore). Only if this is a new installation, give it an empty backup folder.',
      });
    },
  };
}
