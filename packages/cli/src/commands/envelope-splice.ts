import { resolve } from 'node:path';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { ciphertextsOf, readSealedFile } from '../envelope/sealed-file.ts';
import { checkedCiphertext, sealedMediaOf } from '../envelope/sealed-media.ts';
import { printable } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { formatBytes } from '../units.ts';

// Nothing in it is secret without the key.
const PUBLIC = 0o644;

export function addEnvelopeSplice(group: Command, wire: Wire): void {
  group
    .command('splice <file>')
    .description(
      'Put envelope and ciphertext together to one PKCS#7 or CMS file, which OpenSSL opens. Takes a manifest, or an ' +
        'envelope with --content; no key.',
    )
    .option('--content <ciphertext>', 'the ciphertext (default: the file that the manifest names, beside it)')
    .option('--media <id>', 'the media file within the recording, if there are several')
    .requiredOption('--out <file>', 'where to write the PKCS#7 or CMS file')
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

async function splice(context: Context, name: string, options: SpliceOptions): Promise<void> {
  const at = (relative: string): string => resolve(context.io.cwd, relative);
  const file = at(options.out);
  const force = options.force === true;
  if (!force) await refuseExisting(file);
  const sealed = await readSealedFile(context, at(name));
  if (sealed.kind === 'attached') throw alreadyWhole(name);
  const content = options.content === undefined ? undefined : at(options.content);
  await refuseReplacing(file, { 'the ciphertext': content ?? ciphertextsOf(sealed) });
  const { envelope, ciphertextSize, read, entry } = await sealedMediaOf(context, sealed, {
    ...options,
    content,
  });
  const { prefix, suffix, size } = splicePkcs7(envelope, ciphertextSize);
  async function* whole(): AsyncGenerator<Uint8Array> {
    const ciphertext = read(0, ciphertextSize);
    yield prefix;
    // A ciphertext that is not the one of the manifest would make a file that nobody can open.
    yield* entry === undefined ? ciphertext : checkedCiphertext(ciphertext, entry.media);
    yield suffix;
  }
  const bytes = await writeOutputFile(file, context.progress(whole(), 'writing', size), {
    force,
    mode: PUBLIC,
  });
  await context.out.result({ file, bytes }, () => `Wrote ${printable(file)} (${formatBytes(bytes)})`);
}

const alreadyWhole = (name: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${name} already holds its ciphertext`, {
    fix: 'Use it as it is; sealtrack envelope unsplice takes the two apart.',
    details: { file: name },
  });
