import type { HoldingServiceClient } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { AppError } from '@sealtrack/errors/app-error';
import type { HoldingDirectory } from '../ports.ts';

/** Asks the crypto server. */
export function createHoldingDirectory(
  crypto: Pick<HoldingServiceClient, 'ensureHoldingKey'>,
): HoldingDirectory {
  return {
    async ensure(tenantId) {
      const { certificate } = await crypto.ensureHoldingKey({ tenantId });
      if (certificate === undefined || certificate.der.length === 0)
        throw new AppError('INTERNAL', 'The crypto server answered without a holding key', {
          fix: 'Check that it is of the same version as profile-config, and look at its log.',
        });
      const { certificateId, keyId, alias, der, notBefore, notAfter } = certificate;
      const asAssigned = { chain: [], replaces: '', useFrom: undefined, revoked: false };
      return { certificateId, keyId, alias, der, notBefore, notAfter, ...asAssigned };
    },
  };
}
