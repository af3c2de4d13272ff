import type {
  AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { parseProfileId } from '@sealtrack/ids/parse';
import { type Command, Option } from 'commander';
import { resolveCertificates } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { printable, table } from '../output.ts';
import { formatTime } from '../units.ts';
import { addProfilesExport } from './profiles-export.ts';
import { addProfilesImport } from './profiles-import.ts';
import { addProfilesRollout } from './profiles-rollout.ts';

export function addProfiles(program: Command, wire: Wire): void {
  const group = program
    .command('profiles')
    .description('IVR profiles, and the certificates that their recordings are encrypted to.');

  group
    .command('create <id>')
    .description('Create an IVR profile. Its id is its DBID: a positive whole number.')
    .requiredOption('--name <name>', 'what people call it')
    .addOption(
      new Option('--suite <suite>', 'how recordings are encrypted: AES-256-CBC, or AES-256-GCM with OAEP')
        .choices(SUITE_NAMES)
        .default('pkcs7'),
    )
    .addHelpText('after', example('sealtrack profiles create 101 --name "Sales" --suite cms'))
    .action(wire(createProfile));

  group
    .command('assign <id> <certificate...>')
    .description(
      'Replace the certificates of a profile. Each is its id, the first 8 or more digits of it, or its alias.',
    )
    .addHelpText('after', example('sealtrack profiles assign 101 3fa9c1d2'))
    .action(wire(assignCertificates));

  group
    .command('list')
    .description('List the profiles.')
    .addHelpText('after', example('sealtrack profiles list'))
    .action(wire(listProfiles));

  addProfilesRollout(group, wire);
  addProfilesExport(group, wire);
  addProfilesImport(group, wire);
}

async function createProfile(
  context: Context,
  id: string,
  options: { readonly name: string; readonly suite: SuiteName },
): Promise<void> {
  const { profile } = await context
    .profiles()
    .createProfile(
      { tenantId: context.tenantId, profileId: parseProfileId(id), name: options.name, suite: options.suite },
      { signal: context.signal },
    );
  if (profile === undefined) return;
  await context.out.result(toView(profile), () =>
    [
      `Created IVR profile ${profile.profileId}, ${printable(profile.name)}. It has no certificate yet.`,
      `Next: sealtrack profiles assign ${profile.profileId} <certificate>`,
    ].join('\n'),
  );
}

async function assignCertificates(context: Context, id: string, wanted: readonly string[]): Promise<void> {
  const profileId = parseProfileId(id);
  const certificateIds = await resolveCertificates(context, wanted);
  const { profile } = await context
    .profiles()
    .assignCertificates(
      { tenantId: context.tenantId, profileId, certificateIds },
      { signal: context.signal },
    );
  if (profile === undefined) return;
  for (const text of profile.certificates.flatMap((each) => outsideDates(each, new Date())))
    await note(context, `warning: ${text}`);
  await context.out.result(
    toView(profile),
    () =>
      `Recordings of IVR profile ${profile.profileId}, ${printable(profile.name)}, are now encrypted to ${nameCertificates(profile)}.`,
  );
}

async function listProfiles(context: Context): Promise<void> {
  const { profiles } = await context
    .profiles()
    .listProfiles({ tenantId: context.tenantId }, { signal: context.signal });
  await context.out.list(profiles.map(toView), () =>
    profiles.length === 0
      ? 'No profiles yet. Create one: sealtrack profiles create 101 --name "Sales"'
      : table(
          ['PROFILE', 'NAME', 'SUITE', 'CERTIFICATES'],
          profiles.map((profile) => [
            profile.profileId,
            profile.name,
            profile.suite,
            profile.certificates.length === 0
              ? 'none: its recordings are refused'
              : nameCertificates(profile),
          ]),
        ),
  );
}

/** That it may be assigned all the same is for those who do it in advance, beside the one before it. */
function outsideDates({ alias, notBefore, notAfter }: AssignedCertificate, now: Date): string[] {
  if (notAfter !== undefined && notAfter < now)
    return [`${alias} expired at ${formatTime(notAfter)}: nothing is encrypted to it`];
  if (notBefore !== undefined && notBefore > now)
    return [`${alias} is not valid before ${formatTime(notBefore)}: until then nothing is encrypted to it`];
  return [];
}

const nameCertificates = ({ certificates }: IvrProfile): string =>
  certificates
    .map(({ certificateId, alias }) => `${certificateId.slice(0, 8)} (${printable(alias)})`)
    .join(', ');

const toView = ({ profileId, name, suite, revision, certificates }: IvrProfile) => ({
  ...{ profileId, name, suite, revision },
  certificates: certificates.map(({ certificateId, keyId, alias, notBefore, notAfter }) => ({
    ...{ certificateId, keyId, alias, notBefore, notAfter },
  })),
});
