import type {
  AssignCertificatesRequest,
  AssignCertificatesResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import { profileToChange } from './change-profile.ts';
import { assign, parseCertificateIds } from './domain/assign.ts';
import { parseMediaType } from './domain/parse-settings.ts';
import { settingsOf, withSettings } from './domain/profile.ts';
import type { Announcer, CertificateDirectory, ProfileStore } from './ports.ts';
import { readCertificates } from './read-certificates.ts';

/**
 * ProfileService.AssignCertificates. Nothing changes unless every certificate can be opened by a crypto server; then
 * all of them change at once.
 */
export function createAssignCertificates(
  profiles: Pick<ProfileStore, 'get' | 'update'>,
  certificates: CertificateDirectory,
  announcer: Pick<Announcer, 'profileChanged'>,
) {
  return async (request: AssignCertificatesRequest): Promise<AssignCertificatesResponse> => {
    const mediaType = parseMediaType(request.mediaType);
    const ids = parseCertificateIds(request.certificateIds);
    if (request.none !== (ids.length === 0)) throw noneOrSome(request.none);
    const current = await profileToChange(profiles, request);
    // The policy of settings that begin here is the one that encrypts, whatever that of the profile is.
    const before = settingsOf(current, mediaType) ?? { certificates: [], policy: 'required' };
    const read = await readCertificates(
      certificates,
      parseTenantId(request.tenantId),
      ids,
      before.certificates,
    );
    const settings = { ...before, certificates: assign(before.certificates, read, request.successions) };
    const profile = await profiles.update(withSettings(current, mediaType, settings));
    await announcer.profileChanged(profile);
    return { profile };
  };
}

const noneOrSome = (none: boolean) =>
  new AppError(
    'INVALID_ARGUMENT',
    none ? 'None are to be assigned, and some are given' : 'No certificate is given',
    {
      fix: 'Give certificates, or say that there are to be none: its policy then says what happens to recordings.',
      details: { field: 'certificate_ids' },
    },
  );
