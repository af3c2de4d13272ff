import { parseCertificate } from '@sealtrack/certificates/certificate';
import type {
  AssignCertificatesRequest,
  AssignCertificatesResponse,
  AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import type { Announcer, CertificateDirectory, ProfileStore } from './ports.ts';

// Each costs every recording one RSA operation and its envelope some hundred bytes.
const MAX_CERTIFICATES = 16;

/**
 * ProfileService.AssignCertificates. Nothing changes unless every certificate can be opened by a crypto server; then
 * all of them change at once.
 */
export function createAssignCertificates(
  profiles: ProfileStore,
  certificates: CertificateDirectory,
  announcer: Announcer,
) {
  return async (request: AssignCertificatesRequest): Promise<AssignCertificatesResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const profileId = parseProfileId(request.profileId);
    const ids = [...new Set(request.certificateIds.map(parseCertificateId))];
    if (ids.length === 0 || ids.length > MAX_CERTIFICATES) throw wrongCount(ids.length);
    const current = await profiles.get(tenantId, profileId);
    if (request.expectedRevision !== 0n && request.expectedRevision !== current.revision)
      throw conflict(current);
    const assigned = await Promise.all(ids.map((id) => certificates.get(tenantId, id)));
    refuseAlike(assigned);
    const profile = await profiles.update({ ...current, certificates: assigned });
    await announcer.profileChanged(profile);
    return { profile };
  };
}

/** An envelope names its recipients by these two alone (RFC 5652, 10.2.4), whatever their keys are. */
function refuseAlike(assigned: readonly AssignedCertificate[]): void {
  const names = assigned.map(({ der }) => {
    const { issuer, serialNumber } = parseCertificate(der);
    return `${issuer}\n${serialNumber}`;
  });
  if (new Set(names).size === names.length) return;
  throw new AppError('INVALID_ARGUMENT', 'Two of the certificates have the same issuer and serial number', {
    fix: 'Assign one of them, or have the other issued anew with a serial number of its own.',
    details: { field: 'certificate_ids' },
  });
}

const wrongCount = (count: number) =>
  new AppError('INVALID_ARGUMENT', `${count} certificates cannot be assigned`, {
    fix: `Give 1 to ${MAX_CERTIFICATES} certificates. Taking the last one away would leave recordings refused.`,
    details: { field: 'certificate_ids' },
  });

const conflict = ({ profileId, revision }: IvrProfile) =>
  new AppError('PROFILE_CONFLICT', `IVR profile ${profileId} was changed by somebody else`, {
    fix: 'Read the profile again, and make the change on what it is now.',
    details: { profile_id: profileId, revision: String(revision) },
  });
