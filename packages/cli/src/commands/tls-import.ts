import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { type Imported, importCertificate } from '@sealtrack/authority/import-certificate';
import { layoutOf } from '@sealtrack/authority/layout';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { printable } from '../output.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { readCertificateInput } from '../tls/certificate-input.ts';
import { reportIssued } from '../tls/describe-issued.ts';
import { collect, dirOption } from '../tls/options.ts';
import { addKeyPasswordOptions, type KeyPasswordOptions, newPassword } from '../tls/passwords.ts';

export function addTlsImport(group: Command, wire: Wire): void {
  const command = dirOption(group.command('import [file...]')).description(
    'Put a certificate that a Windows or commercial CA issued into the repository, with its chain and its private key: ' +
      'PEM, DER, PKCS#7 (.p7b) or PFX, in any number of files. The folder need not be that of an authority.',
  );
  addPasswordOptions(addKeyPasswordOptions(command))
    .option('--cert <file>', 'another of these files; repeatable', collect)
    .option('--key <file>', 'the file with the private key, if it is in one of its own')
    .option('--pfx <file>', 'certificate and private key in one')
    .addHelpText(
      'after',
      example(
        'sealtrack tls import server.pfx --dir pki',
        'sealtrack tls import server.cer chain.p7b server.key --dir pki',
      ),
    )
    .action(wire(importTls));
}

interface ImportOptions extends PasswordOptions, KeyPasswordOptions {
  readonly dir: string;
  readonly cert?: readonly string[];
  readonly key?: string;
  readonly pfx?: string;
}

async function importTls(context: Context, given: readonly string[], options: ImportOptions): Promise<void> {
  const { cert = [], key, pfx } = options;
  const files = [...given, ...cert, ...[key, pfx].filter((file) => file !== undefined)];
  const { certificates, privateKeys } = await readAll(context, files, options);
  if (privateKeys.length > 1) throw severalKeys(privateKeys.length);
  const password = await newPassword(context, options, 'the private key');
  try {
    const imported = await importCertificate(layoutOf(resolve(context.io.cwd, options.dir)), {
      ...{ certificates, privateKey: privateKeys[0], password, pfx: 'modern' },
    });
    await sayWhatIsMissing(context, imported);
    await reportIssued(context, imported, [`issued by: ${imported.issuer}`], 'Imported');
  } finally {
    password.fill(0);
  }
}

async function readAll(context: Context, files: readonly string[], options: ImportOptions) {
  const certificates: Buffer[] = [];
  const privateKeys: KeyObject[] = [];
  for (const file of files) {
    const found = await readCertificateInput(context, file, options);
    certificates.push(...found.certificates);
    if (found.privateKey !== undefined) privateKeys.push(found.privateKey);
  }
  if (certificates.length > 0) return { certificates, privateKeys };
  throw new AppError('INVALID_ARGUMENT', 'There is no certificate to import', {
    fix: 'Give the files that the CA sent: sealtrack tls import --help',
  });
}

async function sayWhatIsMissing(context: Context, { leftOut, isWhole, files }: Imported): Promise<void> {
  if (leftOut.length > 0)
    await note(context, `left out, for they have no part in the chain: ${leftOut.map(printable).join('; ')}`);
  if (!isWhole)
    await note(context, 'the chain does not come to its root: who checks it has to have what is missing.');
  if (files.privateKey === undefined)
    await note(
      context,
      'without its private key nobody can use it: give that file too, if it is not elsewhere.',
    );
}

const severalKeys = (count: number): AppError =>
  new AppError('INVALID_ARGUMENT', `The files hold ${count} private keys`, {
    fix: 'Give the one of the certificate only.',
  });
