import type { ImportedSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { GenesysSettings } from './domain/genesys-settings.ts';
import { planScreen } from './domain/plan-import.ts';
import { checkAssignable, type GenesysImport, refusing, reporter } from './genesys-import.ts';

/** A tenant's settings for screen recordings, of a document. */
export async function importScreen(
  run: GenesysImport,
  screen: NonNullable<GenesysSettings['screen']>,
): Promise<ImportedSettings> {
  const { tenantId, dryRun, calls } = run;
  const found = await run.find(tenantId, screen);
  const report = reporter('', [found]);
  if (report.problems.length > 0) return report.refused(report.problems);
  return refusing(report.refused, async () => {
    const { settings } = await calls.getScreenSettings({ tenantId });
    const change = planScreen(settings, { ...found, policy: screen.policy }, screen.isComplete);
    if (change !== undefined) {
      await checkAssignable(run, change, settings?.certificates ?? [], report.found);
      const from = { expectedRevision: settings?.revision ?? 0n, expectNone: settings === undefined };
      if (!dryRun) await calls.saveScreenSettings({ tenantId, ...change, ...from });
    }
    const ids = (found.certificates ?? []).map(({ certificateId }) => certificateId);
    const outcome = settings === undefined ? 'created' : change === undefined ? 'unchanged' : 'changed';
    if (ids.length === 0)
      report.notes.push('There is no certificate: the policy says what happens to screen recordings.');
    return report.done(outcome, ids);
  });
}
