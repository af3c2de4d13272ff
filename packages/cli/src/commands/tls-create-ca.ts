import { resolve } from 'node:path';
import { createAuthority } from '@sealtrack/authority/create-authority';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
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
import { addFirstPasswordOptions, type FirstPasswordOptions, firstPassword } from '../tls/passwords.ts';

export function addTlsCreateCa(group: Command, wire: Wire): void {
  const command = dirOption(group.command('create-ca')).description(
    'Make a certificate authority in a folder: a root, which everything is told to trust that checks its certificates.',
  );
  addFirstPasswordOptions(addAuthorityOptions(command, { days: 3650 }))
    .addHelpText(
      'after',
      example(
        'sealtrack tls create-ca --dir pki --cn "Example recording CA" --o Example --c DE --encrypt',
        'sealtrack tls create-ca --dir pki --cn "Example CA" --key-type p384 --permit example.com --permit 10.0.0.0/8',
      ),
    )
    .action(wire(createCa));
}

type Options = AuthorityOptions & FirstPasswordOptions;

async function createCa(context: Context, options: Options): Promise<void> {
  const dir = resolve(context.io.cwd, options.dir);
  const digest = await digestOf(context, options);
  const password = await firstPassword(context, options, 'the authority');
  try {
    const authority = await withSpinner(context, 'making a key', () =>
      createAuthority({
        ...{ dir, digest, password, days: options.days, now: new Date(), pathLength: options.pathLength },
        subject: subjectOf(options),
        key: keyOptionsOf(context, options),
        ...{ permitted: options.permit ?? [], excluded: options.exclude ?? [] },
      }),
    );
    await noteConstraints(context, options);
    await reportAuthority(context, authority);
  } finally {
    password.fill(0);
  }
}
