import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import { parseCount } from '../parse-options.ts';
import { isQuarantined } from '../recordings/quarantine.ts';
import { formatBytes, formatTime } from '../units.ts';

const PAGE = 500;
const DEFAULT_LIMIT = 100;

export function addRecordingsList(group: Command, wire: Wire): void {
  group
    .command('list')
    .description('List the recordings, newest first.')
    .option('--limit <n>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option(
      '--quarantined',
      "only those that are sealed to the tenant's holding key, since no certificate of their profile could be used",
    )
    .addHelpText(
      'after',
      example(
        'sealtrack recordings list --limit 10',
        'sealtrack recordings list --quarantined',
        'sealtrack recordings list --limit 100000 --json',
      ),
    )
    .action(wire(listRecordings));
}

interface ListOptions {
  readonly limit: number;
  readonly quarantined?: boolean;
}

const HEADS = ['RECORDING', 'PROFILE', 'STARTED', 'MEDIA', 'TYPE', 'SIZE', 'PROTECTION'];

async function listRecordings(context: Context, options: ListOptions): Promise<void> {
  const recordings = readRecordings(context, options);
  // As lines they need not all be in memory at once.
  if (context.out.json) {
    for await (const recording of recordings) await context.out.result(toView(recording), () => '');
    return;
  }
  const views = await Array.fromAsync(recordings, toView);
  await context.out.list(views, () =>
    views.length === 0 ? none(options) : table(HEADS, views.flatMap(toRows)),
  );
}

const none = ({ quarantined }: ListOptions): string =>
  quarantined === true
    ? 'No recording is in quarantine.'
    : 'No recordings yet. Put one in: sealtrack recordings put call.wav --profile 101';

async function* readRecordings(
  context: Context,
  { limit, quarantined = false }: ListOptions,
): AsyncGenerator<Recording> {
  const client = await context.recordings();
  let left = limit;
  for (let pageToken = ''; left > 0; ) {
    const page = await client.listRecordings(
      { tenantId: context.tenantId, pageSize: Math.min(left, PAGE), pageToken, quarantined },
      { signal: context.signal },
    );
    const wanted = quarantined ? page.recordings.filter(isQuarantined) : page.recordings;
    yield* wanted;
    left -= wanted.length;
    pageToken = page.nextPageToken;
    if (pageToken === '') return;
  }
}

const toView = (recording: Recording) => {
  const { recordingId, profileId, startedAt, storedAt, attributes, media } = recording;
  const { mediaType, quarantineReason, rewrappedAt } = recording;
  return {
    ...{ recordingId, profileId, mediaType, startedAt, storedAt, rewrappedAt },
    ...{ quarantineReason, attributes, media },
  };
};

const toRows = (view: ReturnType<typeof toView>): string[][] =>
  view.media.map((media) => [
    view.recordingId,
    view.profileId,
    formatTime(view.startedAt),
    media.mediaId,
    media.contentType,
    formatBytes(media.plaintextSize),
    protectionOf(view.quarantineReason, media.suite),
  ]);

function protectionOf(quarantineReason: string, suite: string): string {
  if (suite === 'clear') return 'in clear';
  return quarantineReason === '' ? suite : `quarantined: ${quarantineReason}`;
}
