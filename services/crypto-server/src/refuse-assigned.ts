import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { Assignments, CertificateUses } from './ports.ts';

const MAX_NAMED = 5;

/**
 * What is assigned may encrypt the next recording, however many there are now.
 * @throws AppError CERTIFICATE_IN_USE.
 */
export async function refuseAssigned(
  assignments: Assignments,
  { tenantId, certificateId, alias }: Certificate,
): Promise<void> {
  const uses = await assignments.usesOf(tenantId as TenantId, certificateId as CertificateId);
  const { profiles, holding } = uses;
  const named = profiles.slice(0, MAX_NAMED).join(', ');
  const of = describe(uses, tenantId, named);
  if (of === '') return;
  throw new AppError('CERTIFICATE_IN_USE', `New recordings of ${of} are encrypted to certificate ${alias}`, {
    fix: holding
      ? 'Keep it: the tenant needs a holding key, and there is no other.'
      : profiles.length > 0
        ? `Assign other certificates to them first: sealtrack profiles assign ${profiles[0]} <certificate-id>.`
        : 'Take it out of the screen recording certificates first.',
    details: { certificate_id: certificateId, ...(named === '' ? {} : { profiles: named }) },
  });
}

/** Empty when there is no use for it. */
const describe = ({ profiles, screen, holding }: CertificateUses, tenantId: string, named: string): string =>
  [
    profiles.length === 0
      ? []
      : [`${profiles.length} IVR profile${profiles.length === 1 ? '' : 's'} (${named})`],
    screen ? [`tenant ${tenantId}'s screens`] : [],
    holding ? [`tenant ${tenantId} for which no other certificate can be used`] : [],
  ]
    .flat()
    .join(', and of ');
