import type { Kv } from '@sealtrack/bus/kv';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Assignments } from '../ports.ts';

/** Out of the bucket that encryptors watch. A profile that cannot be read counts for none: they refuse its recordings. */
export function createKvAssignments(kv: Pick<Kv, 'list'>): Assignments {
  return {
    async profilesOf(tenantId, certificateId) {
      const entries = (await kv.list()).filter(({ key }) => key.startsWith(`${tenantId}.`));
      return entries
        .flatMap(({ value }) => read(value))
        .filter(({ certificates }) => certificates.some((each) => each.certificateId === certificateId))
        .map(({ profileId }) => profileId);
    },
  };
}

function read(value: Uint8Array): IvrProfile[] {
  try {
    return [IvrProfile.fromJSON(JSON.parse(Buffer.from(value).toString()))];
  } catch {
    return [];
  }
}
