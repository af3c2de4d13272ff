import type { Kv, KvEntry } from '@sealtrack/bus/kv';
import { HoldingKey } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { hasCode } from '@sealtrack/errors/app-error';
import type { HoldingKeyStore } from '../ports.ts';
import { decodeEntry, encodeEntry } from './entries.ts';

/** Holding keys in the bucket of the profiles. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvHoldingKeys(kv: Kv): HoldingKeyStore {
  return {
    async has(tenantId) {
      return holdsKey(await kv.get(SUBJECTS.holdingKey(tenantId)));
    },
    async add(holding) {
      const key = SUBJECTS.holdingKey(holding.tenantId);
      const value = encodeEntry(HoldingKey, holding);
      const there = await kv.get(key);
      if (holdsKey(there)) return;
      try {
        await (there === undefined ? kv.create(key, value) : kv.update(key, value, there.revision));
      } catch (error) {
        // It is somebody else's then.
        if (!hasCode(error, 'PROFILE_EXISTS') && !hasCode(error, 'PROFILE_CONFLICT')) throw error;
      }
    },
  };
}

/** What encryptors could not use is written over. */
function holdsKey(entry: KvEntry | undefined): boolean {
  if (entry === undefined) return false;
  try {
    return (decodeEntry(HoldingKey, entry).certificate?.der.length ?? 0) > 0;
  } catch {
    return false;
  }
}
