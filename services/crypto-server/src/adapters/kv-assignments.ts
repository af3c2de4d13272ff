import type { Kv } from '@sealtrack/bus/kv';
import {
  type AssignedCertificate,
  HoldingKey,
  IvrProfile,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Assignments } from '../ports.ts';

/** Out of the bucket that encryptors watch. An entry that cannot be read counts for none: they refuse it. */
export function createKvAssignments(kv: Pick<Kv, 'list'>): Assignments {
  return {
    async usesOf(tenantId, certificateId) {
      const names = (assigned: readonly AssignedCertificate[] | undefined) =>
        assigned?.some((each) => each.certificateId === certificateId) === true;
      const screenKey = SUBJECTS.screenKey(tenantId);
      const holdingKey = SUBJECTS.holdingKey(tenantId);
      const profiles: string[] = [];
      let [screen, holding] = [false, false];
      for (const { key, value } of await kv.list()) {
        if (key === screenKey) screen = names(read(ScreenSettings, value)?.certificates);
        else if (key === holdingKey)
          holding = read(HoldingKey, value)?.certificate?.certificateId === certificateId;
        else if (key.startsWith(`${tenantId}.`)) {
          const profile = read(IvrProfile, value);
          const lists = [profile, profile?.screen, profile?.digital];
          if (profile !== undefined && lists.some((each) => names(each?.certificates)))
            profiles.push(profile.profileId);
        }
      }
      return { profiles, screen, holding };
    },
  };
}

function read<T>(message: { fromJSON(value: unknown): T }, value: Uint8Array): T | undefined {
  try {
    return message.fromJSON(JSON.parse(Buffer.from(value).toString()));
  } catch {
    return undefined;
  }
}
