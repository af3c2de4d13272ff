import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import type { ProfileStore } from './ports.ts';

interface ChangeRequest {
  readonly tenantId: string;
  readonly profileId: string;
  readonly expectedRevision: bigint;
}

/**
 * The profile that a change is asked for. Throws PROFILE_NOT_FOUND, also for one that was deleted, and PROFILE_CONFLICT
 * when it is not what the change was made from.
 */
export async function profileToChange(
  profiles: Pick<ProfileStore, 'get'>,
  request: ChangeRequest,
): Promise<IvrProfile> {
  const profile = await profiles.get(parseTenantId(request.tenantId), parseProfileId(request.profileId));
  if (profile.deleted) throw wasDeleted(profile);
  refuseOther(profile, request.expectedRevision);
  return profile;
}

/** 0 takes whatever is there. */
export function refuseOther(profile: IvrProfile, expectedRevision: bigint): void {
  if (expectedRevision !== 0n && expectedRevision !== profile.revision) throw conflict(profile);
}

const wasDeleted = ({ profileId }: IvrProfile) =>
  new AppError('PROFILE_NOT_FOUND', `IVR profile ${profileId} was deleted`, {
    fix: `Create it again: sealtrack profiles create ${profileId} --name <name>.`,
    details: { profile_id: profileId },
  });

const conflict = ({ profileId, revision }: IvrProfile) =>
  new AppError('PROFILE_CONFLICT', `IVR profile ${profileId} was changed by somebody else`, {
    fix: `See what it is now (sealtrack profiles show ${profileId}), and make the change on that.`,
    details: { profile_id: profileId, revision: String(revision) },
  });
