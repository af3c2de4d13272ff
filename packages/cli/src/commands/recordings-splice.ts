import { resolve } from 'node:path';
import { inspectEnvelope } from '@sealtrack/envelope/inspect';
import { isClear, parseManifest } from '@sealtrack/envelope/manifest';
import { openingCommands } from '@sealtrack/envelope/opening-commands';
import { hasCode } from '@sealtrack/errors/app-error';
import { MAIN_MEDIA } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { exportPkcs7 } from '../recordings/export-pkcs7.ts';
import { formatBytes } from '../units.ts';

// Nothing in these is secret without the key.
const PUBLIC = 0o644;

export function addRecordingsSplice(group: Command, wire: Wire): void {
  group
    .command('splice <recording>')
    .description(
      'Write a recording as one PKCS#7 or CMS file, still encrypted, which OpenSSL opens with the key.',
    )
    .option('--media <id>', 'the media file within the recording', parseMediaId, MAIN_MEDIA)
    .requiredOption('--out <file>', 'where to write the PKCS#7 or CMS file')
    .option('--manifest <file>', "where to write the recording's manifest as well")
    .option('--force', 'replace files that are there')
    .addHelpText(
      'after',
      example(
        'sealtrack recordings splice call-1 --out call.p7m',
        'openssl cms -decrypt -binary -inform DER -in call.p7m -inkey tenant.key -out call.wav',
      ),
    )
    .action(wire(spliceRecording));
}

interface SpliceOptions {
  readonly media: string;
  readonly out: string;
  readonly manifest?: string;
  readonly force?: boolean;
}

async function spliceRecording(context: Context, id: string, options: SpliceOptions): Promise<void> {
  const recordingId = parseRecordingId(id);
  const file = resolve(context.io.cwd, options.out);
  const manifest = options.manifest === undefined ? undefined : resolve(context.io.cwd, options.manifest);
  const force = options.force === true;
  if (!force) for (const path of [file, manifest]) if (path !== undefined) await refuseExisting(path);
  const { header, content } = await exportPkcs7(
    await context.decryption(),
    { tenantId: context.tenantId, recordingId, mediaId: options.media },
    context.signal,
  );
  const seen = context.progress(content, 'writing', Number(header.size));
  const bytes = await writeOutputFile(file, seen, { force, mode: PUBLIC });
  if (manifest !== undefined) await writeOutputFile(manifest, once(header.manifest), { force, mode: PUBLIC });
  await context.out.result({ recordingId, mediaId: options.media, file, bytes, manifest }, () =>
    [
      `Wrote ${printable(file)} (${formatBytes(bytes)})${manifest === undefined ? '' : ` and ${printable(manifest)}`}`,
      ...howToOpen(options, header.manifest),
    ].join('\n'),
  );
}

/** Which command opens it depends on suite and recipients. Nothing, when the service writes newer manifests than are known here. */
function howToOpen({ out, media: mediaId }: SpliceOptions, manifest: Uint8Array): string[] {
  try {
    const entry = parseManifest(manifest).media.find((media) => media.mediaId === mediaId);
    if (entry === undefined || isClear(entry)) return [];
    const commands = openingCommands({ name: out, form: 'DER' }, inspectEnvelope(entry.envelope));
    return ['Open it with its key, by either of', ...commands.map((command) => `  ${printable(command)}`)];
  } catch (error) {
    if (hasCode(error, 'MANIFEST_INVALID') || hasCode(error, 'ENVELOPE_INVALID')) return [];
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
