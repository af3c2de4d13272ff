import type {
  CreateProfileRequest,
  CreateProfileResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isSuiteName, SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import type { Announcer, ProfileStore } from './ports.ts';

const MAX_NAME = 128;
const DEFAULT_SUITE: SuiteName = 'pkcs7';

/** ProfileService.CreateProfile: a profile without certificates, whose recordings are refused until it has one. */
export function createCreateProfile(profiles: ProfileStore, announcer: Announcer) {
  return async (request: CreateProfileRequest): Promise<CreateProfileResponse> => {
    const profile = await profiles.create({
      tenantId: parseTenantId(request.tenantId),
      profileId: parseProfileId(request.profileId),
      name: parseLine('name', request.name, { min: 1, max: MAX_NAME }),
      suite: parseSuite(request.suite),
      certificates: [],
      revision: 0n,
    });
    await announcer.profileChanged(profile);
    return { profile };
  };
}

function parseSuite(suite: string): SuiteName {
  const chosen = suite === '' ? DEFAULT_SUITE : suite;
  if (isSuiteName(chosen)) return chosen;
  throw new AppError('INVALID_ARGUMENT', 'suite is not one that recordings can be sealed with', {
    fix: `Give one of: ${SUITE_NAMES.join(', ')}.`,
    details: { field: 'suite' },
  });
}
