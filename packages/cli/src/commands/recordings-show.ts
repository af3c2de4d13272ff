import type {
  Access,
  Recording,
  TimelineEntry,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { hasCode } from '@sealtrack/errors/app-error';
import type { RecordingId } from '@sealtrack/ids/ids';
import { parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable, table } from '../output.ts';
import { protectionOf, toView } from '../recordings/describe-recording.ts';
import { formatBytes, formatTime } from '../units.ts';

export function addRecordingsShow(group: Command, wire: Wire): void {
  group
    .command('show <recording>')
    .description('Show a recording and what happened to it, or to a capture that became none.')
    .option('--accesses', 'and who played or exported it, the last 100: that takes the role of an auditor')
    .addHelpText(
      'after',
      example('sealtrack recordings show call-1', 'sealtrack recordings show call-1 --accesses --json'),
    )
    .action(wire(showRecording));
}

async function showRecording(
  context: Context,
  id: string,
  options: { readonly accesses?: boolean },
): Promise<void> {
  const recordingId = parseRecordingId(id);
  const { tenantId, signal } = context;
  const client = await context.recordings();
  const [recording, { entries }] = await Promise.all([
    findRecording(context, recordingId),
    client.getTimeline({ tenantId, recordingId }, { signal }),
  ]);
  const accesses = options.accesses === true ? await readAccesses(context, recordingId) : undefined;
  const view = {
    ...{ recordingId, recording: recording === undefined ? null : toView(recording) },
    timeline: entries.map(toEntryView),
    ...(accesses === undefined ? {} : { accesses }),
  };
  await context.out.result(view, () =>
    [
      recording === undefined ? `There is no recording ${recordingId} (yet).` : describe(recording),
      table(['WHEN', 'WHAT', ''], entries.map(toEntryRow)),
      ...(accesses === undefined ? [] : [describeAccesses(accesses)]),
    ].join('\n\n'),
  );
}

/** Undefined when there is none: what happened to its capture is known all the same. */
async function findRecording(context: Context, recordingId: RecordingId): Promise<Recording | undefined> {
  const { tenantId, signal } = context;
  const client = await context.recordings();
  try {
    return (await client.getRecording({ tenantId, recordingId }, { signal })).recording;
  } catch (error) {
    if (hasCode(error, 'RECORDING_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function readAccesses(context: Context, recordingId: RecordingId): Promise<Access[]> {
  const { tenantId, signal } = context;
  const client = await context.recordings('auditor');
  return (await client.listAccesses({ tenantId, recordingId }, { signal })).accesses;
}

const describe = ({ media, attributes, ...recording }: Recording): string =>
  [
    `Recording ${recording.recordingId}`,
    `  IVR profile  ${recording.profileId}${recording.mediaType === '' ? '' : `, ${recording.mediaType}`}`,
    `  started      ${formatTime(recording.startedAt)}`,
    ...(recording.traceId === '' ? [] : [`  trace        ${recording.traceId}`]),
    ...Object.entries(attributes).map(([name, value]) => `  ${name.padEnd(11)}  ${value}`),
    ...media.map(
      ({ mediaId, contentType, plaintextSize, suite, certificateIds }) =>
        `  media        ${mediaId}, ${contentType}, ${formatBytes(plaintextSize)}, ${protectionOf(recording.quarantineReason, suite)}${
          certificateIds.length === 0 ? '' : ` for ${certificateIds.map(short).join(', ')}`
        }`,
    ),
  ]
    .map(printable)
    .join('\n');

const short = (certificateId: string): string => certificateId.slice(0, 16);

const toEntryView = ({ deadLetter, times, ...entry }: TimelineEntry) => ({
  ...entry,
  ...(deadLetter === 0n ? {} : { deadLetter }),
  ...(times === 0n ? {} : { times }),
});

const toEntryRow = (entry: TimelineEntry): string[] => {
  const { certificateIds, reason, message, nextStep, deadLetter, times } = entry;
  const retry = deadLetter === 0n ? '' : ` Then: sealtrack captures retry ${deadLetter}`;
  const details = [
    ...(certificateIds.length === 0 ? [] : [`for ${certificateIds.map(short).join(', ')}`]),
    ...(reason === '' ? [] : [`${reason}: ${message}`]),
    ...(nextStep === '' || (entry.what === 'failed' && deadLetter === 0n)
      ? []
      : [`next: ${nextStep}${retry}`]),
    ...(times === 0n ? [] : [times === 1n ? 'once' : `${times} times, the last then`]),
  ];
  return [formatTime(entry.at), entry.what, details.join('; ')];
};

const describeAccesses = (accesses: readonly Access[]): string =>
  accesses.length === 0
    ? 'Nobody has opened it.'
    : table(
        ['WHEN', 'ACTION', 'MEDIA', 'USER', 'CALLER', 'PURPOSE'],
        accesses.map((each) => [
          ...[formatTime(each.at), each.action, each.mediaId, each.user || '-', each.caller, each.purpose],
        ]),
      );
