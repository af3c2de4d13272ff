import { createHash, type Hash } from 'node:crypto';
import { resolve } from 'node:path';
import type { OpenedMedia } from '@sealtrack/client/playback-client';
import { AppError } from '@sealtrack/errors/app-error';
import { MAIN_MEDIA } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import { extensionOf } from '../content-types.ts';
import type { Context } from '../context.ts';
import { write } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { parseRange, type Range } from '../parse-options.ts';
import { formatBytes, formatRate, formatSeconds } from '../units.ts';

export function addRecordingsGet(group: Command, wire: Wire): void {
  group
    .command('get <recording>')
    .description(
      'Decrypt a recording, whole or in part. A file appears only when all of it has been verified.',
    )
    .option('--media <id>', 'the media file within the recording', parseMediaId, MAIN_MEDIA)
    .option(
      '--out <file>',
      'where to, or "-" for standard output (default: a file named after the recording)',
    )
    .option(
      '--range <offset-end>',
      'bytes OFFSET to END, both included, as in HTTP; OFFSET- is to the end',
      parseRange,
    )
    .option('--purpose <text>', 'why; kept in the audit record', 'sealtrack recordings get')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example(
        'sealtrack recordings get call-1 --out call.wav',
        'sealtrack recordings get call-1 --range 44-1043 --out - | xxd | head',
      ),
    )
    .action(wire(getRecording));
}

interface GetOptions {
  readonly media: string;
  readonly out?: string;
  readonly range?: Range;
  readonly purpose: string;
  readonly force?: boolean;
}

async function getRecording(context: Context, id: string, options: GetOptions): Promise<void> {
  const recordingId = parseRecordingId(id);
  const toStdout = options.out === '-';
  if (toStdout && context.out.json)
    throw new AppError('INVALID_ARGUMENT', 'Standard output cannot take both the recording and JSON', {
      fix: 'Give --out a file, or leave --json out.',
    });
  const wanted = options.out === undefined || toStdout ? undefined : resolve(context.io.cwd, options.out);
  if (wanted !== undefined && options.force !== true) await refuseExisting(wanted);
  const started = performance.now();
  const client = await context.playback();
  await using media = await client.open({
    ...{ tenantId: context.tenantId, recordingId, mediaId: options.media },
    ...{ range: options.range && asNumbers(options.range), purpose: options.purpose, signal: context.signal },
  });
  const { contentType, size, range } = media;
  const hash = createHash('sha256');
  const seen = hashing(context.progress(media.bytes, 'decrypting', range.length), hash);
  if (toStdout) {
    for await (const chunk of seen) {
      context.signal.throwIfAborted();
      await write(context.io.stdout, chunk);
    }
    return;
  }
  const path = wanted ?? resolve(context.io.cwd, defaultName(recordingId, options, media));
  const bytes = await writeOutputFile(path, seen, { force: options.force === true });
  const seconds = (performance.now() - started) / 1000;
  await context.out.result(
    {
      ...{ recordingId, mediaId: options.media, file: path, contentType, size, offset: range.offset },
      ...{ bytes, sha256: hash.digest('hex'), seconds },
    },
    () => `Wrote ${path} (${formatBytes(bytes)} in ${formatSeconds(seconds)}, ${formatRate(bytes, seconds)})`,
  );
}

/** Past the end of every recording one number is as good as another. */
const asNumbers = ({ offset, length }: Range) => ({
  offset: Math.min(Number(offset), Number.MAX_SAFE_INTEGER),
  ...(length === 0n ? {} : { length: Math.min(Number(length), Number.MAX_SAFE_INTEGER) }),
});

async function* hashing(content: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Ids are safe as file names. */
function defaultName(recordingId: string, { media, range }: GetOptions, opened: OpenedMedia): string {
  const part = range === undefined ? '' : `.${range.offset}+${opened.range.length}`;
  return `${recordingId}${media === MAIN_MEDIA ? '' : `.${media}`}${part}${extensionOf(opened.contentType)}`;
}
