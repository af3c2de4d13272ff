import { randomUUID } from 'node:crypto';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { MAIN_MEDIA } from '@sealtrack/ids/ids';
import { parseMediaId, parseProfileId, parseRecordingId } from '@sealtrack/ids/parse';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import { contentTypeOf } from '../content-types.ts';
import type { Context } from '../context.ts';
import { type InputFile, openInput } from '../files.ts';
import { note } from '../note.ts';
import { parseAttribute, parseCount, parseTime } from '../parse-options.ts';
import { putCapture } from '../recordings/put-capture.ts';
import { putRecording } from '../recordings/put-recording.ts';
import { type StoredWatch, watchStored } from '../recordings/wait-until-stored.ts';
import { formatBytes, formatRate, formatSeconds } from '../units.ts';

export function addRecordingsPut(group: Command, wire: Wire): void {
  group
    .command('put <file>')
    .description('Put a recording in: any file, of any size, or "-" for standard input.')
    .requiredOption('--profile <id>', 'the IVR profile whose certificates it is encrypted to', parseProfileId)
    .addOption(
      new Option('--via <door>', 'through gRPC, or as a capture on NATS')
        .choices(['grpc', 'nats'])
        .default('grpc'),
    )
    .option(
      '--id <recording>',
      'its id; the same id again is the same recording again (default: a new one)',
      parseRecordingId,
    )
    .option('--media <id>', 'the media file within the recording', parseMediaId, MAIN_MEDIA)
    .option('--content-type <type>', 'default: what the name of the file suggests')
    .addOption(
      new Option(
        '--media-type <type>',
        'whose certificates of the profile it is encrypted to (default: what the content type suggests)',
      ).choices(['voice', 'screen', 'email', 'chat', 'message', 'transcript']),
    )
    .option(
      '--attribute <name=value>',
      'kept with the recording, in clear; may be given several times',
      parseAttribute,
    )
    .option('--started-at <time>', 'when it started (default: when the file was last changed)', parseTime)
    .option('--no-wait', 'do not wait until it can be found and played')
    .option('--wait-seconds <n>', 'how long to wait for that', parseCount, 90)
    .addHelpText(
      'after',
      example(
        'sealtrack recordings put call.wav --profile 101 --id call-1 --attribute agent=7',
        'sealtrack recordings put call.wav --profile 101 --via nats',
      ),
    )
    .action(wire(putFile));
}

interface PutOptions {
  readonly profile: string;
  readonly via: 'grpc' | 'nats';
  readonly id?: string;
  readonly media: string;
  readonly contentType?: string;
  readonly mediaType?: string;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly startedAt?: Date;
  readonly wait: boolean;
  readonly waitSeconds: number;
}

interface Put {
  readonly size: number | bigint;
  readonly duplicate: boolean;
  readonly certificateIds?: readonly string[];
  readonly ciphertextSize?: bigint;
  readonly quarantineReason?: string;
  readonly clearPolicy?: string;
}

async function putFile(context: Context, path: string, options: PutOptions): Promise<void> {
  const file = await openInput(path, context.io);
  const header = toHeader(context, path, file, options);
  await using watch = options.wait ? await watchFor(context, header, options.via) : undefined;
  const content = context.progress(file.content, 'sending', file.size);
  const started = performance.now();
  const put = await (options.via === 'grpc' ? putByGrpc : putByNats)(context, header, content);
  const seconds = (performance.now() - started) / 1000;
  await watch?.stored(options.waitSeconds * 1000);
  await report(context, header, options, put, seconds);
}

const toHeader = (context: Context, path: string, file: InputFile, options: PutOptions): RecordingHeader => ({
  tenantId: context.tenantId,
  profileId: options.profile,
  recordingId: options.id ?? randomUUID(),
  mediaId: options.media,
  contentType: options.contentType ?? contentTypeOf(path),
  mediaType: options.mediaType ?? '',
  // The file's own time, so that the same file sent again is known for the same recording.
  startedAt: options.startedAt ?? file.modifiedAt ?? new Date(),
  attributes: { ...options.attribute },
});

async function putByGrpc(
  context: Context,
  header: RecordingHeader,
  content: AsyncIterable<Uint8Array>,
): Promise<Put> {
  const receipt = await putRecording(await context.ingest(), header, content, context.signal);
  const { plaintextSize, ciphertextSize, certificateIds, duplicate, quarantineReason, clearPolicy } = receipt;
  return { size: plaintextSize, ciphertextSize, certificateIds, duplicate, quarantineReason, clearPolicy };
}

async function putByNats(
  context: Context,
  header: RecordingHeader,
  content: AsyncIterable<Uint8Array>,
): Promise<Put> {
  const { size } = await putCapture(await context.bus(), header, content, context.signal);
  return { size, duplicate: false };
}

/** Waiting needs the bus; asking as well needs metadata-processor, which a pipeline may not be able to reach. */
async function watchFor(
  context: Context,
  header: RecordingHeader,
  via: PutOptions['via'],
): Promise<StoredWatch> {
  const isListed =
    context.addresses.find('recordings') === undefined ? undefined : await askIsListed(context, header);
  if (via === 'nats' && (await isListed?.())) throw alreadyStored(header);
  return watchStored(await context.bus(), header, isListed, context.signal);
}

async function askIsListed(
  context: Context,
  { tenantId, recordingId }: RecordingHeader,
): Promise<() => Promise<boolean>> {
  const client = await context.recordings();
  return async () => {
    try {
      await client.getRecording({ tenantId, recordingId }, { signal: context.signal });
      return true;
    } catch (error) {
      if (hasCode(error, 'RECORDING_NOT_FOUND')) return false;
      throw error;
    }
  };
}

/** What would become of the capture could not be told from what became of the first one. */
const alreadyStored = ({ recordingId }: RecordingHeader): AppError =>
  new AppError('RECORDING_EXISTS', `Recording ${recordingId} is already stored`, {
    fix: `Nothing has to be done if it is the same one: sealtrack recordings get ${recordingId}. Otherwise give another --id.`,
    details: { recording_id: recordingId },
  });

async function report(
  context: Context,
  header: RecordingHeader,
  { via, wait }: PutOptions,
  put: Put,
  seconds: number,
): Promise<void> {
  const { recordingId, mediaId, profileId, contentType } = header;
  const view = {
    recordingId,
    mediaId,
    profileId,
    contentType,
    via,
    stored: wait || via === 'grpc',
    seconds,
    ...put,
  };
  const warning = warningOf(profileId, put);
  if (warning !== undefined) await note(context, `warning: ${warning}`);
  await context.out.result(view, () => {
    const how = `${formatBytes(put.size)} in ${formatSeconds(seconds)}, ${formatRate(put.size, seconds)}`;
    if (!view.stored) return `Handed over recording ${recordingId} (${how}). It is encrypted from here on.`;
    return `${put.duplicate ? 'Already stored' : 'Stored'} recording ${recordingId} (${how})`;
  });
}

function warningOf(profileId: string, { quarantineReason = '', clearPolicy = '' }: Put): string | undefined {
  if (quarantineReason !== '')
    return (
      `it is in quarantine, sealed to the tenant's holding key (${quarantineReason}), until its profile has a certificate ` +
      `that can be used: sealtrack profiles assign ${profileId} CERTIFICATE`
    );
  return clearPolicy === ''
    ? undefined
    : `it is stored in clear: the policy of its profile is "${clearPolicy}"`;
}
