import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { Assignments } from './ports.ts';

const MAX_NAMED = 5;

/**
 * What is assigned may encrypt the next recording, however many there are now.
 * @throws AppError CERTIFICATE_IN_USE.
 */
export async function refuseAssigned(
  assignments: Assignments,
  { tenantId, certificateId, alias }: Certificate,
): Promise<void> {
  const profiles = await assignments.profilesOf(tenantId as TenantId, certificateId as CertificateId);
  if (profiles.length === 0) return;
  const named = profiles.slice(0, MAX_NAMED).join(', ');
  throw new AppError(
    'CERTIFICATE_IN_USE',
    `New recordings of ${profiles.length} IVR profiles (${named}) are encrypted to certificate ${alias}`,
    {
      fix: `Assign other certificates to them first: sealtrack profiles assign ${profiles[0]} <certificate-id>.`,
      details: { certificate_id: certificateId, profiles: named },
    },
  );
}
