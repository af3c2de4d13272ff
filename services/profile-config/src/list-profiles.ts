import type {
  ListProfilesRequest,
  ListProfilesResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { ProfileStore } from './ports.ts';

/** ProfileService.ListProfiles. */
export function createListProfiles(profiles: ProfileStore) {
  return async (request: ListProfilesRequest): Promise<ListProfilesResponse> => ({
    profiles: [...(await profiles.list(parseTenantId(request.tenantId)))],
  });
}
