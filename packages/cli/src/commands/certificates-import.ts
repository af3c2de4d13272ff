import { resolve } from 'node:path';
import { noPrivateKey } from '@sealtrack/certificates/wrong-file';
import type {
  ImportCertificateRequest,
  ImportCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { type CertificateView, describeCertificate, toView } from '../certificates/describe-certificate.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { keyWithin, withoutKeys } from '../key-files.ts';
import { printable } from '../output.ts';
import { addPasswordOptions, type PasswordOptions, withPassword } from '../password.ts';
import { told } from '../told.ts';
import { formatTime } from '../units.ts';

const MAX_FILE_BYTES = 256 * 1024;
/** A password may be hashed for seconds, on purpose. */
const DEADLINE_MS = 60_000;

export function addCertificatesImport(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('import')
      .description(
        'Import a certificate with its private key. The key is sealed, and never handed out again. ' +
          'A password that is missing is asked for at a terminal.',
      )
      .option('--cert <path>', 'the certificate with those above it: PEM in any order, DER, or PKCS#7')
      .option(
        '--key <path>',
        'its private key, PEM or DER (PKCS#8 or PKCS#1); default: the key in the file of --cert, or the one held already',
      )
      .option('--pfx <path>', 'both in one: PKCS#12 (.pfx, .p12), in place of --cert and --key')
      .option('--alias <name>', 'what people call it; default: its subject')
      .option('--dry-run', 'check everything and show it; store nothing')
      .option('--decrypt-only', 'for opening old recordings: its chain is not asked for, it never encrypts'),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack certificates import --cert tenant.pem --key tenant.key --alias sales-2026',
        'sealtrack certificates import --pfx tenant.pfx --dry-run',
      ),
    )
    .action(wire(importCertificate));
}

interface ImportOptions extends PasswordOptions {
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: string;
  readonly alias?: string;
  readonly dryRun?: boolean;
  readonly decryptOnly?: boolean;
}

type Files = Pick<ImportCertificateRequest, 'certificate' | 'privateKey'>;

async function importCertificate(context: Context, options: ImportOptions): Promise<void> {
  const { alias = '', dryRun = false, decryptOnly = false } = options;
  const files = await readFiles(context, options);
  try {
    const client = await context.certificates();
    const keyPath = options.pfx ?? options.key ?? options.cert ?? '';
    const answer = await withPassword(options, context.io, keyPath, (password) =>
      client.importCertificate(
        { tenantId: context.tenantId, ...files, password, alias, dryRun, decryptOnly },
        { signal: context.signal, deadlineMs: DEADLINE_MS },
      ),
    ).catch((error: unknown) => {
      throw hasCode(error, 'PRIVATE_KEY_INVALID') && files.privateKey.length === 0
        ? keyMissing(error)
        : error;
    });
    await report(context, answer, alias);
  } finally {
    files.certificate.fill(0);
    files.privateKey.fill(0);
  }
}

async function report(
  context: Context,
  { certificate, warnings, stored }: ImportCertificateResponse,
  alias: string,
): Promise<void> {
  const view = toView(told(certificate));
  // What was imported before is as it was.
  const isKnown = alias !== '' && alias !== view.alias;
  const said = [
    ...warnings,
    ...(isKnown ? [`It was imported before, and goes on being called ${view.alias}.`] : []),
  ];
  if (stored) for (const warning of said) context.io.stderr.write(`warning: ${printable(warning)}\n`);
  await context.out.result({ ...view, warnings: said, stored }, () =>
    stored ? describeStored(view) : describeTried(view, said),
  );
}

const describeStored = (view: CertificateView): string =>
  [
    `Imported ${printable(view.alias)}, ${view.keyBits} bits, valid until ${formatTime(view.notAfter)}`,
    `certificate id: ${view.certificateId}`,
    view.decryptOnly || view.problem === 'expired'
      ? 'It opens recordings, and no new ones are encrypted to it.'
      : `Next: sealtrack profiles assign <profile> ${view.certificateId.slice(0, 8)}`,
  ].join('\n');

const describeTried = (view: CertificateView, warnings: readonly string[]): string =>
  [
    'Nothing was stored: this is what would be.',
    describeCertificate({ view, warnings, stored: false, now: new Date() }),
  ].join('\n');

async function readFiles(context: Context, { cert, key, pfx }: ImportOptions): Promise<Files> {
  const read = (name: string): Promise<Buffer> =>
    readSmallFile(resolve(context.io.cwd, name), MAX_FILE_BYTES);
  if (pfx !== undefined) {
    if (cert !== undefined || key !== undefined) throw wrongFiles('--pfx has certificate and key in one');
    return { certificate: Buffer.alloc(0), privateKey: await read(pfx) };
  }
  if (cert === undefined) throw wrongFiles('There is no certificate');
  const file = await read(cert);
  try {
    const certificate = withoutKeys(file);
    if (key === undefined) return { certificate, privateKey: keyWithin(file) };
    const privateKey = await read(key);
    // Sent as it is, it would pass for no key at all.
    if (privateKey.length === 0) throw noPrivateKey('empty');
    return { certificate, privateKey };
  } finally {
    file.fill(0);
  }
}

const wrongFiles = (message: string): AppError =>
  new AppError('INVALID_ARGUMENT', message, {
    fix: 'Give --cert and --key, or --pfx alone: sealtrack certificates import --help',
  });

const keyMissing = (cause: AppError): AppError =>
  new AppError('PRIVATE_KEY_INVALID', 'No private key was given, and none of this certificate is held', {
    fix: 'Give the private key of the certificate with --key.',
    cause,
  });
