import { openKeyFile } from '@sealtrack/authority/open-key-file';
import {
  findRenewable,
  type Renewable,
  type RenewOptions,
  renewCertificate,
} from '@sealtrack/authority/renew-certificate';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { withSpinner } from '../spinner.ts';
import { reportIssued } from '../tls/describe-issued.ts';
import {
  addDigestOptions,
  addPfxProfileOption,
  type DigestOptions,
  digestOf,
  dirOption,
  type PfxProfileOptions,
  parseDays,
} from '../tls/options.ts';
import {
  addKeyPasswordOptions,
  type KeyPasswordOptions,
  newPassword,
  withNewPassword,
} from '../tls/passwords.ts';
import { withAuthorityKey } from '../tls/with-authority-key.ts';

export function addTlsRenew(group: Command, wire: Wire): void {
  const command = dirOption(group.command('renew <certificate>')).description(
    'Issue a certificate anew, named by its serial number, the beginning of that, or its file: same subject, names and ' +
      'uses, new serial number, new end. The one before stays valid until its own end.',
  );
  addPasswordOptions(addPfxProfileOption(addKeyPasswordOptions(addDigestOptions(command))))
    .option('--days <n>', 'how long it is valid (default: as long as the one before)', parseDays)
    .option('--new-key', 'with a new private key, of the same kind; else with the one there is')
    .option('--revoke-old', 'revoke the one before, as superseded')
    .addHelpText(
      'after',
      example(
        'sealtrack tls renew 5A1F03 --dir pki',
        'sealtrack tls renew media_cert.pem --dir pki --new-key --revoke-old',
      ),
    )
    .action(wire(renew));
}

interface Options extends DigestOptions, PfxProfileOptions, PasswordOptions, KeyPasswordOptions {
  readonly dir: string;
  readonly days?: number;
  readonly newKey?: boolean;
  readonly revokeOld?: boolean;
}

async function renew(context: Context, wanted: string, options: Options): Promise<void> {
  const { dir, days, newKey = false, revokeOld = false } = options;
  const digest = await digestOf(context, options);
  const issued = await withAuthorityKey(context, options, async (authority, authorityKey) => {
    const before = await findRenewable(authority, wanted, context.io.cwd);
    return await withKey(context, before, options, (key) =>
      withSpinner(context, newKey ? 'making a key' : 'renewing', () =>
        renewCertificate(authority, authorityKey, before, {
          ...{ newKey, digest, days, revokeOld, pfx: options.pfx, ...key, signal: context.signal },
          now: new Date(),
        }),
      ),
    );
  });
  await reportIssued(
    context,
    issued,
    revokeOld ? [`The one before is revoked. Next, publish that: sealtrack tls crl --dir ${dir}`] : [],
  );
}

type Key = Pick<RenewOptions, 'privateKey' | 'password'>;

/** The private key there is, and the password that its new file is encrypted with: the same. */
async function withKey<T>(
  context: Context,
  before: Renewable,
  options: Options,
  use: (key: Key) => Promise<T>,
): Promise<T> {
  const path = before.privateKey;
  if (options.newKey !== true && path !== undefined)
    return await withNewPassword(context, options, path, async (password) =>
      use({ privateKey: await openKeyFile(path, password), password }),
    );
  const password = await newPassword(context, options, 'the new key');
  try {
    return await use({ privateKey: undefined, password });
  } finally {
    password.fill(0);
  }
}
