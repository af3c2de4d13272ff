import type {
  GetRolloutRequest,
  GetRolloutResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import { rolloutOf } from './domain/rollout.ts';
import type { Clock, EncryptorStatuses, PushedEntries } from './ports.ts';

/** ProfileService.GetRollout. */
export function createGetRollout(pushed: PushedEntries, encryptors: EncryptorStatuses, now: Clock) {
  return async (request: GetRolloutRequest): Promise<GetRolloutResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const profileId = request.profileId === '' ? undefined : parseProfileId(request.profileId);
    const key =
      profileId === undefined ? SUBJECTS.screenKey(tenantId) : SUBJECTS.profileKey(tenantId, profileId);
    const revision = await pushed.revisionOf(key);
    if (revision === undefined) throw profileId === undefined ? noScreenSettings() : notFound(profileId);
    // Read after the entry: nobody who runs it already looks as if he did not.
    return { revision, encryptors: rolloutOf({ key, revision }, await encryptors.list(), now()) };
  };
}

const notFound = (profileId: string) =>
  new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${profileId}`, {
    fix: 'See which there are: sealtrack profiles list.',
    details: { profile_id: profileId },
  });

const noScreenSettings = () =>
  new AppError('PROFILE_NOT_FOUND', 'There are no settings for screen recordings', {
    fix: "Screen recordings go by their IVR profile's certificates until there are: look at the rollout of that.",
  });
