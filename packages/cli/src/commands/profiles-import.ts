import { resolve } from 'node:path';
import type { ImportedSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { readSmallFile } from '../files.ts';
import { printable, table } from '../output.ts';
import { partsOf } from '../profiles/genesys-document.ts';

/** Ten thousand profiles with more certificates than anybody has. */
const MAX_BYTES = 200 * 1024 * 1024;
/** Each profile is several calls to the crypto server, and a push. */
const DEADLINE_MS = 600_000;

export function addProfilesImport(group: Command, wire: Wire): void {
  group
    .command('import <file>')
    .description(
      'Create and change profiles and screen settings as a file says, which Genesys or `profiles export` wrote. Their ' +
        'certificates must have been imported. What is in it already stays as it is. Exit code 1 when some are refused.',
    )
    .option('--dry-run', 'say what would be changed, and change nothing')
    .addHelpText('after', example('sealtrack profiles import profiles.json --dry-run'))
    .action(wire(importProfiles));
}

async function importProfiles(
  context: Context,
  name: string,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<void> {
  const file = await readSmallFile(resolve(context.io.cwd, name), MAX_BYTES);
  const client = await context.profiles();
  const imported: ImportedSettings[] = [];
  for (const document of partsOf(file.toString())) {
    const request = { tenantId: context.tenantId, document, dryRun };
    const options = { signal: context.signal, deadlineMs: DEADLINE_MS };
    imported.push(...(await client.importGenesysSettings(request, options)).imported);
  }
  await context.out.list(imported.map(toView), () => describe(imported, dryRun));
  const refused = imported.filter(({ outcome }) => outcome === 'refused').length;
  if (refused > 0) throw new ProblemsFound(refused);
}

const toView = ({ profileId, ...others }: ImportedSettings) => ({
  ...(profileId === '' ? { screen: true } : { profileId }),
  ...others,
});

function describe(imported: readonly ImportedSettings[], dryRun: boolean): string {
  if (imported.length === 0) return 'There is nothing in it.';
  const rows = imported.map((each) => [
    nameOf(each),
    each.outcome,
    each.certificateIds.map((id) => id.slice(0, 8)).join(', ') || '-',
  ]);
  const remarks = imported.flatMap((each) =>
    each.messages.map((message) => `${nameOf(each)}: ${printable(message)}`),
  );
  return [
    table(['PROFILE', 'OUTCOME', 'CERTIFICATES'], rows),
    '',
    ...remarks,
    summary(imported, dryRun),
  ].join('\n');
}

const nameOf = ({ profileId }: ImportedSettings): string => (profileId === '' ? 'screen' : profileId);

const OUTCOMES = ['created', 'changed', 'unchanged', 'refused'] as const;

function summary(imported: readonly ImportedSettings[], dryRun: boolean): string {
  const counts = OUTCOMES.map((outcome) => [
    outcome,
    imported.filter((each) => each.outcome === outcome).length,
  ]);
  const told = counts.flatMap(([outcome, count]) => (count === 0 ? [] : [`${count} ${outcome}`])).join(', ');
  return dryRun ? `Nothing was changed. It would be: ${told}.` : `${told}.`;
}
