import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { readPages } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { type Finding, ok, warning } from './finding.ts';

const LOOKUP_MS = 5_000;
/** Certificates that are looked at, so that it stays cheap whatever there is. */
const MOST = 1_000;
const NAMED = 5;
/** Of a certificate beside one that encrypts: the one before it, or the one that comes after. */
const IN_PASSING = ['', 'expired', 'not-yet-valid'];

/** Which IVR profiles have recordings refused, or encrypted to what opens nothing any more. */
export async function checkProfiles(context: Context): Promise<Finding[]> {
  const { tenantId, signal } = context;
  try {
    const { profiles } = await context
      .profiles()
      .listProfiles({ tenantId }, { signal, deadlineMs: LOOKUP_MS });
    const wanted = { limit: MOST, deleted: true, deadlineMs: LOOKUP_MS } as const;
    const pages = await Array.fromAsync(readPages(context, wanted));
    const problems = new Map(
      pages.flatMap(({ certificates }) => certificates).map((each) => [each.certificateId, each.problem]),
    );
    return [judge(profiles, problems)];
  } catch (error) {
    // That a service does not answer, check-services.ts says.
    if (error instanceof AppError) return [];
    throw error;
  }
}

function judge(profiles: readonly IvrProfile[], problems: ReadonlyMap<string, string>): Finding {
  const wrong = profiles.flatMap((profile) => wrongWith(profile, problems));
  if (wrong.length === 0) return ok('profiles', `${profiles.length}, each with a certificate that encrypts`);
  const more = wrong.length > NAMED ? `; and ${wrong.length - NAMED} more` : '';
  return warning(
    'profiles',
    `${wrong.slice(0, NAMED).join('; ')}${more}`,
    'Assign a usable certificate: sealtrack profiles assign PROFILE CERTIFICATE, or restore the one that was deleted.',
  );
}

function wrongWith(
  { profileId, certificates }: IvrProfile,
  problems: ReadonlyMap<string, string>,
): readonly string[] {
  if (certificates.length === 0) return [`${profileId} has no certificate, and its recordings are refused`];
  // One that was not looked at is taken to be well.
  const states = certificates.map(({ certificateId, alias }) => ({
    ...{ alias, certificateId },
    problem: problems.get(certificateId) ?? '',
  }));
  const isRefused = states.every(({ problem }) => problem !== '');
  return states
    .filter(({ problem }) => problem !== '' && (isRefused || !IN_PASSING.includes(problem)))
    .map(
      ({ alias, certificateId, problem }) =>
        `${profileId} has ${alias} (${certificateId.slice(0, 8)}), ${problem}`,
    );
}
