import type { CertificateServiceClient } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateDirectory } from '../ports.ts';

/** Asks the crypto server. */
export function createCryptoDirectory(
  crypto: Pick<CertificateServiceClient, 'getCertificate'>,
): CertificateDirectory {
  return {
    async get(tenantId, certificateId) {
      const { certificate } = await crypto.getCertificate({ tenantId, certificateId });
      if (certificate?.hasPrivateKey !== true)
        throw new AppError(
          'KEY_NOT_HELD',
          `No crypto server holds the private key of certificate ${certificateId}`,
          {
            fix: 'Import the certificate together with its private key: sealtrack certificates import.',
            details: { certificate_id: certificateId },
          },
        );
      const { keyId, alias, der, notBefore, notAfter, chain } = certificate;
      return { certificateId, keyId, alias, der, notBefore, notAfter, chain };
    },
  };
}
