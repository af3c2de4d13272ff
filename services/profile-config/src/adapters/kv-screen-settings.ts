import type { Kv } from '@sealtrack/bus/kv';
import type { ScreenSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { ScreenSettingsStore } from '../ports.ts';
import { decodeScreenSettings, encodeSettings } from './entries.ts';

/** Screen settings in the bucket of the profiles. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvScreenSettings(kv: Kv): ScreenSettingsStore {
  const keyOf = ({ tenantId }: ScreenSettings) => SUBJECTS.screenKey(tenantId);
  const encode = (value: ScreenSettings) => encodeSettings({ kind: 'screen', value });
  return {
    async create(settings) {
      const key = keyOf(settings);
      const revision = await kv.create(key, encode(settings)).catch((error: unknown) => {
        if (!hasCode(error, 'PROFILE_EXISTS')) throw error;
        throw new AppError('PROFILE_CONFLICT', `${key} was made by somebody else meanwhile`, {
          fix: 'Read it, and make the change on what is there now.',
          details: { ...error.details },
          cause: error,
        });
      });
      return { ...settings, revision: BigInt(revision) };
    },
    async update(settings) {
      const revision = await kv.update(keyOf(settings), encode(settings), Number(settings.revision));
      return { ...settings, revision: BigInt(revision) };
    },
    async find(tenantId) {
      const entry = await kv.get(SUBJECTS.screenKey(tenantId));
      return entry && decodeScreenSettings(entry);
    },
  };
}
