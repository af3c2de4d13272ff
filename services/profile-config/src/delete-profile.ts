import type {
  DeleteProfileRequest,
  DeleteProfileResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import { refuseOther } from './change-profile.ts';
import { asDeleted } from './domain/profile.ts';
import type { Announcer, ProfileStore } from './ports.ts';

/** ProfileService.DeleteProfile. One that is deleted already stays as it is. */
export function createDeleteProfile(
  profiles: Pick<ProfileStore, 'get' | 'update'>,
  announcer: Pick<Announcer, 'profileChanged'>,
) {
  return async (request: DeleteProfileRequest): Promise<DeleteProfileResponse> => {
    const current = await profiles.get(parseTenantId(request.tenantId), parseProfileId(request.profileId));
    if (current.deleted) return { profile: current };
    refuseOther(current, request.expectedRevision);
    const profile = await profiles.update(asDeleted(current));
    await announcer.profileChanged(profile);
    return { profile };
  };
}
