import type {
  GetCertificateRequest,
  GetCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { KeyId } from '@sealtrack/ids/ids';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import { findCertificate } from './find-certificate.ts';
import type { Certificates, JudgeCertificate, PrivateKeys } from './ports.ts';

/** CertificateService.GetCertificate. What may have changed since the import is looked up, not remembered. */
export function createGetCertificate(
  certificates: Pick<Certificates, 'get'>,
  privateKeys: Pick<PrivateKeys, 'has'>,
  judge: JudgeCertificate,
) {
  return async (request: GetCertificateRequest): Promise<GetCertificateResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateId = parseCertificateId(request.certificateId);
    const certificate = await findCertificate(certificates, tenantId, certificateId);
    const hasPrivateKey = await privateKeys.has(tenantId, certificate.keyId as KeyId);
    return { certificate: { ...certificate, ...judge(certificate), hasPrivateKey } };
  };
}
