import type { Kv } from '@sealtrack/bus/kv';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { ProfileStore } from '../ports.ts';

/** Profiles in the bucket that encryptors watch. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvProfiles(kv: Kv, log: Log): ProfileStore {
  const keyOf = ({ tenantId, profileId }: IvrProfile) => SUBJECTS.profileKey(tenantId, profileId);
  const encode = (profile: IvrProfile) =>
    Buffer.from(JSON.stringify(IvrProfile.toJSON({ ...profile, revision: 0n })));
  const decode = (value: Uint8Array, revision: number): IvrProfile => ({
    ...IvrProfile.fromJSON(JSON.parse(Buffer.from(value).toString())),
    revision: BigInt(revision),
  });
  // One damaged profile must not hide the others. Encryptors refuse its recordings, and say so in their logs too.
  const decodeOrLog = (key: string, value: Uint8Array, revision: number): IvrProfile[] => {
    try {
      return [decode(value, revision)];
    } catch (err) {
      log.error({ err, profile: key, revision }, 'profile cannot be read: it is left out of the list');
      return [];
    }
  };

  return {
    async create(profile) {
      return { ...profile, revision: BigInt(await kv.create(keyOf(profile), encode(profile))) };
    },
    async update(profile) {
      const revision = await kv.update(keyOf(profile), encode(profile), Number(profile.revision));
      return { ...profile, revision: BigInt(revision) };
    },
    async get(tenantId, profileId) {
      const entry = await kv.get(SUBJECTS.profileKey(tenantId, profileId));
      if (entry !== undefined) return decode(entry.value, entry.revision);
      throw new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${profileId}`, {
        fix: `See which there are: sealtrack profiles list. Create it: sealtrack profiles create ${profileId} --name <name>.`,
        details: { profile_id: profileId },
      });
    },
    async list(tenantId) {
      const prefix = `${tenantId}.`;
      const entries = (await kv.list()).filter(({ key }) => key.startsWith(prefix));
      return entries
        .flatMap(({ key, value, revision }) => decodeOrLog(key, value, revision))
        .sort((a, b) => a.profileId.localeCompare(b.profileId, 'en', { numeric: true }));
    },
  };
}
