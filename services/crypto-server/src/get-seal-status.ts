import type { GetSealStatusResponse } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import { toSealStatus } from './seal-status.ts';

/** SealService.GetSealStatus. */
export function createGetSealStatus(keyring: Pick<Keyring, 'status'>) {
  return async (): Promise<GetSealStatusResponse> => ({ status: toSealStatus(keyring.status()) });
}
