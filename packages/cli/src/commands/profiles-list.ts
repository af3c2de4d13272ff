import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import { toView } from '../profiles/describe-profile.ts';
import { nameCertificates, whatHappens } from '../profiles/describe-settings.ts';
import { readProfiles } from '../profiles/read-profiles.ts';

export function addProfilesList(group: Command, wire: Wire): void {
  group
    .command('list [text]')
    .description(
      'List the profiles; those only that have the text in id or name, or in the alias or id of a certificate.',
    )
    .option('--deleted', 'also those that were deleted')
    .addHelpText('after', example('sealtrack profiles list', 'sealtrack profiles list sales --deleted'))
    .action(wire(listProfiles));
}

async function listProfiles(
  context: Context,
  text: string | undefined,
  { deleted = false }: { readonly deleted?: boolean },
): Promise<void> {
  const profiles = readProfiles(context, { query: text ?? '', deleted });
  // As lines they need not all be in memory at once.
  if (context.out.json) {
    for await (const profile of profiles) await context.out.result(toView(profile), () => '');
    return;
  }
  await context.out.list(await Array.fromAsync(profiles), (all) => describe(all, text));
}

function describe(profiles: readonly IvrProfile[], text: string | undefined): string {
  if (profiles.length > 0)
    return table(['PROFILE', 'NAME', 'SUITE', 'POLICY', 'CERTIFICATES'], profiles.map(toRow));
  return text === undefined
    ? 'No profiles yet. Create one: sealtrack profiles create 101 --name "Sales"'
    : `None has ${text} in it.`;
}

function toRow(profile: IvrProfile): string[] {
  const { profileId, name, suite, policy, deleted, certificates } = profile;
  const own = (['screen', 'digital'] as const).filter((mediaType) => profile[mediaType] !== undefined);
  const assigned =
    certificates.length === 0
      ? `none: its recordings are ${whatHappens(profile, new Date())}`
      : nameCertificates(certificates);
  return [
    ...[profileId, name, suite, deleted ? 'deleted' : policy],
    deleted ? '' : [assigned, ...own.map((mediaType) => `others for ${mediaType}`)].join('; '),
  ];
}
