import { createIntermediate } from '@sealtrack/authority/create-intermediate';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { withSpinner } from '../spinner.ts';
import { noteConstraints, reportAuthority } from '../tls/describe-authority.ts';
import {
  type AuthorityOptions,
  addAuthorityOptions,
  digestOf,
  dirOption,
  keyOptionsOf,
  subjectOf,
} from '../tls/options.ts';
import { addKeyPasswordOptions, type KeyPasswordOptions, newPassword } from '../tls/passwords.ts';
import { withAuthorityKey } from '../tls/with-authority-key.ts';

export function addTlsCreateIntermediate(group: Command, wire: Wire): void {
  const command = dirOption(group.command('create-intermediate')).description(
    'Make an authority below another one, in a folder within its folder. With it the root can be locked away: ' +
      'everything else is issued by what is below it.',
  );
  addPasswordOptions(addKeyPasswordOptions(addAuthorityOptions(command, { days: 1825 })))
    .option('--name <folder>', 'what its folder is called (default: made from its common name)')
    .addHelpText(
      'after',
      example(
        'sealtrack tls create-intermediate --dir pki --cn "Example site CA" --name site --path-length 0',
        'sealtrack tls create-cert --dir pki/site --host media.example.com',
      ),
    )
    .action(wire(createIntermediateCa));
}

type Options = AuthorityOptions & PasswordOptions & KeyPasswordOptions & { readonly name?: string };

async function createIntermediateCa(context: Context, options: Options): Promise<void> {
  const { days, pathLength = 0, name = folderFor(options.cn) } = options;
  const digest = await digestOf(context, options);
  const password = await newPassword(context, options, 'the new authority');
  try {
    const authority = await withAuthorityKey(context, options, (above, aboveKey) =>
      withSpinner(context, 'making a key', () =>
        createIntermediate(above, aboveKey, {
          ...{
            name,
            subject: subjectOf(options),
            key: keyOptionsOf(context, options),
            digest,
            days,
            pathLength,
          },
          ...{ permitted: options.permit ?? [], excluded: options.exclude ?? [], password },
          now: new Date(),
        }),
      ),
    );
    await noteConstraints(context, options);
    await reportAuthority(context, authority);
  } finally {
    password.fill(0);
  }
}

const folderFor = (commonName: string): string =>
  commonName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'intermediate';
