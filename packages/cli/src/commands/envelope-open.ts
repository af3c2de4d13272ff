import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { parsePrivateKey } from '@sealtrack/certificates/private-key';
import { type Envelope, parseEnvelope } from '@sealtrack/envelope/envelope';
import type { ManifestMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { proveImplicitRejection } from '@sealtrack/envelope/self-test';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import { extensionOf } from '../content-types.ts';
import type { Context } from '../context.ts';
import { openInput, readSmallFile } from '../files.ts';
import { toCertificatePem } from '../key-files.ts';
import { write } from '../output.ts';
import { writeOutputFile } from '../output-file.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../password.ts';
import { ciphertextPath, pickMedia, readSealedFile } from '../sealed-file.ts';
import { formatBytes } from '../units.ts';

const MAX_KEY_BYTES = 256 * 1024;

export function addEnvelopeOpen(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('open <manifest>')
      .description('Decrypt a recording from its manifest and ciphertext, with the private key in hand.')
      .option(
        '--content <ciphertext>',
        'the ciphertext (default: the file that the manifest names, beside it)',
      )
      .requiredOption('--key <path>', 'the private key, PEM')
      .option('--cert <path>', 'its certificate, when the recording is encrypted to several')
      .option('--media <id>', 'the media file within the recording, if there are several')
      .option(
        '--out <file>',
        'where to, or "-" for standard output (default: a file named after the recording)',
      )
      .option('--force', 'replace a file that is there'),
  )
    .addHelpText(
      'after',
      example('sealtrack envelope open recording.json --content main.enc --key tenant.key --out call.wav'),
    )
    .action(wire(open));
}

interface OpenOptions extends PasswordOptions {
  readonly content?: string;
  readonly key: string;
  readonly cert?: string;
  readonly media?: string;
  readonly out?: string;
  readonly force?: boolean;
}

async function open(context: Context, path: string, options: OpenOptions): Promise<void> {
  const at = (relative: string): string => resolve(context.io.cwd, relative);
  const file = await readSealedFile(at(path));
  if (file.kind === 'envelope') throw withoutTags(path, options.key);
  const media = pickMedia(file.manifest, options.media);
  const told = options.content === undefined ? undefined : at(options.content);
  const ciphertext = ciphertextPath(at(path), media, told);
  // Only for what it says when there is no such file.
  await openInput(ciphertext, context.io);
  const dek = await readDek(context, media, options);
  try {
    const content = context.progress(plaintextOf(media, ciphertext, dek), 'decrypting', media.plaintextSize);
    if (options.out === '-') {
      for await (const chunk of content) await write(context.io.stdout, chunk);
      return;
    }
    const name = `${file.manifest.recordingId}${extensionOf(media.contentType)}`;
    const out = at(options.out ?? name);
    const bytes = await writeOutputFile(out, content, { force: options.force === true });
    await context.out.result(
      { file: out, bytes, contentType: media.contentType },
      () => `Wrote ${out} (${formatBytes(bytes)})`,
    );
  } finally {
    dek.fill(0);
  }
}

const plaintextOf = (media: ManifestMedia, ciphertext: string, dek: Buffer): AsyncIterable<Uint8Array> =>
  openMedia({ ...media, iv: parseEnvelope(media.envelope).iv, dek }, (offset, length) =>
    createReadStream(ciphertext, { start: offset, end: offset + length - 1, highWaterMark: 256 * 1024 }),
  );

async function readDek(context: Context, media: ManifestMedia, options: OpenOptions): Promise<Buffer> {
  await proveImplicitRejection();
  const envelope = parseEnvelope(media.envelope);
  const certificate = await readCertificate(context, envelope, options);
  const privateKey = await readKey(context, options);
  return unwrapDek(envelope, { certificate, privateKey });
}

async function readKey(context: Context, options: OpenOptions): Promise<KeyObject> {
  const password = await readPassword(options, context.io);
  const key = await readSmallFile(resolve(context.io.cwd, options.key), MAX_KEY_BYTES);
  try {
    return parsePrivateKey(key, password);
  } finally {
    key.fill(0);
    password.fill(0);
  }
}

/** Which recipient the key is of: the only one there is, or the one of the certificate given. Keys are never tried. */
async function readCertificate(
  context: Context,
  { recipients }: Envelope,
  options: OpenOptions,
): Promise<CertificateInfo | undefined> {
  if (options.cert !== undefined) {
    const path = resolve(context.io.cwd, options.cert);
    return parseCertificate(toCertificatePem(await readSmallFile(path, MAX_KEY_BYTES), path));
  }
  if (recipients.length === 1) return undefined;
  throw new AppError('INVALID_ARGUMENT', `The recording is encrypted to ${recipients.length} certificates`, {
    fix: 'Say which of them the key belongs to, with --cert.',
  });
}

/** Without tags nothing could be verified before it is written. */
const withoutTags = (path: string, key: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${path} is no manifest, so there are no tags to verify its media by`, {
    fix: `Give the manifest, recording.json. For a PKCS#7 file use OpenSSL: openssl smime -decrypt -inform DER -in ${path} -inkey ${key}`,
    details: { file: path },
  });
