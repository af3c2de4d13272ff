import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { note } from '../note.ts';

/**
 * The IVR profiles whose recordings are encrypted to it: once it is deleted, nobody could play what they go on recording.
 * None when that cannot be told, which is said.
 */
export async function profilesUsing(context: Context, certificateId: string): Promise<string[]> {
  const { tenantId, signal } = context;
  try {
    const { profiles } = await context.profiles().listProfiles({ tenantId }, { signal });
    return profiles
      .filter(({ certificates }) => certificates.some((each) => each.certificateId === certificateId))
      .map(({ profileId }) => profileId);
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    await note(context, `which IVR profiles encrypt to it is not known here: ${error.message}`);
    return [];
  }
}

/** "IVR profiles 101, 102 encrypt to it". */
export const encryptTo = (profileIds: readonly string[]): string =>
  profileIds.length === 1
    ? `IVR profile ${profileIds[0]} encrypts to it`
    : `IVR profiles ${profileIds.join(', ')} encrypt to it`;
