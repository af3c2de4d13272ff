import { SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import type { Policy } from '@sealtrack/ids/media-types';
import { parseProfileId } from '@sealtrack/ids/parse';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { nameOf, toView } from '../profiles/describe-profile.ts';
import { whatHappens } from '../profiles/describe-settings.ts';
import { notePolicy } from '../profiles/note-warnings.ts';
import { policyOption } from '../profiles/options.ts';
import { told } from '../told.ts';

export function addProfilesCreate(group: Command, wire: Wire): void {
  group
    .command('create <id>')
    .description('Create an IVR profile. Its id is its DBID: a positive whole number.')
    .requiredOption('--name <name>', 'what people call it')
    .addOption(
      new Option('--suite <suite>', 'how recordings are encrypted: AES-256-CBC, or AES-256-GCM with OAEP')
        .choices(SUITE_NAMES)
        .default('pkcs7'),
    )
    .addOption(policyOption().default('required'))
    .addHelpText('after', example('sealtrack profiles create 101 --name "Sales" --suite cms'))
    .action(wire(createProfile));
}

interface CreateOptions {
  readonly name: string;
  readonly suite: SuiteName;
  readonly policy: Policy;
}

async function createProfile(
  context: Context,
  id: string,
  { name, suite, policy }: CreateOptions,
): Promise<void> {
  const { tenantId, signal } = context;
  const request = { tenantId, profileId: parseProfileId(id), name, suite, policy };
  const client = await context.profiles();
  const answer = await client.createProfile(request, { signal });
  const profile = told(answer.profile);
  await notePolicy(context, profile.policy);
  await context.out.result(toView(profile), () =>
    [
      `Created ${nameOf(profile)}. It has no certificate yet: its recordings are ${whatHappens(profile, new Date())}.`,
      `Next: sealtrack profiles assign ${profile.profileId} <certificate>`,
    ].join('\n'),
  );
}
