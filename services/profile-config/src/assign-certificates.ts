import type {
  AssignCertificatesRequest,
  AssignCertificatesResponse,
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
    const profile = await profiles.update({ ...current, certificates: assigned });
    await announcer.profileChanged(profile);
    return { profile };
  };
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
