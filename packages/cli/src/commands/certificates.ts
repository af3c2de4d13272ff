import { resolve } from 'node:path';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { splitPem, toCertificatePem } from '../key-files.ts';
import { printable, table } from '../output.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../password.ts';
import { formatTime } from '../units.ts';

const MAX_FILE_BYTES = 256 * 1024;

export function addCertificates(program: Command, wire: Wire): void {
  const group = program
    .command('certificates')
    .description('Certificates that recordings are encrypted to, and their private keys.');

  addPasswordOptions(
    group
      .command('import')
      .description(
        'Import a certificate with its private key. The key is sealed, and never handed out again.',
      )
      .requiredOption('--cert <path>', 'the certificate, PEM or DER')
      .option('--key <path>', 'its private key: PEM, DER or PKCS#12; default: the key in the file of --cert')
      .option('--alias <name>', 'what people call it; default: its subject'),
  )
    .addHelpText(
      'after',
      example('sealtrack certificates import --cert tenant.pem --key tenant.key --alias sales-2026'),
    )
    .action(wire(importCertificate));

  group
    .command('list')
    .description('List the certificates.')
    .addHelpText('after', example('sealtrack certificates list'))
    .action(wire(listCertificates));
}

interface ImportOptions extends PasswordOptions {
  readonly cert: string;
  readonly key?: string;
  readonly alias?: string;
}

async function importCertificate(context: Context, options: ImportOptions): Promise<void> {
  const secrets: Buffer[] = [];
  const secret = (bytes: Buffer): Buffer => {
    secrets.push(bytes);
    return bytes;
  };
  try {
    const file = secret(await readSmallFile(resolve(context.io.cwd, options.cert), MAX_FILE_BYTES));
    const password = secret(await readPassword(options, context.io));
    const privateKey =
      options.key === undefined
        ? secret(splitPem(file, 'PRIVATE KEY', options.cert))
        : secret(await readSmallFile(resolve(context.io.cwd, options.key), MAX_FILE_BYTES));
    const { certificate, warnings } = await context.certificates().importCertificate(
      {
        tenantId: context.tenantId,
        certificate: Buffer.from(toCertificatePem(file, options.cert)),
        privateKey,
        password,
        alias: options.alias ?? '',
      },
      { signal: context.signal },
    );
    if (certificate === undefined) return;
    for (const warning of warnings) context.io.stderr.write(`warning: ${printable(warning)}\n`);
    await context.out.result({ ...toView(certificate), warnings }, () =>
      [
        `Imported ${printable(certificate.alias)}, ${certificate.keyBits} bits, valid until ${formatTime(certificate.notAfter)}`,
        `certificate id: ${certificate.certificateId}`,
        `Next: sealtrack profiles assign <profile> ${certificate.certificateId.slice(0, 8)}`,
      ].join('\n'),
    );
  } finally {
    for (const bytes of secrets) bytes.fill(0);
  }
}

async function listCertificates(context: Context): Promise<void> {
  const { certificates } = await context
    .certificates()
    .listCertificates({ tenantId: context.tenantId }, { signal: context.signal });
  await context.out.list(certificates.map(toView), (views) =>
    views.length === 0
      ? 'No certificates yet. Import one: sealtrack certificates import --cert CERT.pem --key KEY.pem'
      : table(
          ['CERTIFICATE', 'ALIAS', 'BITS', 'VALID UNTIL', 'PRIVATE KEY'],
          views.map((view) => [
            view.certificateId.slice(0, 16),
            view.alias,
            String(view.keyBits),
            formatTime(view.notAfter),
            view.hasPrivateKey ? 'held' : 'missing',
          ]),
        ),
  );
}

function toView(certificate: Certificate) {
  const { certificateId, keyId, alias, subject, issuer, serialNumber } = certificate;
  const { notBefore, notAfter, keyBits, hasPrivateKey, importedAt } = certificate;
  return {
    ...{ certificateId, keyId, alias, subject, issuer, serialNumber },
    ...{ notBefore, notAfter, keyBits, hasPrivateKey, importedAt },
  };
}
