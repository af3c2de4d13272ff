import {
  type FailedCapture,
  type Recording,
  TimelineEntry,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { AccessCount, KnownRecording } from '../ports.ts';
import { describeQuarantine } from './describe-quarantine.ts';

/** What is known of a recording, or of a capture that became none. */
export interface Facts {
  readonly known: KnownRecording | undefined;
  /** Those that are settled have no `deadLetter`. */
  readonly failures: readonly FailedCapture[];
  /** By action. */
  readonly accesses: ReadonlyMap<string, AccessCount>;
}

/** The order of what happened at the same moment. */
const ORDER = [
  ...['captured', 'failed', 'encrypted', 'quarantined', 'kept-in-clear', 'stored', 'rewrapped'],
  ...['played', 'exported'],
];

/** Oldest first; none when nothing is known. */
export function timelineOf({ known, failures, accesses }: Facts): TimelineEntry[] {
  const entries = [
    ...(known === undefined ? [] : ofRecording(known.recording, known.heldFor)),
    ...failures.map(({ failedAt, traceId, reason, message, nextStep, deadLetter }) =>
      entry('failed', failedAt, { traceId, reason, message, nextStep, deadLetter }),
    ),
    ...ofAccess('played', accesses.get('play')),
    ...ofAccess('exported', accesses.get('export')),
  ];
  return entries
    .filter(({ at }) => at !== undefined)
    .sort((one, other) => time(one) - time(other) || ORDER.indexOf(one.what) - ORDER.indexOf(other.what));
}

const time = ({ at }: TimelineEntry): number => at?.getTime() ?? 0;

const entry = (what: string, at: Date | undefined, more: Partial<TimelineEntry> = {}): TimelineEntry =>
  TimelineEntry.fromPartial({ what, at, ...more });

const ofAccess = (what: string, count: AccessCount | undefined) =>
  count === undefined ? [] : [entry(what, count.last, { times: count.times })];

function ofRecording(recording: Recording, heldFor: string): TimelineEntry[] {
  const { capturedAt, encryptedAt, storedAt, rewrappedAt, traceId, profileId, media } = recording;
  const { quarantineReason } = recording;
  const certificateIds = [...new Set(media.flatMap((each) => each.certificateIds))];
  const isClear = media.length > 0 && media.every(({ suite }) => suite === 'clear');
  // To what it was sealed before, nobody says any more.
  const atFirst = rewrappedAt === undefined ? certificateIds : [];
  const why = heldFor === '' ? undefined : describeQuarantine(heldFor, profileId);
  const held = why && {
    ...{ reason: heldFor, message: why.message, traceId },
    // Once it is released there is nothing to do.
    nextStep: quarantineReason === '' ? '' : why.nextStep,
  };
  return [
    entry('captured', capturedAt, { traceId }),
    isClear
      ? entry('kept-in-clear', encryptedAt ?? storedAt, { traceId })
      : entry('encrypted', encryptedAt, { traceId, certificateIds: atFirst }),
    ...(held === undefined ? [] : [entry('quarantined', encryptedAt ?? storedAt, held)]),
    entry('stored', storedAt, { traceId }),
    entry('rewrapped', rewrappedAt, { certificateIds }),
  ];
}
