import type {
  GetCertificateRequest,
  GetCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyId } from '@sealtrack/ids/ids';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { Certificates, PrivateKeys } from './ports.ts';

/** CertificateService.GetCertificate. `has_private_key` is looked up, not remembered. */
export function createGetCertificate(certificates: Certificates, privateKeys: PrivateKeys) {
  return async (request: GetCertificateRequest): Promise<GetCertificateResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateId = parseCertificateId(request.certificateId);
    const certificate = await certificates.get(tenantId, certificateId);
    if (certificate === undefined)
      throw new AppError('CERTIFICATE_NOT_FOUND', `There is no certificate ${certificateId}`, {
        fix: 'See which there are: sealtrack certificates list. Add one: sealtrack certificates import.',
        details: { certificate_id: certificateId },
      });
    const hasPrivateKey = await privateKeys.has(tenantId, certificate.keyId as KeyId);
    return { certificate: { ...certificate, hasPrivateKey } };
  };
}
