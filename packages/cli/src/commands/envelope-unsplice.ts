import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { decodeArmor } from '@sealtrack/envelope/armor';
import { pkcs7ToPem } from '@sealtrack/envelope/pkcs7-pem';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { openInput } from '../files.ts';
import { printable } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { formatBytes } from '../units.ts';

// Nothing in them is secret without the key.
const PUBLIC = 0o644;

export function addEnvelopeUnsplice(group: Command, wire: Wire): void {
  group
    .command('unsplice <file>')
    .description(
      'Take a PKCS#7, CMS or S/MIME file apart into its envelope and its ciphertext, of any size. No key is needed.',
    )
    .option('--out <folder>', 'where to write envelope.pem and content.enc; made if it is not there')
    .option('--envelope <file>', 'where to write the envelope, in PEM, instead')
    .option('--content <file>', 'where to write the ciphertext instead')
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      example(
        'sealtrack envelope unsplice recording.p7m --out apart',
        'sealtrack envelope unsplice recording.p7m --envelope call.pem --content call.enc',
      ),
    )
    .action(wire(unspliceFile));
}

interface UnspliceOptions {
  readonly out?: string;
  readonly envelope?: string;
  readonly content?: string;
  readonly force?: boolean;
}

async function unspliceFile(context: Context, name: string, options: UnspliceOptions): Promise<void> {
  const targets = await prepareTargets(context, options);
  const force = options.force === true;
  const source = name === '-' ? [] : [resolve(context.io.cwd, name)];
  for (const path of [targets.envelope, targets.content]) {
    if (!force) await refuseExisting(path);
    await refuseReplacing(path, { 'the file that is taken apart': source });
  }

  const input = await openInput(name, context.io);
  const { ciphertext, envelope } = await unsplice(
    decodeArmor(context.progress(input.content, 'taking apart', input.size)),
  );
  if (ciphertext === undefined) throw alreadyDetached(name);
  let pem = '';
  async function* checkedAtEnd(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* content;
    // Neither is written if what lies behind the ciphertext is damaged.
    pem = pkcs7ToPem(envelope());
  }
  const bytes = await writeOutputFile(targets.content, checkedAtEnd(ciphertext), { force, mode: PUBLIC });
  await writeOutputFile(targets.envelope, once(Buffer.from(pem)), { force, mode: PUBLIC });
  await context.out.result(
    { ...targets, ciphertextSize: bytes },
    () => `Wrote ${printable(targets.content)} (${formatBytes(bytes)}) and ${printable(targets.envelope)}`,
  );
}

interface Targets {
  readonly envelope: string;
  readonly content: string;
}

async function prepareTargets(
  { io }: Context,
  { out, envelope, content }: UnspliceOptions,
): Promise<Targets> {
  const at = (relative: string): string => resolve(io.cwd, relative);
  const isBoth = envelope !== undefined && content !== undefined && at(envelope) !== at(content);
  if (isBoth && out === undefined) return { envelope: at(envelope), content: at(content) };
  if (out === undefined || envelope !== undefined || content !== undefined)
    throw new AppError('INVALID_ARGUMENT', 'It is not clear where to write the two files', {
      fix: 'Give a folder with --out, or both files with --envelope and --content.',
    });
  const folder = at(out);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('INVALID_ARGUMENT', `${folder} cannot be made a folder`, {
      fix: 'Give a folder in --out that you may write to.',
      details: { folder },
      cause,
    });
  });
  return { envelope: join(folder, 'envelope.pem'), content: join(folder, 'content.enc') };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const alreadyDetached = (name: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${name} is an envelope without its ciphertext`, {
    fix: 'Use it as it is, with --content.',
    details: { file: name },
  });
