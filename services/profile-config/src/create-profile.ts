import type {
  CreateProfileRequest,
  CreateProfileResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import type { Announcer, ProfileStore } from './ports.ts';

const MAX_NAME = 128;
const SUITES = ['pkcs7'];

/** ProfileService.CreateProfile: a profile without certificates, whose recordings are refused until it has one. */
export function createCreateProfile(profiles: ProfileStore, announcer: Announcer) {
  return async (request: CreateProfileRequest): Promise<CreateProfileResponse> => {
    const profile = await profiles.create({
      tenantId: parseTenantId(request.tenantId),
      profileId: parseProfileId(request.profileId),
      name: parseName(request.name),
      suite: parseSuite(request.suite),
      certificates: [],
      revision: 0n,
    });
    await announcer.profileChanged(profile);
    return { profile };
  };
}

function parseName(name: string): string {
  if (name.length > 0 && name.length <= MAX_NAME) return name;
  throw new AppError('INVALID_ARGUMENT', `name ${name === '' ? 'is missing' : 'is too long'}`, {
    fix: `Give the profile a name of 1 to ${MAX_NAME} characters.`,
    details: { field: 'name' },
  });
}

function parseSuite(suite: string): string {
  const chosen = suite === '' ? 'pkcs7' : suite;
  if (SUITES.includes(chosen)) return chosen;
  throw new AppError('INVALID_ARGUMENT', 'suite is not one that recordings can be sealed with', {
    fix: `Give one of: ${SUITES.join(', ')}.`,
    details: { field: 'suite' },
  });
}
