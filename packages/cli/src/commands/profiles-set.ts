import { SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType, Policy } from '@sealtrack/ids/media-types';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { describeProfile, toView } from '../profiles/describe-profile.ts';
import { notePolicy } from '../profiles/note-warnings.ts';
import { mediaTypeOption, policyOption } from '../profiles/options.ts';
import { getProfile } from '../profiles/read-profiles.ts';
import { told } from '../told.ts';

export function addProfilesSet(group: Command, wire: Wire): void {
  group
    .command('set <id>')
    .description(
      'Change the name, suite or policy of a profile. A policy for screen or digital gives it settings of its own for ' +
        'those, which begin with the certificates that were used for them before.',
    )
    .option('--name <name>', 'what people call it')
    .addOption(
      new Option(
        '--suite <suite>',
        'how recordings are encrypted: AES-256-CBC, or AES-256-GCM with OAEP',
      ).choices(SUITE_NAMES),
    )
    .addOption(policyOption())
    .addOption(mediaTypeOption())
    .option('--no-own-settings', 'take away those that it has of its own for screen or digital')
    .addHelpText(
      'after',
      example(
        'sealtrack profiles set 101 --policy optional',
        'sealtrack profiles set 101 --media-type digital --no-own-settings',
      ),
    )
    .action(wire(setProfile));
}

interface SetOptions {
  readonly name?: string;
  readonly suite?: SuiteName;
  readonly policy?: Policy;
  readonly mediaType: MediaType;
  /** False with --no-own-settings. */
  readonly ownSettings: boolean;
}

async function setProfile(context: Context, id: string, options: SetOptions): Promise<void> {
  const { name, suite, policy, mediaType, ownSettings } = options;
  if (name === undefined && suite === undefined && policy === undefined && ownSettings)
    throw new AppError('INVALID_ARGUMENT', 'Nothing is to be changed', {
      fix: 'Give --name, --suite, --policy or --no-own-settings.',
    });
  const { profileId, revision: expectedRevision } = await getProfile(context, id);
  const { tenantId, signal } = context;
  const client = await context.profiles();
  const answer = await client.updateProfile(
    {
      ...{ tenantId, profileId, mediaType, expectedRevision, noOwnSettings: !ownSettings },
      ...(name === undefined ? {} : { name }),
      ...(suite === undefined ? {} : { suite }),
      ...(policy === undefined ? {} : { policy }),
    },
    { signal },
  );
  const profile = told(answer.profile);
  await notePolicy(context, policy);
  await context.out.result(toView(profile), () => describeProfile(profile, new Date()));
}
