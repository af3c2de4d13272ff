import type { UnsealRequest, UnsealResponse } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { toSealStatus } from './seal-status.ts';

/** SealService.Unseal: one share. The one that completes the threshold opens the keyring. */
export function createUnseal(keyring: Pick<Keyring, 'giveShare'>, onChange: () => void, log: Log) {
  return async ({ share }: UnsealRequest): Promise<UnsealResponse> => {
    try {
      const status = await keyring.giveShare(share);
      log.info({ state: status.state, given: status.shares?.given }, 'a share was given');
      return { status: toSealStatus(status) };
    } finally {
      share.fill(0);
      onChange();
    }
  };
}
