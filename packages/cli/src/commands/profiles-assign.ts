import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType } from '@sealtrack/ids/media-types';
import type { Command } from 'commander';
import { resolveCertificates } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { nameOf, recordingsOf, settingsOf, toView } from '../profiles/describe-profile.ts';
import { whatHappens } from '../profiles/describe-settings.ts';
import { noteUnusable } from '../profiles/note-warnings.ts';
import { mediaTypeOption } from '../profiles/options.ts';
import { getProfile } from '../profiles/read-profiles.ts';
import { told } from '../told.ts';

export function addProfilesAssign(group: Command, wire: Wire): void {
  group
    .command('assign <id> [certificate...]')
    .description(
      'Replace the certificates of a profile. Each is its id, the first 8 or more digits of it, or its alias.',
    )
    .addOption(mediaTypeOption())
    .option('--none', 'take all of them away; its policy says what happens to recordings then')
    .addHelpText(
      'after',
      example(
        'sealtrack profiles assign 101 3fa9c1d2',
        'sealtrack profiles assign 101 3fa9c1d2 "archive 2026" --media-type digital',
      ),
    )
    .action(wire(assignCertificates));
}

interface AssignOptions {
  readonly mediaType: MediaType;
  readonly none?: boolean;
}

async function assignCertificates(
  context: Context,
  id: string,
  wanted: readonly string[],
  { mediaType, none = false }: AssignOptions,
): Promise<void> {
  if (none !== (wanted.length === 0)) throw noneOrSome();
  const { profileId, revision: expectedRevision } = await getProfile(context, id);
  const certificateIds = await resolveCertificates(context, wanted);
  const { tenantId, signal } = context;
  const client = await context.profiles();
  const answer = await client.assignCertificates(
    { ...{ tenantId, profileId, certificateIds, mediaType, none, expectedRevision } },
    { signal },
  );
  const profile = told(answer.profile);
  const settings = told(settingsOf(profile, mediaType));
  await noteUnusable(context, settings);
  await context.out.result(
    toView(profile),
    () => `${recordingsOf(mediaType)} of ${nameOf(profile)}, are now ${whatHappens(settings, new Date())}.`,
  );
}

const noneOrSome = () =>
  new AppError('INVALID_ARGUMENT', 'Give certificates, or --none', {
    fix: 'See which there are: sealtrack certificates list',
  });
