import type { Kv } from '@sealtrack/bus/kv';
import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import type { ProfileStore } from '../ports.ts';
import { decodeProfile, encodeSettings } from './entries.ts';

/** Profiles in the bucket that encryptors watch. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvProfiles(kv: Kv): ProfileStore {
  const keyOf = ({ tenantId, profileId }: IvrProfile) => SUBJECTS.profileKey(tenantId, profileId);
  const encode = (value: IvrProfile) => encodeSettings({ kind: 'profile', value });
  const find = async (tenantId: TenantId, profileId: ProfileId): Promise<IvrProfile | undefined> => {
    const entry = await kv.get(SUBJECTS.profileKey(tenantId, profileId));
    return entry && decodeProfile(entry);
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
  };
}
