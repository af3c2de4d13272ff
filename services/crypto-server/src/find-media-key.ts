import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { FindHeldKey } from './find-held-key.ts';
import type { FindMediaKey } from './key-use.ts';

export interface FindMediaKeyDeps {
  readonly findHeldKey: FindHeldKey;
  /** Undefined where there is no way to other crypto servers, as in plaintext. */
  readonly askHolders?: FindMediaKey | undefined;
}

/** What is held here is used here; other crypto servers are asked for what is not, and for what does not open here. */
export function createFindMediaKey({ findHeldKey, askHolders }: FindMediaKeyDeps): FindMediaKey {
  return async (use, envelope, certificateIds) => {
    const { tenantId, caller } = use;
    try {
      return await findHeldKey(tenantId, envelope, certificateIds, caller.signal);
    } catch (error) {
      if (askHolders === undefined || !isWithoutKey(error)) throw error;
      return await askHolders(use, envelope, certificateIds).catch((elsewhere: unknown) => {
        // That a key is broken here says more than that nobody else has it.
        throw hasCode(elsewhere, 'KEY_NOT_HELD') && !hasCode(error, 'KEY_NOT_HELD') ? error : elsewhere;
      });
    }
  };
}

const isWithoutKey = (error: unknown): error is AppError =>
  error instanceof AppError &&
  (['KEY_NOT_HELD', 'SEAL_BROKEN', 'CERTIFICATE_DELETED'] as const).some((code) => hasCode(error, code));
