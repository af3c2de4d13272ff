import {
  type CreateProfileRequest,
  type CreateProfileResponse,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import { parseName, parsePolicy, parseSuite } from './domain/parse-settings.ts';
import type { Announcer, EnsureHoldingKey, ProfileStore } from './ports.ts';

/**
 * ProfileService.CreateProfile: a profile without certificates, also in place of one that was deleted. With the policy
 * "required" its recordings are sealed to the holding key until it has one.
 */
export function createCreateProfile(
  profiles: Pick<ProfileStore, 'find' | 'create' | 'update'>,
  announcer: Pick<Announcer, 'profileChanged'>,
  ensureHoldingKey: EnsureHoldingKey,
) {
  return async (request: CreateProfileRequest): Promise<CreateProfileResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const profileId = parseProfileId(request.profileId);
    const wanted = IvrProfile.fromPartial({
      ...{ tenantId, profileId },
      name: parseName(request.name),
      suite: parseSuite(request.suite),
      policy: parsePolicy(request.policy),
    });
    await ensureHoldingKey(tenantId);
    const before = await profiles.find(tenantId, profileId);
    const profile = before?.deleted
      ? await profiles.update({ ...wanted, revision: before.revision })
      : await profiles.create(wanted);
    await announcer.profileChanged(profile);
    return { profile };
  };
}
