import type { FailedCapture } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable, table } from '../output.ts';
import { parseCount, parseMoment } from '../parse-options.ts';
import { HEADS, toRows, toView } from '../recordings/describe-recording.ts';
import { readFailedCaptures, readRecordings, type Wanted } from '../recordings/read-recordings.ts';
import { formatTime } from '../units.ts';

const DEFAULT_LIMIT = 100;

export function addRecordingsList(group: Command, wire: Wire): void {
  group
    .command('list')
    .description('Find recordings, newest first: all that is given has to fit.')
    .option('--limit <n>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option('--from <time>', 'that started then or later', parseMoment)
    .option('--until <time>', 'that started before then', parseMoment)
    .option('--profile <id>', 'of this IVR profile')
    .option('--agent <name>', 'of this agent, in any case')
    .option('--certificate <id>', 'encrypted to it; the beginning of its id, or its alias, is enough')
    .option('--query <words>', 'with each of these words in its id, its profile or an attribute')
    .option(
      '--quarantined',
      "only those that are sealed to the tenant's holding key, since no certificate of their profile could be used",
    )
    .option('--failed', 'captures that were given up and wait for somebody, by when they failed')
    .addHelpText(
      'after',
      example(
        'sealtrack recordings list --limit 10',
        'sealtrack recordings list --agent anna --from 2026-03-01 --until 2026-03-02',
        'sealtrack recordings list --query "+4930123456 complaint"',
        'sealtrack recordings list --quarantined',
        'sealtrack recordings list --failed',
        'sealtrack recordings list --limit 100000 --json',
      ),
    )
    .action(wire(listRecordings));
}

interface ListOptions extends Wanted {
  readonly failed?: boolean;
}

async function listRecordings(context: Context, options: ListOptions): Promise<void> {
  if (options.failed === true) return listFailed(context, options);
  const recordings = readRecordings(context, options);
  // As lines they need not all be in memory at once.
  if (context.out.json) {
    for await (const recording of recordings) await context.out.result(toView(recording), () => '');
    return;
  }
  const all = await Array.fromAsync(recordings);
  await context.out.list(all, () => (all.length === 0 ? none(options) : table(HEADS, all.flatMap(toRows))));
}

const isAnything = ({ from, until, profile, agent, certificate, query }: Wanted): boolean =>
  [from, until, profile, agent, certificate, query].every((each) => each === undefined);

function none(options: ListOptions): string {
  if (!isAnything(options)) return 'No recording is like that.';
  if (options.quarantined === true) return 'No recording is in quarantine.';
  return 'No recordings yet. Put one in: sealtrack recordings put call.wav --profile 101';
}

async function listFailed(context: Context, options: ListOptions): Promise<void> {
  for (const [flag, given] of [
    ['--agent', options.agent],
    ['--certificate', options.certificate],
    ['--quarantined', options.quarantined],
  ] as const) {
    if (given === undefined) continue;
    throw new AppError('INVALID_ARGUMENT', `${flag} is not known of captures that failed`, {
      fix: 'Leave it out, or --failed.',
    });
  }
  const all = await Array.fromAsync(readFailedCaptures(context, options), toFailedView);
  await context.out.list(all, () =>
    all.length === 0
      ? isAnything(options)
        ? 'No captures wait.'
        : 'No capture that waits is like that.'
      : all.map(describeFailed).join('\n\n'),
  );
}

const toFailedView = (capture: FailedCapture) => {
  const { recordingId, profileId, failedAt, reason, message, nextStep, deadLetter, traceId } = capture;
  return { recordingId, profileId, failedAt, reason, message, nextStep, deadLetter, traceId };
};

const describeFailed = (view: ReturnType<typeof toFailedView>): string =>
  [
    `${view.deadLetter}  ${formatTime(view.failedAt)}  profile ${printable(view.profileId)}  ${printable(view.recordingId) || 'unreadable'}`,
    `   ${printable(view.reason)}: ${printable(view.message)}`,
    `   next: ${printable(view.nextStep)} Then: sealtrack captures retry ${view.deadLetter}`,
  ].join('\n');
