import type { Kv, KvEntry } from '@sealtrack/bus/kv';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { isProfileId, type ProfileId, type TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import { normalProfile } from '../domain/profile.ts';
import { compareProfileIds } from '../domain/profile-ids.ts';
import type { ProfileStore } from '../ports.ts';
import { decodeEntry, encodeEntry } from './entries.ts';

/** Profiles in the bucket that encryptors watch. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvProfiles(kv: Kv, log: Log): ProfileStore {
  const keyOf = ({ tenantId, profileId }: IvrProfile) => SUBJECTS.profileKey(tenantId, profileId);
  const encode = (profile: IvrProfile) => encodeEntry(IvrProfile, { ...profile, revision: 0n });
  const decode = (entry: KvEntry): IvrProfile => ({
    ...normalProfile(decodeEntry(IvrProfile, entry)),
    revision: BigInt(entry.revision),
  });
  // One damaged profile must not hide the others. Encryptors refuse its recordings, and say so in their logs too.
  const decodeOrLog = (entry: KvEntry): IvrProfile[] => {
    try {
      return [decode(entry)];
    } catch (err) {
      const { key, revision } = entry;
      log.error({ err, profile: key, revision }, 'profile cannot be read: it is left out of the list');
      return [];
    }
  };
  const find = async (tenantId: TenantId, profileId: ProfileId): Promise<IvrProfile | undefined> => {
    const entry = await kv.get(SUBJECTS.profileKey(tenantId, profileId));
    return entry && decode(entry);
  };

  return {
    find,
    async create(profile) {
      return { ...profile, revision: BigInt(await kv.create(keyOf(profile), encode(profile))) };
    },
    async update(profile) {
      const revision = await kv.update(keyOf(profile), encode(profile), Number(profile.revision));
      return { ...profile, revision: BigInt(revision) };
    },
    async get(tenantId, profileId) {
      const profile = await find(tenantId, profileId);
      if (profile !== undefined) return profile;
      throw new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${profileId}`, {
        fix: `See which there are: sealtrack profiles list. Create it: sealtrack profiles create ${profileId} --name <name>.`,
        details: { profile_id: profileId },
      });
    },
    async list(tenantId) {
      const prefix = SUBJECTS.profileKey(tenantId, '');
      const entries = await kv.list();
      return entries
        .filter(({ key }) => key.startsWith(prefix) && isProfileId(key.slice(prefix.length)))
        .flatMap(decodeOrLog)
        .sort((a, b) => compareProfileIds(a.profileId, b.profileId));
    },
  };
}
