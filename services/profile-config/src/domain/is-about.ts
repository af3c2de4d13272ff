import type {
  AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';

/** Whether a search for this text, in lower case, finds the profile. Everything is found by the empty one. */
export function isAbout(profile: IvrProfile, text: string): boolean {
  const { profileId, name, certificates, screen, digital } = profile;
  if (profileId.includes(text) || name.toLowerCase().includes(text)) return true;
  const has = ({ certificateId, alias }: AssignedCertificate): boolean =>
    certificateId.includes(text) || alias.toLowerCase().includes(text);
  return [certificates, screen?.certificates ?? [], digital?.certificates ?? []].some((list) =>
    list.some(has),
  );
}
