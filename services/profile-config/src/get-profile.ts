import type {
  GetProfileRequest,
  GetProfileResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import type { ProfileStore } from './ports.ts';

/** ProfileService.GetProfile. */
export function createGetProfile(profiles: ProfileStore) {
  return async (request: GetProfileRequest): Promise<GetProfileResponse> => ({
    profile: await profiles.get(parseTenantId(request.tenantId), parseProfileId(request.profileId)),
  });
}
