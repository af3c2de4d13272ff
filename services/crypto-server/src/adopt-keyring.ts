import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { ArchiveHeader } from '@sealtrack/sealed-store/archive-format';
import type { OpenArchive } from '@sealtrack/sealed-store/archive-reader';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import type { KeyringStore } from '@sealtrack/sealed-store/keyring-store';
import type { Log } from '@sealtrack/service-kit/logger';
import { isLater } from './keyring-copies.ts';
import type { BackupSource } from './ports.ts';

export interface AdoptKeyringDeps {
  readonly keyring: Pick<Keyring, 'open' | 'openRecord' | 'seal'>;
  /** As they are in the store, whatever there is elsewhere. */
  readonly keyrings: Pick<KeyringStore, 'load' | 'save'>;
  /** The copy in the backup folder. */
  readonly copy: () => Promise<KeyringRecord | undefined>;
  /** Is told before a keyring is put back: what else was in Redis is lost as well, or of an earlier time. */
  readonly onLoss: () => Promise<void>;
  /** The keyring of this server may be another by now, or be open. */
  readonly onChange: () => void;
  readonly log: Log;
}

export interface AdoptKeyring {
  /**
   * Opens an archive. Where its keyring opens with shares, and there is no keyring here that they could be given to, it is
   * put in place for that.
   * @throws AppError SEALED when shares have to be given first; BACKUP_INVALID; SEAL_BROKEN for another unseal key.
   */
  orOpen(source: BackupSource): Promise<OpenArchive>;
  /** Puts the keyring of an archive in place where there is none, and opens the one that is there. @throws AppError SEALED. */
  ifMissing(record: KeyringRecord): Promise<void>;
}

/**
 * A keyring that is there is never replaced; but for one whose shares nobody has given yet, under which nothing can be
 * sealed, and for an earlier state of the same keyring, which Redis was put back to. So an archive also restores beside
 * another keyring: its keys are sealed anew.
 */
export function createAdoptKeyring(deps: AdoptKeyringDeps): AdoptKeyring {
  const { keyring, keyrings, copy, onLoss, onChange, log } = deps;

  /** The copy may know of changes since the backup: sealed under one of two keyrings, a number would mean two keys. */
  async function newestOf(record: KeyringRecord): Promise<KeyringRecord> {
    const kept = await copy().catch((error: unknown) => {
      if (hasCode(error, 'SEAL_BROKEN')) return undefined;
      throw error;
    });
    if (kept === undefined || !isLater(kept, record)) return record;
    if (kept.root.wrapped.keyId === record.root.wrapped.keyId) return kept;
    return await keyring.openRecord(kept).then(
      () => kept,
      () => record,
    );
  }

  async function adopt(
    backedUp: KeyringRecord,
    { isGenuine }: { readonly isGenuine: boolean },
  ): Promise<void> {
    const before = await keyrings.load();
    const isInUse = before !== undefined && before.root.unproven === undefined;
    if (isInUse && !isGenuine) return;
    const record = await newestOf(backedUp);
    if (isInUse) {
      if (!isLater(record, before)) return;
      // The copy was not opened yet.
      await keyring.openRecord(record);
    }
    await onLoss();
    if (!(await keyrings.save(record, before))) return;
    log.warn(
      { rootId: record.root.id, revision: record.revision },
      'the keyring of a backup was put in place',
    );
    // What was open here before belongs to a keyring that is gone.
    keyring.seal();
  }

  async function open(): Promise<boolean> {
    const { state } = await keyring.open();
    onChange();
    return state === 'open';
  }

  return {
    async orOpen(source) {
      try {
        return await source.open();
      } catch (error) {
        if (!hasCode(error, 'SEALED')) throw error;
        const header = await source.header();
        await adopt(header.keyring, { isGenuine: false });
        await open();
        throw sharesMissing(header, await keyrings.load(), error);
      }
    },
    async ifMissing(record) {
      await adopt(record, { isGenuine: true });
      if (!(await open())) throw stillSealed();
    },
  };
}

function sharesMissing(
  { keyring }: Pick<ArchiveHeader, 'keyring'>,
  here: KeyringRecord | undefined,
  cause: unknown,
): AppError {
  const { keyId } = keyring.root.wrapped;
  const set = keyId.slice(0, 8);
  if ([here?.root.wrapped.keyId, here?.root.pending?.keyId].includes(keyId))
    return new AppError('SEALED', `This backup opens with the shares of set ${set}`, {
      fix: 'Give enough of them (sealtrack unseal), then restore again.',
      cause,
    });
  return new AppError(
    'SEAL_BROKEN',
    `This backup opens with the shares of set ${set}, and the keyring here has others`,
    {
      fix: 'Restore it with a crypto server of its own, on an empty Redis: its keyring is put in place there, and takes those shares.',
      cause,
    },
  );
}

const stillSealed = () =>
  new AppError('SEALED', 'The backup is whole, and this crypto server is sealed', {
    fix: 'Give it enough shares (sealtrack unseal), then restore again.',
  });
