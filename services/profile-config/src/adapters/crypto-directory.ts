import type { CertificateServiceClient } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateDirectory } from '../ports.ts';

/** Nothing, or its dates: those are for the encryptor to look at, at the time of each recording. */
const MAY_BE_ASSIGNED = ['', 'not-yet-valid', 'expired'];

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
      if (certificate.holding)
        throw new AppError('CERTIFICATE_UNUSABLE', `Certificate ${certificateId} is a holding key`, {
          fix: 'Assign another one: it is for recordings that have no certificate, until they have one.',
          details: { certificate_id: certificateId, problem: 'holding' },
        });
      if (!MAY_BE_ASSIGNED.includes(certificate.problem))
        throw new AppError(
          'CERTIFICATE_UNUSABLE',
          `Certificate ${certificateId} cannot encrypt recordings: ${certificate.problemText}`,
          {
            fix: 'Import and assign another one. See what is wrong with this one: sealtrack certificates show.',
            details: { certificate_id: certificateId, problem: certificate.problem },
          },
        );
      const { keyId, alias, der, notBefore, notAfter, chain } = certificate;
      const fromTheFirst = { replaces: '', useFrom: undefined, revoked: false };
      return { certificateId, keyId, alias, der, notBefore, notAfter, chain, ...fromTheFirst };
    },
  };
}
