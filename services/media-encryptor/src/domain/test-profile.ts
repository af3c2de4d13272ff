import type { CertificateId, ProfileId } from '@sealtrack/ids/ids';
import type { MediaSettings, Profile, ProfileCertificate, ProfileInForce } from './profile.ts';

/** What the tests here share. */

export interface Validity {
  readonly from?: string;
  readonly to?: string;
  readonly useFrom?: string;
  readonly replaces?: string;
}

export const certificate = (name: string, validity: Validity = {}): ProfileCertificate => {
  const { from = '2020-01-01', to = '2040-01-01', useFrom, replaces } = validity;
  return {
    certificateId: name as CertificateId,
    notBefore: new Date(from),
    ...(useFrom === undefined ? {} : { useFrom: new Date(useFrom) }),
    ...(replaces === undefined ? {} : { replaces: replaces as CertificateId }),
    problemAt: (now) => {
      if (now < new Date(from)) return 'not-yet-valid';
      return now > new Date(to) ? 'expired' : undefined;
    },
    recipient: { issuerAndSerial: Buffer.from(name) } as ProfileCertificate['recipient'],
  };
};

export const settings = (
  policy: MediaSettings['policy'],
  ...certificates: ProfileCertificate[]
): MediaSettings => ({ policy, certificates });

export const inForce = (
  forVoice: MediaSettings,
  over: Partial<Omit<ProfileInForce, 'profile'>> & Partial<Pick<Profile, 'own' | 'unusable'>> = {},
): ProfileInForce => ({
  profile: {
    profileId: '101' as ProfileId,
    suite: 'pkcs7',
    settings: forVoice,
    own: over.own ?? {},
    unusable: over.unusable,
    revision: 1,
  },
  screen: over.screen,
  holding: 'holding' in over ? over.holding : certificate('holding'),
});
