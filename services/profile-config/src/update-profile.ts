import type {
  IvrProfile,
  UpdateProfileRequest,
  UpdateProfileResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType } from '@sealtrack/ids/media-types';
import { parseTenantId } from '@sealtrack/ids/parse';
import { profileToChange } from './change-profile.ts';
import { parseMediaType, parseName, parsePolicy, parseSuite } from './domain/parse-settings.ts';
import { settingsInForce, withSettings } from './domain/profile.ts';
import type { Announcer, ProfileStore, ScreenSettingsStore } from './ports.ts';

/**
 * ProfileService.UpdateProfile. Settings of its own that begin with a policy begin with the certificates that were in
 * force until then: a policy alone takes nobody's certificates away.
 */
export function createUpdateProfile(
  profiles: Pick<ProfileStore, 'get' | 'update'>,
  screenSettings: Pick<ScreenSettingsStore, 'find'>,
  announcer: Pick<Announcer, 'profileChanged'>,
) {
  return async (request: UpdateProfileRequest): Promise<UpdateProfileResponse> => {
    const change = parseChange(request);
    const current = await profileToChange(profiles, request);
    const screen =
      change.mediaType === 'screen' && change.policy !== undefined
        ? await screenSettings.find(parseTenantId(request.tenantId))
        : undefined;
    const named = { ...current, ...change.named };
    const profile = await profiles.update(withPolicy(named, change, screen));
    await announcer.profileChanged(profile);
    return { profile };
  };
}

type Change = ReturnType<typeof parseChange>;

function parseChange({ name, suite, policy, mediaType, noOwnSettings }: UpdateProfileRequest) {
  const of: MediaType = parseMediaType(mediaType);
  if (noOwnSettings && of === 'voice')
    throw wrong('no_own_settings', 'Voice always has settings of its own', 'Give screen or digital.');
  if (noOwnSettings && policy !== undefined)
    throw wrong('policy', 'Settings that are taken away have no policy', 'Give one or the other.');
  if (name === undefined && suite === undefined && policy === undefined && !noOwnSettings)
    throw wrong('name', 'Nothing is to be changed', 'Give a name, a suite or a policy.');
  return {
    named: {
      ...(name === undefined ? {} : { name: parseName(name) }),
      ...(suite === undefined ? {} : { suite: parseSuite(suite) }),
    },
    mediaType: of,
    policy: policy === undefined ? undefined : parsePolicy(policy),
    noOwnSettings,
  };
}

function withPolicy(
  profile: IvrProfile,
  { mediaType, policy, noOwnSettings }: Change,
  screen: Parameters<typeof settingsInForce>[2],
): IvrProfile {
  if (noOwnSettings) return { ...profile, [mediaType]: undefined };
  if (policy === undefined) return profile;
  return withSettings(profile, mediaType, { ...settingsInForce(profile, mediaType, screen), policy });
}

const wrong = (field: string, message: string, fix: string) =>
  new AppError('INVALID_ARGUMENT', message, { fix, details: { field } });
