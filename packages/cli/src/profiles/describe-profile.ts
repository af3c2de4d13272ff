import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { MEDIA_TYPES, type MediaType } from '@sealtrack/ids/media-types';
import { printable } from '../output.ts';
import { describeSettings, settingsView } from './describe-settings.ts';

/** The same facts for programs. */
export const toView = (profile: IvrProfile) => {
  const { profileId, name, suite, revision, deleted, screen, digital } = profile;
  return {
    ...{ profileId, name, suite, revision, deleted },
    ...settingsView(profile),
    screen: screen === undefined ? null : settingsView(screen),
    digital: digital === undefined ? null : settingsView(digital),
  };
};

/** Undefined for a media type that it has no settings of its own for. */
export const settingsOf = (profile: IvrProfile, mediaType: MediaType) =>
  mediaType === 'voice' ? profile : profile[mediaType];

/** "IVR profile 101, Sales". */
export const nameOf = ({ profileId, name }: IvrProfile): string =>
  `IVR profile ${profileId}, ${printable(name)}`;

/** "Recordings", "Screen recordings". */
export const recordingsOf = (mediaType: MediaType): string =>
  mediaType === 'voice' ? 'Recordings' : mediaType === 'screen' ? 'Screen recordings' : 'Digital recordings';

const OTHERWISE = {
  voice: '',
  screen:
    "as the tenant's screen certificates, where there are any (sealtrack screen-certificates show), or as voice",
  digital: 'as voice',
} as const;

/** Everything about it, a line each. */
export function describeProfile(profile: IvrProfile, now: Date): string {
  const rows: (readonly [string, string])[] = [
    ['profile', profile.profileId],
    ['name', printable(profile.name)],
    ['revision', String(profile.revision)],
    ['suite', profile.suite],
  ];
  if (profile.deleted)
    rows.push(['deleted', 'recordings that still arrive for it are sealed to the holding key']);
  else
    for (const mediaType of MEDIA_TYPES) {
      const settings = settingsOf(profile, mediaType);
      const lines = settings === undefined ? [OTHERWISE[mediaType]] : describeSettings(settings, now);
      rows.push(...lines.map((line, at) => [at === 0 ? mediaType : '', line] as const));
    }
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}`.trimEnd()).join('\n');
}
