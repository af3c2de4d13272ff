import type { Kv, KvEntry } from '@sealtrack/bus/kv';
import {
  type AssignedCertificate,
  HoldingKey,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { hasCode } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import type { HoldingKeyStore } from '../ports.ts';
import { decodeEntry, encodeEntry } from './entries.ts';

/** Holding keys in the bucket of the profiles. `kv` must say PROFILE_EXISTS and PROFILE_CONFLICT. */
export function createKvHoldingKeys(kv: Kv): HoldingKeyStore {
  async function write(holding: HoldingKey, there: KvEntry | undefined): Promise<void> {
    const key = SUBJECTS.holdingKey(holding.tenantId);
    const value = encodeEntry(HoldingKey, holding);
    try {
      await (there === undefined ? kv.create(key, value) : kv.update(key, value, there.revision));
    } catch (error) {
      // It is somebody else's then.
      if (!hasCode(error, 'PROFILE_EXISTS') && !hasCode(error, 'PROFILE_CONFLICT')) throw error;
    }
  }
  const find = (tenantId: string) => kv.get(SUBJECTS.holdingKey(tenantId));
  return {
    has: async (tenantId) => certificateIn(await find(tenantId)) !== undefined,
    certificateId: async (tenantId) =>
      certificateIn(await find(tenantId))?.certificateId as CertificateId | undefined,
    async add(holding) {
      const there = await find(holding.tenantId);
      if (certificateIn(there) === undefined) await write(holding, there);
    },
    async replace(certificateId, holding) {
      const there = await find(holding.tenantId);
      if (certificateIn(there)?.certificateId === certificateId) await write(holding, there);
    },
  };
}

/** Undefined of what encryptors could not use, which is written over. */
function certificateIn(entry: KvEntry | undefined): AssignedCertificate | undefined {
  if (entry === undefined) return undefined;
  try {
    const { certificate } = decodeEntry(HoldingKey, entry);
    return certificate && certificate.der.length > 0 ? certificate : undefined;
  } catch {
    return undefined;
  }
}
