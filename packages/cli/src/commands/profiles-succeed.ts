import type {
  AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType } from '@sealtrack/ids/media-types';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { parseMoment } from '../parse-options.ts';
import { nameOf, recordingsOf, settingsOf, toView } from '../profiles/describe-profile.ts';
import { noteUnusable } from '../profiles/note-warnings.ts';
import { FROM, FROM_MEANS, mediaTypeOption } from '../profiles/options.ts';
import { getProfile } from '../profiles/read-profiles.ts';
import { describeSuccession, findSuccession } from '../profiles/succession.ts';
import { told } from '../told.ts';

export function addProfilesSucceed(group: Command, wire: Wire): void {
  group
    .command('succeed <id> <old> <new>')
    .description(
      'Have a new certificate take over from one that a profile has. Until then, and for as long as the new one cannot ' +
        'be used, recordings go on being encrypted to the old one.',
    )
    .option(FROM, FROM_MEANS, parseMoment)
    .addOption(mediaTypeOption())
    .addHelpText('after', example('sealtrack profiles succeed 101 3fa9c1d2 "sales 2027" --from 2027-01-01'))
    .action(wire(succeed));
}

interface SucceedOptions {
  readonly from?: Date;
  readonly mediaType: MediaType;
}

async function succeed(
  context: Context,
  id: string,
  old: string,
  next: string,
  { from, mediaType }: SucceedOptions,
): Promise<void> {
  const current = await getProfile(context, id);
  const change = await findSuccession(context, certificatesOf(current, mediaType), { old, next, from });
  const { tenantId, signal } = context;
  const { profileId, revision: expectedRevision } = current;
  const client = await context.profiles();
  const answer = await client.assignCertificates(
    { ...change, tenantId, profileId, mediaType, expectedRevision },
    { signal },
  );
  const profile = told(answer.profile);
  const settings = told(settingsOf(profile, mediaType));
  await noteUnusable(context, settings);
  await context.out.result(toView(profile), () =>
    describeSuccession(`${recordingsOf(mediaType)} of ${nameOf(profile)},`, settings, change),
  );
}

function certificatesOf(profile: IvrProfile, mediaType: MediaType): readonly AssignedCertificate[] {
  const settings = settingsOf(profile, mediaType);
  if (settings !== undefined) return settings.certificates;
  throw new AppError(
    'INVALID_ARGUMENT',
    `${nameOf(profile)}, has no certificates of its own for ${mediaType}`,
    {
      fix:
        mediaType === 'screen'
          ? "Change the tenant's: sealtrack screen-certificates succeed. Or those for voice: leave --media-type out."
          : 'Change those for voice: leave --media-type out.',
    },
  );
}
