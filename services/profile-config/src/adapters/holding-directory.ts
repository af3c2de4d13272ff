import {
  type CertificateServiceClient,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { HoldingServiceClient } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { HoldingDirectory } from '../ports.ts';

/** Asks the crypto server. */
export function createHoldingDirectory(
  holding: Pick<HoldingServiceClient, 'ensureHoldingKey'>,
  certificates: Pick<CertificateServiceClient, 'getCertificate'>,
): HoldingDirectory {
  return {
    async isHeld(tenantId, certificateId) {
      try {
        const { certificate } = await certificates.getCertificate({ tenantId, certificateId });
        return certificate?.hasPrivateKey === true && certificate.deletion?.state !== Deletion_State.DELETED;
      } catch (error) {
        if (hasCode(error, 'CERTIFICATE_NOT_FOUND')) return false;
        throw error;
      }
    },
    async ensure(tenantId) {
      const { certificate } = await holding.ensureHoldingKey({ tenantId });
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
