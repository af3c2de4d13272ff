import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createChecksum } from '@sealtrack/envelope/checksum';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { isPem, pkcs7FromPem } from '@sealtrack/envelope/pkcs7-pem';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { openInput } from '../files.ts';
import { writeOutputFile } from '../output-file.ts';
import { ciphertextPath, pickMedia, readSealedFile, type SealedFile } from '../sealed-file.ts';
import { formatBytes } from '../units.ts';

// Nothing in it is secret without the key.
const PUBLIC = 0o644;

export function addEnvelopeSplice(group: Command, wire: Wire): void {
  group
    .command('splice <manifest>')
    .description(
      'Put envelope and ciphertext together to one PKCS#7 file. Takes a manifest, or a detached envelope.',
    )
    .option('--content <ciphertext>', 'the ciphertext (default: the file that the manifest names, beside it)')
    .option('--media <id>', 'the media file within the recording, if there are several')
    .requiredOption('--out <file>', 'where to write the PKCS#7 file')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example('sealtrack envelope splice recording.json --content main.enc --out recording.p7m'),
    )
    .action(wire(splice));
}

interface SpliceOptions {
  readonly content?: string;
  readonly media?: string;
  readonly out: string;
  readonly force?: boolean;
}

interface Parts {
  readonly envelope: Buffer;
  readonly ciphertext: string;
  /** Bytes; undefined when only the ciphertext file knows. */
  readonly size?: number;
  readonly checksum?: string;
}

async function splice(context: Context, path: string, options: SpliceOptions): Promise<void> {
  const manifest = resolve(context.io.cwd, path);
  const told = options.content === undefined ? undefined : resolve(context.io.cwd, options.content);
  const parts = partsOf(await readSealedFile(manifest), manifest, { ...options, content: told });
  const input = await openInput(parts.ciphertext, context.io);
  const size = parts.size ?? (await stat(parts.ciphertext)).size;
  const { prefix, suffix, size: total } = splicePkcs7(parts.envelope, size);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield prefix;
    yield* checked(input.content, size, parts.checksum);
    yield suffix;
  }
  const file = resolve(context.io.cwd, options.out);
  const seen = context.progress(content(), 'writing', total);
  const bytes = await writeOutputFile(file, seen, { force: options.force === true, mode: PUBLIC });
  await context.out.result({ file, bytes }, () => `Wrote ${file} (${formatBytes(bytes)})`);
}

function partsOf(
  file: SealedFile,
  path: string,
  { content, media: mediaId }: { readonly content: string | undefined; readonly media?: string },
): Parts {
  if (file.kind === 'manifest') {
    const media = pickMedia(file.manifest, mediaId);
    const { envelope, checksum, ciphertextSize } = media;
    return { envelope, checksum, size: ciphertextSize, ciphertext: ciphertextPath(path, media, content) };
  }
  if (content !== undefined) return { envelope: toDer(file.bytes), ciphertext: content };
  throw new AppError('INVALID_ARGUMENT', 'An envelope does not say where its ciphertext is', {
    fix: 'Give it with --content.',
  });
}

function toDer(bytes: Buffer): Buffer {
  // Says what is wrong with it, if anything is.
  parseEnvelope(bytes);
  return isPem(bytes) ? pkcs7FromPem(bytes) : bytes;
}

/** A ciphertext that is not the one of the manifest would make a file that nobody can open. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  size: number,
  checksum: string | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const sum = createChecksum();
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    sum.update(chunk);
    yield chunk;
  }
  if (bytes === size && (checksum === undefined || checksum === sum.digest())) return;
  throw new AppError('INVALID_ARGUMENT', 'The ciphertext is not the one that the manifest describes', {
    fix: 'Give the ciphertext that belongs to this manifest, or restore it from a copy.',
    details: { bytes: String(bytes), expected: String(size) },
  });
}
