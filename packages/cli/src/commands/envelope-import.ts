import { basename, dirname, join, resolve } from 'node:path';
import { type Manifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { SENTENCES, verifiedBy } from '@sealtrack/envelope/verified';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { MAIN_MEDIA, type MediaId, type ProfileId, type RecordingId } from '@sealtrack/ids/ids';
import { parseMediaId, parseProfileId, parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import { contentTypeOf } from '../content-types.ts';
import type { Context } from '../context.ts';
import { readCertificateFile } from '../envelope/certificate-file.ts';
import { type ImportFacts, importSealed } from '../envelope/import-sealed.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { addKeyOption, type KeyOptions, readKey } from '../envelope/read-key.ts';
import { readSealedFile } from '../envelope/sealed-file.ts';
import { sealedMediaOf } from '../envelope/sealed-media.ts';
import { printable } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { parseAttribute, parseTime } from '../parse-options.ts';

export function addEnvelopeImport(group: Command, wire: Wire): void {
  addKeyOption(
    group
      .command('import <envelope>')
      .description(
        'Make a manifest, with segment tags, for a recording that came as a detached envelope and a ciphertext, such as ' +
          "Genesys's pkcs7 field and media file. Neither is changed or copied: the manifest goes beside the ciphertext.",
      )
      .requiredOption('--content <ciphertext>', 'the ciphertext'),
  )
    .option(
      '--cert <paths...>',
      "certificates of the recipients, for the manifest to name (default: the key's own, if found beside it)",
    )
    .requiredOption('--recording-id <id>', 'its name from now on', parseRecordingId)
    .requiredOption('--profile <id>', 'the IVR profile', parseProfileId)
    .requiredOption(
      '--started-at <time>',
      'when the recording started, such as 2026-03-01T14:05:00Z',
      parseTime,
    )
    .option('--media-id <id>', 'name of the media file within the recording', parseMediaId, MAIN_MEDIA)
    .option('--content-type <type>', "media type of what is encrypted (default: by the ciphertext's name)")
    .option(
      '--attribute <name=value>',
      'what to know of the call; may be given several times',
      parseAttribute,
    )
    .requiredOption('--out <file>', "the manifest, in the ciphertext's folder: recording.json")
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example(
        'sealtrack envelope import call.pem --content call.enc --key tenant.key --cert tenant.crt --recording-id call-7 --profile 101 --started-at 2026-03-01T14:05:00Z --content-type audio/wav --out recording.json',
      ),
    )
    .action(wire(importEnvelope));
}

interface ImportOptions extends Omit<KeyOptions, 'cert'> {
  readonly content: string;
  readonly cert?: readonly string[];
  readonly recordingId: RecordingId;
  readonly profile: ProfileId;
  readonly startedAt: Date;
  readonly mediaId: MediaId;
  readonly contentType?: string;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly out: string;
  readonly force?: boolean;
}

async function importEnvelope(context: Context, name: string, options: ImportOptions): Promise<void> {
  const at = (relative: string): string => resolve(context.io.cwd, relative);
  const [content, out] = [at(options.content), at(options.out)];
  const force = options.force === true;
  checkPlace(content, out);
  if (!force) await refuseExisting(out);
  await refuseReplacing(out, { 'the private key': at(options.key), 'the ciphertext': content });
  const file = await readSealedFile(context, at(name));
  if (file.kind !== 'detached') throw notDetached(name, file.kind);
  const media = await sealedMediaOf(context, file, { content });
  const given = await Promise.all(
    (options.cert ?? []).map((each) => readCertificateFile(context, each, { allowWeak: true })),
  );
  const key = await readKey(context, { ...options, cert: undefined }, at(name));

  const facts = factsOf(context, options);
  const { manifest, unnamed } = await importSealed(context, media, key, given, facts);
  await writeOutputFile(out, once(serialize(manifest)), { force, sameAs: content });
  const verified = verifiedBy(media.envelope, false);
  const [entry] = manifest.media;
  const result = {
    file: out,
    recordingId: manifest.recordingId,
    suite: entry?.suite,
    plaintextSize: entry?.plaintextSize,
    ciphertextSize: entry?.ciphertextSize,
    certificateIds: entry?.certificateIds,
    unnamedRecipients: unnamed,
    verified,
    verification: SENTENCES[verified],
  };
  await context.out.result(result, () =>
    [
      `Wrote ${printable(out)}: the ciphertext was ${verified === 'padding' ? 'verified only by padding' : 'verified by its GCM tag'}, and has segment tags from now on`,
      ...unnamed.map(
        (recipient) =>
          `not named in the manifest, so that services do not find its key: ${printable(recipient)} (give it with --cert)`,
      ),
    ].join('\n'),
  );
}

function factsOf(context: Context, options: ImportOptions): ImportFacts {
  const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);
  return {
    tenantId: context.tenantId,
    recordingId: options.recordingId,
    profileId: options.profile,
    mediaId: options.mediaId,
    contentType: options.contentType ?? contentTypeOf(options.content.replace(/\.enc$/, '')),
    startedAt: options.startedAt,
    attributes: Object.fromEntries(Object.entries(options.attribute ?? {}).sort(byName)),
    ciphertext: basename(options.content),
  };
}

/** A manifest names its ciphertext by the name of a file beside it. */
function checkPlace(content: string, out: string): void {
  if (content === out)
    throw new AppError('INVALID_ARGUMENT', 'The manifest would replace the ciphertext', {
      fix: 'Give another file in --out, such as recording.json.',
    });
  if (dirname(content) !== dirname(out))
    throw new AppError('INVALID_ARGUMENT', 'A manifest lies in the folder of its ciphertext', {
      fix: `Give --out ${join(dirname(content), basename(out))}, or move the ciphertext first.`,
    });
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(basename(content))) return;
  throw new AppError('INVALID_ARGUMENT', `A manifest cannot name a file ${basename(content)}`, {
    fix: 'Rename the ciphertext first: letters, digits, dots, hyphens and underscores, a letter or digit in front.',
  });
}

/** What does not fit into a manifest was given in an option. */
function serialize(manifest: Manifest): Buffer {
  try {
    return serializeManifest(manifest);
  } catch (error) {
    if (!hasCode(error, 'MANIFEST_INVALID')) throw error;
    throw new AppError('INVALID_ARGUMENT', error.message, {
      fix: 'Change the option that it names.',
      cause: error,
    });
  }
}

const notDetached = (name: string, kind: 'manifest' | 'attached'): AppError =>
  kind === 'manifest'
    ? new AppError('INVALID_ARGUMENT', `${name} is a manifest already`, { fix: 'Use it as it is.' })
    : new AppError('INVALID_ARGUMENT', `${name} holds its ciphertext`, {
        fix: 'Take them apart first: sealtrack envelope unsplice.',
      });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
