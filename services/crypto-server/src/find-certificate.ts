import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { Certificates } from './ports.ts';

/** @throws AppError CERTIFICATE_NOT_FOUND. */
export async function findCertificate(
  certificates: Pick<Certificates, 'get'>,
  tenantId: TenantId,
  certificateId: CertificateId,
): Promise<Certificate> {
  const certificate = await certificates.get(tenantId, certificateId);
  if (certificate !== undefined) return certificate;
  throw new AppError('CERTIFICATE_NOT_FOUND', `There is no certificate ${certificateId}`, {
    fix: 'See which there are: sealtrack certificates list. Add one: sealtrack certificates import.',
    details: { certificate_id: certificateId },
  });
}
