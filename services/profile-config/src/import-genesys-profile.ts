import type { ImportedSettings, IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { hasCode } from '@sealtrack/errors/app-error';
import type { GenesysMedia } from './domain/genesys-group.ts';
import type { GenesysProfile } from './domain/genesys-settings.ts';
import { parseMediaType, parseName } from './domain/parse-settings.ts';
import { planProfile, type Step } from './domain/plan-import.ts';
import { settingsOf } from './domain/profile.ts';
import type { FoundPair } from './find-genesys-certificates.ts';
import { checkAssignable, type GenesysImport, refusing, reporter } from './genesys-import.ts';

/** One profile of a document: created, changed, or left as it is. */
export async function importProfile(run: GenesysImport, profile: GenesysProfile): Promise<ImportedSettings> {
  const { profileId, name, suite, isComplete } = profile;
  const findMedia = async (media: GenesysMedia | undefined) =>
    media && { ...(await run.find(run.tenantId, media)), policy: media.policy };
  const [voice, screen, digital] = [
    await run.find(run.tenantId, profile.voice),
    await findMedia(profile.screen),
    await findMedia(profile.digital),
  ];
  const report = reporter(profileId, [voice, screen, digital]);
  if (report.problems.length > 0) return report.refused(report.problems);
  return refusing(report.refused, async () => {
    parseName(name);
    const current = await readProfile(run, profileId);
    const wanted = {
      name,
      suite,
      isComplete,
      screen,
      digital,
      voice: { ...voice, policy: profile.voice.policy },
    };
    const steps = planProfile(current, wanted);
    await checkCertificates(run, steps, report.found, current);
    if (!run.dryRun) await carryOut(run, profileId, current, steps);
    if (voice.certificates === undefined)
      report.notes.push('The document has no recording-certificates of it: they were left as they are.');
    const ids = (voice.certificates ?? current?.certificates ?? []).map(({ certificateId }) => certificateId);
    const outcome = current === undefined ? 'created' : steps.length > 0 ? 'changed' : 'unchanged';
    if (ids.length === 0)
      report.notes.push('It has no certificate: its policy says what happens to its recordings.');
    return report.done(outcome, ids);
  });
}

/** A deleted one is none: it is created anew. */
async function readProfile(
  { calls, tenantId }: GenesysImport,
  profileId: string,
): Promise<IvrProfile | undefined> {
  try {
    const { profile } = await calls.getProfile({ tenantId, profileId });
    return profile?.deleted ? undefined : profile;
  } catch (error) {
    if (hasCode(error, 'PROFILE_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function checkCertificates(
  run: GenesysImport,
  steps: readonly Step[],
  found: readonly FoundPair[],
  current: IvrProfile | undefined,
): Promise<void> {
  for (const { call, request } of steps) {
    if (call !== 'assignCertificates') continue;
    const before = current && settingsOf(current, parseMediaType(request.mediaType));
    await checkAssignable(run, request, before?.certificates ?? [], found);
  }
}

/** Each from the revision that the one before made: what somebody else changes meanwhile is not overwritten. */
async function carryOut(
  { calls, tenantId }: GenesysImport,
  profileId: string,
  current: IvrProfile | undefined,
  steps: readonly Step[],
): Promise<void> {
  let expectedRevision = current?.revision ?? 0n;
  for (const { call, request } of steps) {
    const ids = { tenantId, profileId, expectedRevision };
    const { profile } =
      call === 'createProfile'
        ? await calls.createProfile({ ...request, tenantId, profileId })
        : call === 'updateProfile'
          ? await calls.updateProfile({ ...request, ...ids })
          : await calls.assignCertificates({ ...request, ...ids });
    expectedRevision = profile?.revision ?? 0n;
  }
}
