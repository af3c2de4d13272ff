import type { Kv } from '@sealtrack/bus/kv';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import {
  type AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { isSuiteName, SUITE_NAMES } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import { parseProfileId } from '@sealtrack/ids/parse';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Profile, ProfileCertificate } from '../domain/choose-recipients.ts';
import type { Profiles } from '../ports.ts';

export interface ProfileWatch extends Profiles {
  /** Resolves once every profile there is has been read. */
  readonly ready: Promise<void>;
  /** Resolves when the signal ended the watch. */
  readonly done: Promise<void>;
}

/**
 * The profiles in the KV bucket, followed as they are pushed. The snapshot is replaced whole with each push, so a
 * recording is encrypted to the profile as it was when its encryption began. While the bus is away the last snapshot
 * goes on being used.
 */
export function watchProfiles(kv: Kv, log: Log, signal: AbortSignal): ProfileWatch {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  let snapshot: ReadonlyMap<string, Profile> = new Map();

  async function follow() {
    for await (const { entries, upToDate } of kv.watch({ signal })) {
      if (entries.length > 0) snapshot = withChanges(snapshot, entries, log);
      if (upToDate) becomeReady();
    }
  }

  return {
    ready,
    done: follow(),
    get(tenantId, profileId) {
      const profile = snapshot.get(SUBJECTS.profileKey(tenantId, profileId));
      if (profile !== undefined) return profile;
      throw new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${profileId}`, {
        fix: `Create it: sealtrack profiles create ${profileId} --name <name>. Then send the recording again, or retry its capture.`,
        details: { profile_id: profileId },
      });
    },
  };
}

function withChanges(
  snapshot: ReadonlyMap<string, Profile>,
  changes: readonly KvChange[],
  log: Log,
): ReadonlyMap<string, Profile> {
  const next = new Map(snapshot);
  for (const change of changes) {
    const { key, value, revision } = change;
    if (value === undefined) next.delete(key);
    else {
      try {
        next.set(key, decode(value, revision, log));
        log.info({ profile: key, revision }, 'profile applied');
      } catch (error) {
        // What it was before may be what somebody wanted to be rid of, so it is not used either.
        next.delete(key);
        log.error(
          { err: error, profile: key, revision },
          'profile refused: its recordings are refused until it is saved again',
        );
      }
    }
  }
  return next;
}

function decode(value: Uint8Array, revision: number, log: Log): Profile {
  const wire = IvrProfile.fromJSON(JSON.parse(Buffer.from(value).toString()));
  if (!isSuiteName(wire.suite))
    throw new AppError(
      'CONFIG_INVALID',
      `This encryptor does not know the suite of IVR profile ${wire.profileId}`,
      {
        fix: `Upgrade media-encryptor, or choose one of: ${SUITE_NAMES.join(', ')}.`,
        details: { suite: wire.suite },
      },
    );
  return {
    profileId: parseProfileId(wire.profileId),
    suite: wire.suite,
    certificates: wire.certificates.flatMap((certificate) => toCertificate(certificate, log)),
    revision,
  };
}

/** By the certificate itself: what else the entry says of it is for people. */
function toCertificate({ der }: AssignedCertificate, log: Log): ProfileCertificate[] {
  const info = parseCertificate(der, { allowWeak: true });
  const { certificateId, notBefore, notAfter, weaknesses } = info;
  if (weaknesses.length > 0) {
    // It was assigned when it still counted as strong. The others of the profile are none the worse for it.
    log.warn(
      { certificate: certificateId, weaknesses },
      'certificate is too weak to encrypt to, and left out',
    );
    return [];
  }
  return [{ certificateId, notBefore, notAfter, recipient: recipientFromCertificate(info) }];
}
