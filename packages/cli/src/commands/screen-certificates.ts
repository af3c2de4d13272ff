import type { ScreenSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { Policy } from '@sealtrack/ids/media-types';
import type { Command } from 'commander';
import { resolveCertificates } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { parseMoment } from '../parse-options.ts';
import { FROM, FROM_MEANS, policyOption } from '../profiles/options.ts';
import {
  getScreenSettings,
  saveScreenSettings,
  screenRecordings,
  showScreenSettings,
} from '../profiles/screen-settings.ts';
import { describeSuccession, findAssigned, findSuccession } from '../profiles/succession.ts';

export function addScreenCertificates(program: Command, wire: Wire): void {
  const group = program
    .command('screen-certificates')
    .description(
      'What screen recordings are encrypted to, in IVR profiles that have no settings of their own for them. Each command ' +
        'is one change.',
    );
  group
    .command('show')
    .description('Show them: the policy, the certificates with their dates, and what takes over from what.')
    .addHelpText('after', example('sealtrack screen-certificates show'))
    .action(wire(showScreenSettings));
  group
    .command('assign <certificate...>')
    .description('Add certificates to those that there are.')
    .addOption(policyOption())
    .addHelpText('after', example('sealtrack screen-certificates assign 3fa9c1d2'))
    .action(wire(assign));
  group
    .command('remove <certificate...>')
    .description(
      'Take certificates away. Without any left, the policy says what happens to screen recordings.',
    )
    .addOption(policyOption())
    .addHelpText('after', example('sealtrack screen-certificates remove 3fa9c1d2'))
    .action(wire(remove));
  group
    .command('succeed <old> <new>')
    .description(
      'Have a new certificate take over from one of them. Until then the old one goes on being used.',
    )
    .option(FROM, FROM_MEANS, parseMoment)
    .addHelpText(
      'after',
      example('sealtrack screen-certificates succeed 3fa9c1d2 7b01e4aa --from 2027-01-01'),
    )
    .action(wire(succeed));
  group
    .command('set [certificate...]')
    .description('Replace all of them, or change the policy alone.')
    .addOption(policyOption())
    .option('--none', 'take all of them away')
    .addHelpText(
      'after',
      example(
        'sealtrack screen-certificates set 3fa9c1d2 7b01e4aa',
        'sealtrack screen-certificates set --policy optional',
      ),
    )
    .action(wire(set));
}

interface PolicyOptions {
  readonly policy?: Policy;
}

const idsOf = ({ certificates }: ScreenSettings): string[] =>
  certificates.map(({ certificateId }) => certificateId);

async function assign(context: Context, wanted: readonly string[], { policy }: PolicyOptions): Promise<void> {
  const current = await getScreenSettings(context);
  const added = await resolveCertificates(context, wanted);
  const certificateIds = [...new Set([...idsOf(current), ...added])];
  await saveScreenSettings(context, current, { certificateIds, policy });
}

async function remove(context: Context, wanted: readonly string[], { policy }: PolicyOptions): Promise<void> {
  const current = await getScreenSettings(context);
  const gone: readonly string[] = await findAssigned(current.certificates, wanted);
  const strangers = gone.filter((id) => !idsOf(current).includes(id));
  if (strangers.length > 0)
    throw new AppError(
      'CERTIFICATE_NOT_FOUND',
      `${strangers.join(', ')} is not among the screen certificates`,
      {
        fix: 'See which are: sealtrack screen-certificates show.',
      },
    );
  const certificateIds = idsOf(current).filter((id) => !gone.includes(id));
  await saveScreenSettings(context, current, { certificateIds, policy });
}

async function succeed(
  context: Context,
  old: string,
  next: string,
  { from }: { readonly from?: Date },
): Promise<void> {
  const current = await getScreenSettings(context);
  const change = await findSuccession(context, current.certificates, { old, next, from });
  await saveScreenSettings(context, current, change, (saved) =>
    describeSuccession(screenRecordings(context), saved, change),
  );
}

async function set(
  context: Context,
  wanted: readonly string[],
  { policy, none = false }: PolicyOptions & { readonly none?: boolean },
): Promise<void> {
  if (none ? wanted.length > 0 : wanted.length === 0 && policy === undefined)
    throw new AppError('INVALID_ARGUMENT', 'Give certificates, or --none, or --policy alone', {
      fix: 'See which there are: sealtrack screen-certificates show',
    });
  const current = await getScreenSettings(context);
  const isKept = !none && wanted.length === 0;
  const certificateIds = isKept ? idsOf(current) : await resolveCertificates(context, wanted);
  await saveScreenSettings(context, current, { certificateIds, policy });
}
