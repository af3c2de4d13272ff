import { createCertificate } from '@sealtrack/authority/create-certificate';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { withSpinner } from '../spinner.ts';
import { reportIssued } from '../tls/describe-issued.ts';
import {
  addHostOptions,
  addKeyOptions,
  addPfxProfileOption,
  addUsageOptions,
  digestOf,
  dirOption,
  type HostCertificateOptions,
  keyOptionsOf,
  type NewKeyOptions,
  type PfxProfileOptions,
  subjectOf,
  usageOf,
} from '../tls/options.ts';
import { addKeyPasswordOptions, type KeyPasswordOptions, newPassword } from '../tls/passwords.ts';
import { withAuthorityKey } from '../tls/with-authority-key.ts';

export function addTlsCreateCert(group: Command, wire: Wire): void {
  const command = dirOption(group.command('create-cert')).description(
    'Make a private key and a certificate for hosts, signed by the authority. Both, and a PFX of them, come into ' +
      'its repository; what checks the certificate goes by --host, and by nothing else.',
  );
  addPasswordOptions(
    addPfxProfileOption(
      addKeyPasswordOptions(addKeyOptions(addUsageOptions(addHostOptions(command), 'both'))),
    ),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack tls create-cert --dir pki --host media.example.com --host 192.0.2.10',
        'sealtrack tls create-cert --dir pki --host playback --usage client --key-type p256 --days 30',
      ),
    )
    .action(wire(createCert));
}

type Options = HostCertificateOptions &
  NewKeyOptions &
  PasswordOptions &
  KeyPasswordOptions &
  PfxProfileOptions;

async function createCert(context: Context, options: Options): Promise<void> {
  const digest = await digestOf(context, options);
  const { host = [] } = options;
  const [firstHost = ''] = host;
  const password = await newPassword(context, options, `the key of ${firstHost}`);
  try {
    const issued = await withAuthorityKey(context, options, (authority, authorityKey) =>
      withSpinner(context, 'making a key', () =>
        createCertificate(authority, authorityKey, {
          ...{ hosts: host, subject: subjectOf(options, options.cn ?? firstHost.slice(0, 64)) },
          ...{ key: keyOptionsOf(context, options), digest, days: options.days, password, pfx: options.pfx },
          now: new Date(),
          ...usageOf(options),
        }),
      ),
    );
    await reportIssued(context, issued);
  } finally {
    password.fill(0);
  }
}
