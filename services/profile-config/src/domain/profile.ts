import {
  IvrProfile,
  type MediaSettings,
  type ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isPolicy, type MediaType, type Policy } from '@sealtrack/ids/media-types';

/** As older versions wrote it, and whatever else is in an entry: what is no policy encrypts. */
const toPolicy = (policy: string): Policy => (isPolicy(policy) ? policy : 'required');

const normalSettings = (settings: MediaSettings): MediaSettings => ({
  ...settings,
  policy: toPolicy(settings.policy),
});

export const normalProfile = (profile: IvrProfile): IvrProfile => ({
  ...profile,
  policy: toPolicy(profile.policy),
  screen: profile.screen && normalSettings(profile.screen),
  digital: profile.digital && normalSettings(profile.digital),
});

export const normalScreenSettings = (settings: ScreenSettings): ScreenSettings => ({
  ...settings,
  policy: toPolicy(settings.policy),
});

/** Undefined for a media type that the profile has no settings of its own for. */
export function settingsOf(profile: IvrProfile, mediaType: MediaType): MediaSettings | undefined {
  if (mediaType !== 'voice') return profile[mediaType];
  const { certificates, policy } = profile;
  return { certificates, policy };
}

export const withSettings = (
  profile: IvrProfile,
  mediaType: MediaType,
  settings: MediaSettings,
): IvrProfile => ({ ...profile, ...(mediaType === 'voice' ? settings : { [mediaType]: settings }) });

/**
 * What is in force for a media type: what the profile has of its own, or else, for screen, the tenant's settings, or
 * else what it has for voice.
 */
export function settingsInForce(
  profile: IvrProfile,
  mediaType: MediaType,
  screen: ScreenSettings | undefined,
): MediaSettings {
  const own = settingsOf(profile, mediaType);
  if (own !== undefined) return own;
  const { certificates, policy } = (mediaType === 'screen' ? screen : undefined) ?? profile;
  return { certificates, policy };
}

/** It keeps what people know it by, and nothing that recordings could be encrypted to. */
export const asDeleted = ({ tenantId, profileId, name, suite, revision }: IvrProfile): IvrProfile => ({
  ...IvrProfile.fromPartial({ tenantId, profileId, name, suite, policy: 'required', deleted: true }),
  revision,
});
