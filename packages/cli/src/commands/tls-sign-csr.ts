import { resolve } from 'node:path';
import { signRequest } from '@sealtrack/authority/sign-request';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { reportIssued } from '../tls/describe-issued.ts';
import {
  addHostOptions,
  addUsageOptions,
  type DigestOptions,
  digestOf,
  dirOption,
  type SubjectOptions,
  subjectOf,
  type UsageOptions,
} from '../tls/options.ts';
import { withAuthorityKey } from '../tls/with-authority-key.ts';

const MAX_CSR_BYTES = 64 * 1024;

export function addTlsSignCsr(group: Command, wire: Wire): void {
  const command = dirOption(group.command('sign-csr <request>')).description(
    'Sign a request for a certificate (CSR: PKCS#10, PEM or DER) whose private key stays where it is. Names and uses of ' +
      'connections are taken from it, and nothing else: it never becomes an authority.',
  );
  addPasswordOptions(addUsageOptions(addHostOptions(command)))
    .addHelpText(
      'after',
      example(
        'sealtrack tls sign-csr media.csr --dir pki',
        'sealtrack tls sign-csr appliance.csr --dir pki --host appliance.example.com --usage server',
      ),
    )
    .action(wire(signCsr));
}

interface SignOptions extends SubjectOptions, DigestOptions, Partial<UsageOptions>, PasswordOptions {
  readonly dir: string;
  readonly host?: readonly string[];
  readonly days: number;
}

async function signCsr(context: Context, path: string, options: SignOptions): Promise<void> {
  const { host, cn, usage, emailProtection, days } = options;
  const file = await readSmallFile(resolve(context.io.cwd, path), MAX_CSR_BYTES);
  const digest = await digestOf(context, options);
  const issued = await withAuthorityKey(context, options, (authority, authorityKey) =>
    signRequest(authority, authorityKey, file, {
      ...{ hosts: host, usage, emailProtection, digest, days, now: new Date() },
      subject: cn === undefined ? undefined : subjectOf(options),
    }),
  );
  await reportIssued(context, issued);
}
