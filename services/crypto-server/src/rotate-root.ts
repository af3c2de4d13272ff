import type { RotateRootResponse } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { toSealStatus } from './seal-status.ts';

/** SealService.RotateRoot. */
export function createRotateRoot(keyring: Pick<Keyring, 'rotateRoot'>, log: Log) {
  return async (): Promise<RotateRootResponse> => {
    const status = await keyring.rotateRoot();
    log.info({ rootId: status.rootId }, 'the root key was exchanged');
    return { status: toSealStatus(status) };
  };
}
