import type {
  AssignedCertificate as AssignedMessage,
  IvrProfile,
  ScreenSettings as ScreenMessage,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isPolicy } from '@sealtrack/ids/media-types';
import type { AssignedCertificate, MediaSettings, Profile, ScreenSettings } from '../api/profiles.ts';
import { textOrNull, timeOf, timeOrNull } from './times.ts';

type SettingsMessage = Pick<IvrProfile, 'policy' | 'certificates'>;

export const describeProfile = (profile: IvrProfile): Profile => ({
  ...{ profileId: profile.profileId, name: profile.name },
  suite: profile.suite === 'cms' ? 'cms' : 'pkcs7',
  ...{ revision: String(profile.revision), isDeleted: profile.deleted },
  voice: describeSettings(profile),
  screen: profile.screen === undefined ? null : describeSettings(profile.screen),
  digital: profile.digital === undefined ? null : describeSettings(profile.digital),
});

export const describeScreen = (settings: ScreenMessage | undefined): ScreenSettings => ({
  settings:
    settings === undefined ? null : { ...describeSettings(settings), revision: String(settings.revision) },
});

const describeSettings = ({ policy, certificates }: SettingsMessage): MediaSettings => ({
  // As services take one that is not there.
  policy: isPolicy(policy) ? policy : 'required',
  certificates: certificates.map(describeAssigned),
});

const describeAssigned = (certificate: AssignedMessage): AssignedCertificate => ({
  ...{ certificateId: certificate.certificateId, alias: certificate.alias },
  ...{ notBefore: timeOf(certificate.notBefore), notAfter: timeOf(certificate.notAfter) },
  isRevoked: certificate.revoked,
  ...{ replaces: textOrNull(certificate.replaces), useFrom: timeOrNull(certificate.useFrom) },
});
