import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';
import type { Doors } from './doors.ts';

/** The push of a profile takes milliseconds; this is for a machine that is very busy. */
const PUSH_WITHIN_MS = 10_000;

/**
 * Resolves once every encryptor that is there runs the newest revision of the profile. A recording that comes to one
 * before would be held, or refused.
 */
export async function waitUntilApplied(
  { profiles }: Pick<Doors, 'profiles'>,
  tenantId: string,
  profileId: string,
): Promise<void> {
  const started = performance.now();
  while (!(await isApplied(profiles, tenantId, profileId))) {
    if (performance.now() - started > PUSH_WITHIN_MS)
      throw new AppError('DEADLINE_EXCEEDED', `IVR profile ${profileId} did not reach every encryptor`, {
        fix: `Look who has not applied it, and why: sealtrack profiles rollout ${profileId}`,
      });
    await sleep(20);
  }
}

async function isApplied(profiles: Doors['profiles'], tenantId: string, profileId: string): Promise<boolean> {
  const { encryptors } = await profiles.getRollout({ tenantId, profileId });
  // One that has fallen silent is gone, or cut off, and takes no recordings either.
  const there = encryptors.filter(({ state }) => state !== 'STATE_SILENT');
  return there.length > 0 && there.every(({ state }) => state === 'STATE_APPLIED');
}
