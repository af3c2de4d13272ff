import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { type OrderedChain, orderChain, readCertificates } from '@sealtrack/certificates/certificate-chain';
import { certificateFields } from '@sealtrack/certificates/certificate-fields';
import { distinguishedName, subjectNameOf } from '@sealtrack/certificates/distinguished-name';
import { PKCS12_PROFILES, type Pkcs12Profile, writePkcs12 } from '@sealtrack/certificates/issue/write-pkcs12';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { readSmallFile } from '../files.ts';
import { note } from '../note.ts';
import { printable } from '../output.ts';
import { refuseExisting } from '../output-file.ts';
import { addNewPasswordOptions, type NewPasswordOptions, readNewPassword } from '../tls/new-password.ts';
import { MAX_BYTES, readKeyInput } from '../tls/private-key-input.ts';
import { writeSecretOutput } from '../tls/write-secret-output.ts';

export function addTlsPfx(group: Command, wire: Wire): void {
  addNewPasswordOptions(
    group
      .command('pfx')
      .description(
        'Put a certificate, those above it and its private key into one PFX file (PKCS#12), as Windows and Java import them. ' +
          'A PFX as --key is written anew.',
      )
      .requiredOption('--key <file>', 'the private key: PEM, DER or PFX')
      .option(
        '--cert <file>',
        'its certificate: PEM, DER or PKCS#7 (default: the one beside the key in its file)',
      )
      .option(
        '--chain <file>',
        'those that issued it, in any order; repeatable',
        (path: string, before: readonly string[] = []) => [...before, path],
      )
      .requiredOption('--out <file>', 'where to; only you may read it')
      .addOption(
        new Option(
          '--pfx <profile>',
          'modern: AES-256, for Windows since Server 2019; windows-legacy: 3DES, for older ones',
        )
          .choices(PKCS12_PROFILES)
          .default('modern'),
      )
      .option('--name <text>', 'what key stores show it as (default: its common name)')
      .option('--force', 'replace a file that is there'),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack tls pfx --cert server_cert.pem --key server_priv_key.pem --chain ca_cert.pem --out server.pfx',
        'sealtrack tls pfx --key server.pfx --out for_2012.pfx --pfx windows-legacy --password-file password',
      ),
    )
    .action(wire(pfx));
}

interface PfxOptions extends NewPasswordOptions {
  readonly key: string;
  readonly cert?: string;
  readonly chain?: readonly string[];
  readonly out: string;
  readonly pfx: Pkcs12Profile;
  readonly name?: string;
  readonly force?: boolean;
}

async function pfx(context: Context, options: PfxOptions): Promise<void> {
  const { force = false, pfx: profile } = options;
  const at = (path: string): string => resolve(context.io.cwd, path);
  const files = [options.cert, ...(options.chain ?? [])].flatMap((path) =>
    path === undefined ? [] : [at(path)],
  );
  const out = at(options.out);
  if (!force) await refuseExisting(out);
  await refuseReplacing(out, { 'the private key': at(options.key), 'a certificate': files });
  const { privateKey, certificates: beside } = await readKeyInput(context, options.key, options);
  const given = await Promise.all(files.map(certificatesIn));
  const { chain, others } = arranged([...given.flat(), ...beside], privateKey);
  const [certificate, ...issuers] = chain;
  const { subject } = certificateFields(certificate);
  const friendlyName = options.name ?? subjectNameOf(subject);
  const password = await readNewPassword(options, context.io, out);
  let file: Buffer;
  let isAscii: boolean;
  try {
    isAscii = password.every((byte) => byte < 0x80);
    file = await writePkcs12({ privateKey, certificate, chain: issuers, friendlyName, profile }, password);
  } finally {
    password.fill(0);
  }
  await writeSecretOutput(out, file, force);
  await say(context, { chain, others, profile, isAscii });
  const result = {
    file: out,
    profile,
    name: friendlyName,
    subject: distinguishedName(subject),
    certificates: chain.length,
  };
  await context.out.result(
    result,
    () => `Wrote ${printable(out)} (${printable(result.subject)}, with ${chain.length - 1} above it)`,
  );
}

async function certificatesIn(path: string): Promise<Buffer[]> {
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    return await readCertificates(file);
  } catch (error) {
    // A password given here is that of the key.
    throw hasCode(error, 'PRIVATE_KEY_PASSWORD_MISSING') ? lockedCertificates(path, error) : error;
  } finally {
    file.fill(0);
  }
}

function arranged(
  certificates: readonly Buffer[],
  privateKey: Parameters<typeof orderChain>[1],
): OrderedChain {
  if (certificates.length > 0) return orderChain(certificates, privateKey);
  throw new AppError('CERTIFICATE_INVALID', 'There is no certificate in the file of the private key', {
    fix: 'Give the file with the certificate in --cert.',
  });
}

const lockedCertificates = (path: string, cause: AppError): AppError =>
  new AppError('CERTIFICATE_INVALID', `The certificates in ${path} are encrypted with a password`, {
    fix: 'If their private key is in it too, give it as --key, and leave out --cert. Else take them out first: openssl pkcs12 -nokeys -in FILE -out certificates.pem.',
    details: { file: path },
    cause,
  });

interface Facts extends OrderedChain {
  readonly profile: Pkcs12Profile;
  readonly isAscii: boolean;
}

async function say(context: Context, { chain, others, profile, isAscii }: Facts): Promise<void> {
  const last = new X509Certificate(chain.at(-1) ?? chain[0]);
  if (last.subject !== last.issuer)
    await note(
      context,
      'Who issued the last certificate in it is not there: give the CA certificates in --chain',
    );
  if (others.length > 0)
    await note(context, `Left out, for they have no part in the chain: ${others.map(subjectOf).join('; ')}`);
  if (profile === 'windows-legacy')
    await note(
      context,
      '3DES and SHA-1 protect the key badly: take a long password, and delete the file once it is imported',
    );
  if (!isAscii)
    await note(context, 'Java opens no file with a password that has other characters than ASCII');
}

const subjectOf = (der: Buffer): string => distinguishedName(certificateFields(der).subject);
