import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import { parseCount } from '../parse-options.ts';
import { formatBytes, formatTime } from '../units.ts';

const PAGE = 500;
const DEFAULT_LIMIT = 100;

export function addRecordingsList(group: Command, wire: Wire): void {
  group
    .command('list')
    .description('List the recordings, newest first.')
    .option('--limit <n>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .addHelpText(
      'after',
      example('sealtrack recordings list --limit 10', 'sealtrack recordings list --limit 100000 --json'),
    )
    .action(wire(listRecordings));
}

async function listRecordings(context: Context, { limit }: { readonly limit: number }): Promise<void> {
  const recordings = readRecordings(context, limit);
  // As lines they need not all be in memory at once.
  if (context.out.json) {
    for await (const recording of recordings) await context.out.result(toView(recording), () => '');
    return;
  }
  const views = await Array.fromAsync(recordings, toView);
  await context.out.list(views, () =>
    views.length === 0
      ? 'No recordings yet. Put one in: sealtrack recordings put call.wav --profile 101'
      : table(['RECORDING', 'PROFILE', 'STARTED', 'MEDIA', 'TYPE', 'SIZE'], views.flatMap(toRows)),
  );
}

async function* readRecordings(context: Context, limit: number): AsyncGenerator<Recording> {
  const client = context.recordings();
  let left = limit;
  for (let pageToken = ''; left > 0; ) {
    const page = await client.listRecordings(
      { tenantId: context.tenantId, pageSize: Math.min(left, PAGE), pageToken },
      { signal: context.signal },
    );
    yield* page.recordings;
    left -= page.recordings.length;
    pageToken = page.nextPageToken;
    if (pageToken === '') return;
  }
}

const toView = (recording: Recording) => {
  const { recordingId, profileId, startedAt, storedAt, attributes, media } = recording;
  return { recordingId, profileId, startedAt, storedAt, attributes, media };
};

const toRows = (view: ReturnType<typeof toView>): string[][] =>
  view.media.map((media) => [
    view.recordingId,
    view.profileId,
    formatTime(view.startedAt),
    media.mediaId,
    media.contentType,
    formatBytes(media.plaintextSize),
  ]);
