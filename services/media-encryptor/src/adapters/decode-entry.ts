import {
  type AssignedCertificate,
  HoldingKey,
  IvrProfile,
  type MediaSettings as MediaSettingsOnWire,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { isSuiteName, SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { isProfileId, type ProfileId } from '@sealtrack/ids/ids';
import { isPolicy } from '@sealtrack/ids/media-types';
import type { MediaSettings, Profile, ProfileCertificate } from '../domain/profile.ts';
import type { Contents, ProfileEntry, Refusal, ReviewedCertificate } from '../domain/profile-entry.ts';

/** What entries are made of: domain/profile-certificate.ts. */
export interface Certificates {
  assigned(certificate: AssignedCertificate): ReviewedCertificate;
  holding(certificate: AssignedCertificate): ProfileCertificate;
}

interface RawEntry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
}

/** What an entry means when nothing else can be made of it: recordings are held, and nothing is in clear because of it. */
const DEFAULT_SUITE: SuiteName = 'pkcs7';

/** An entry of the bucket `profiles`. What is wrong with it is in its contents: nothing throws. */
export function profileEntry(raw: RawEntry, certificates: Certificates): ProfileEntry {
  let contents: Contents | undefined;
  return {
    key: raw.key,
    revision: raw.revision,
    value: raw.value,
    contents: () => {
      contents ??= decode(raw, certificates);
      return contents;
    },
  };
}

function decode(raw: RawEntry, certificates: Certificates): Contents {
  const [tenantId = '', name = ''] = raw.key.split('.', 2);
  const reader = createReader(certificates);
  const readOr = <T>(read: (json: unknown) => T, otherwise: T): T => {
    try {
      return read(JSON.parse(Buffer.from(raw.value).toString()));
    } catch (error) {
      reader.refuse(error);
      return otherwise;
    }
  };
  switch (raw.key) {
    case SUBJECTS.screenKey(tenantId): {
      const closed: MediaSettings = { policy: 'required', certificates: [] };
      const screen = readOr((json) => reader.settings(ScreenSettings.fromJSON(json)), closed);
      return { screen, ...reader.told() };
    }
    case SUBJECTS.holdingKey(tenantId): {
      const holding = readOr((json) => reader.holding(HoldingKey.fromJSON(json)), undefined);
      return { ...(holding === undefined ? {} : { holding }), ...reader.told() };
    }
    default: {
      if (!isProfileId(name) || raw.key !== SUBJECTS.profileKey(tenantId, name)) {
        reader.refuse(unknownKey(raw.key));
        return reader.told();
      }
      const refused: Profile = { ...nothing(name, raw.revision), unusable: 'profile-refused' };
      const profile = readOr(
        (json) => toProfile(IvrProfile.fromJSON(json), name, raw.revision, reader),
        refused,
      );
      return { profile, ...reader.told() };
    }
  }
}

const nothing = (profileId: ProfileId, revision: number): Profile => ({
  profileId,
  suite: DEFAULT_SUITE,
  settings: { policy: 'required', certificates: [] },
  own: {},
  revision,
});

function toProfile(wire: IvrProfile, profileId: ProfileId, revision: number, reader: Reader): Profile {
  if (wire.profileId !== profileId) throw unknownKey(`that of profile ${wire.profileId}`);
  if (wire.deleted) return { ...nothing(profileId, revision), unusable: 'profile-deleted' };
  if (!isSuiteName(wire.suite)) throw unknownSuite(wire);
  return {
    profileId,
    suite: wire.suite,
    settings: reader.settings(wire),
    own: {
      ...(wire.screen === undefined ? {} : { screen: reader.settings(wire.screen) }),
      ...(wire.digital === undefined ? {} : { digital: reader.settings(wire.digital) }),
    },
    revision,
  };
}

type Reader = ReturnType<typeof createReader>;

/** Reads the parts of one entry, and keeps what there is to say of them. */
function createReader(certificates: Certificates) {
  const found: ReviewedCertificate[] = [];
  const refused: (Refusal & { certificateId?: string })[] = [];
  const refuse = (error: unknown, certificateId?: string): void => {
    refused.push({ ...toRefusal(error), ...(certificateId === undefined ? {} : { certificateId }) });
  };
  const assigned = (wire: AssignedCertificate): ReviewedCertificate[] => {
    try {
      const certificate = certificates.assigned(wire);
      found.push(certificate);
      return [certificate];
    } catch (error) {
      if (!hasCode(error, 'CERTIFICATE_WEAK')) throw error;
      // The others are none the worse for it.
      refuse(error, wire.certificateId);
      return [];
    }
  };
  return {
    refuse,
    settings: (wire: Pick<MediaSettingsOnWire, 'certificates' | 'policy'>): MediaSettings => ({
      policy: isPolicy(wire.policy) ? wire.policy : 'required',
      certificates: wire.certificates.flatMap(assigned),
    }),
    holding: ({ certificate }: HoldingKey): ProfileCertificate => {
      if (certificate === undefined) throw new Error('There is no certificate in it');
      return certificates.holding(certificate);
    },
    /** Of an entry that is refused as a whole, its certificates are of no interest. */
    told: (): Pick<Contents, 'certificates' | 'refused'> => {
      const isWhole = refused.some(({ certificateId }) => certificateId === undefined);
      return { certificates: isWhole ? [] : found, refused };
    },
  };
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof AppError) return { reason: error.code, message: error.message, nextStep: error.fix };
  return {
    reason: 'INVALID_ARGUMENT',
    message: 'The entry cannot be read',
    nextStep: 'Save it again, or upgrade media-encryptor if a newer version of profile-config saved it.',
  };
}

const unknownKey = (key: string): AppError =>
  new AppError('INVALID_ARGUMENT', `The entry is under a key that is not its own: ${key}`, {
    fix: 'Delete it from the bucket, and save what it was meant to be through profile-config.',
  });

const unknownSuite = ({ profileId, suite }: IvrProfile): AppError =>
  new AppError('CONFIG_INVALID', `This encryptor does not know the suite of IVR profile ${profileId}`, {
    fix: `Upgrade media-encryptor, or choose one of: ${SUITE_NAMES.join(', ')}.`,
    details: { suite },
  });
