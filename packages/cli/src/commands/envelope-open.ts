import { basename, resolve } from 'node:path';
import { SENTENCES } from '@sealtrack/envelope/verified';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import { extensionOf } from '../content-types.ts';
import type { Context } from '../context.ts';
import { openClear } from '../envelope/clear-file.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { type Opened, openSealed } from '../envelope/open-sealed.ts';
import { addKeyOptionsIfNeeded, type KeyIfNeeded } from '../envelope/read-key.ts';
import { ciphertextsOf, readSealedFile, type SealedFile } from '../envelope/sealed-file.ts';
import { isClearFile, type MediaFile, mediaFileOf } from '../envelope/sealed-media.ts';
import { readUnlock } from '../envelope/unlock.ts';
import { printable, toJson, write } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { formatBytes } from '../units.ts';

export function addEnvelopeOpen(group: Command, wire: Wire): void {
  addKeyOptionsIfNeeded(
    group
      .command('open <file>')
      .description(
        'Decrypt a recording with the private key in hand: its manifest, an envelope with --content, or a whole ' +
          'PKCS#7, CMS or S/MIME file. Nothing is written that was not verified; what has no segment tags is read twice. ' +
          'What is stored in clear is copied out, and needs no key.',
      )
      .option(
        '--content <ciphertext>',
        'the ciphertext (default: the file that the manifest names, beside it)',
      ),
  )
    .option('--media <id>', 'the media file within the recording, if there are several')
    .option(
      '--out <file>',
      'where to, or "-" for standard output (default: named after the recording, or the file without its extensions)',
    )
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example(
        'sealtrack envelope open recording.json --content main.enc --key tenant.key --out call.wav',
        'sealtrack envelope open call.pem --content call.enc --key tenant.key --password-file password',
        'sealtrack envelope open call.wav.p7m --key tenant.key --out -',
      ),
    )
    .action(wire(open));
}

interface OpenOptions extends KeyIfNeeded {
  readonly content?: string;
  readonly media?: string;
  readonly out?: string;
  readonly force?: boolean;
}

async function open(context: Context, name: string, options: OpenOptions): Promise<void> {
  const at = (relative: string): string => resolve(context.io.cwd, relative);
  const force = options.force === true;
  const toStdout = options.out === '-';
  if (!force && !toStdout && options.out !== undefined) await refuseExisting(at(options.out));
  const unlock = await readUnlock(context, options, at(name));
  const file = await readSealedFile(context, at(name));
  const content = options.content === undefined ? undefined : at(options.content);
  const media = await mediaFileOf(context, file, { ...options, content });
  const out = toStdout ? undefined : at(options.out ?? defaultName(file, media));
  if (!force && out !== undefined) await refuseExisting(out);
  const ciphertexts = content === undefined ? ciphertextsOf(file) : [content];
  if (out !== undefined) {
    const keys = options.key === undefined ? [] : [at(options.key)];
    await refuseReplacing(out, { 'the private key': keys, 'the ciphertext': ciphertexts });
  }

  const put = async ({ plaintext, verified }: Opened) => {
    const writing =
      out === undefined ? print(context, plaintext) : writeOutputFile(out, plaintext, { force });
    return { verified, bytes: await writing };
  };
  const { bytes, verified } = isClearFile(media)
    ? await put(openClear(context, media))
    : await unlock(media.envelope, media.entry !== undefined, async (dek) =>
        put(await openSealed(context, media, dek)),
      );
  const contentType = contentTypeOf(media);
  const result = { file: out ?? '-', bytes, contentType, verified, verification: SENTENCES[verified] };
  const text = `${formatBytes(bytes)}, ${SENTENCES[verified]}`;
  if (out !== undefined) await context.out.result(result, () => `Wrote ${printable(out)} (${text})`);
  else await write(context.io.stderr, `${context.out.json ? toJson(result) : text}\n`);
}

async function print(context: Context, plaintext: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of plaintext) {
    await write(context.io.stdout, chunk);
    bytes += chunk.byteLength;
  }
  return bytes;
}

const contentTypeOf = (media: MediaFile): string | undefined =>
  isClearFile(media) ? media.clear.contentType : media.entry?.media.contentType;

/** What files that hold a sealed one are called, after the name of what is in them. */
const SEALED_EXTENSION = /\.(p7[mcbs]?|pkcs7|cms|der|ber|pem|eml|mime|smime|enc|bin)$/i;

function defaultName(file: SealedFile, media: MediaFile): string {
  if (file.kind === 'manifest')
    return `${file.manifest.recordingId}${extensionOf(contentTypeOf(media) ?? '')}`;
  const name = basename(file.path);
  let stem = name;
  while (SEALED_EXTENSION.test(stem)) stem = stem.replace(SEALED_EXTENSION, '');
  return stem === '' || stem === name ? `${name}.opened` : stem;
}
