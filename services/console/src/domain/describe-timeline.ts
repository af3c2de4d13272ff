import type {
  Access as AccessMessage,
  TimelineEntry as EntryMessage,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { Accesses, Timeline, TimelineEntry } from '../api/recordings.ts';
import { textOrNull, timeOf } from './times.ts';

const WHAT = [
  ...(['captured', 'encrypted', 'quarantined', 'kept-in-clear', 'failed'] as const),
  ...(['stored', 'rewrapped', 'played', 'exported'] as const),
] satisfies readonly TimelineEntry['what'][];
const ACTIONS = ['play', 'export', 'waveform'] as const satisfies readonly Access['action'][];

type Access = Accesses['accesses'][number];

/** What a newer service says beside is left out: no page could name it. */
export const describeTimeline = (entries: readonly EntryMessage[]): Timeline => ({
  entries: entries.flatMap((entry) => {
    const what = WHAT.find((each) => each === entry.what);
    return what === undefined ? [] : [describeEntry(what, entry)];
  }),
});

const describeEntry = (what: TimelineEntry['what'], entry: EntryMessage): TimelineEntry => ({
  ...{ at: timeOf(entry.at), what, traceId: textOrNull(entry.traceId), certificateIds: entry.certificateIds },
  ...{ reason: textOrNull(entry.reason), message: textOrNull(entry.message) },
  ...{ nextStep: textOrNull(entry.nextStep), deadLetter: countOrNull(entry.deadLetter) },
  times: countOrNull(entry.times),
});

const countOrNull = (count: bigint): number | null => (count === 0n ? null : Number(count));

export const describeAccesses = (accesses: readonly AccessMessage[]): Accesses => ({
  accesses: accesses.flatMap((access) => {
    const action = ACTIONS.find((each) => each === access.action);
    return action === undefined ? [] : [describeAccess(action, access)];
  }),
});

const describeAccess = (action: Access['action'], access: AccessMessage): Access => ({
  ...{ at: timeOf(access.at), action, mediaId: access.mediaId, caller: access.caller },
  ...{ user: textOrNull(access.user), purpose: access.purpose },
  ...{ offset: Number(access.offset), length: Number(access.length) },
  certificateId: textOrNull(access.certificateId),
});
