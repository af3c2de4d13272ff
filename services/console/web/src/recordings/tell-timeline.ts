import type { TimelineEntry } from '../../../src/api/recordings.ts';
import { formatCount, formatDuration } from '../amounts.ts';

export interface Told {
  readonly entry: TimelineEntry;
  readonly title: string;
  readonly tone: 'good' | 'plain' | 'warning' | 'bad';
  /** How long after the one before; undefined of the first. */
  readonly after: string | undefined;
}

const TITLES = {
  captured: ['Captured', 'plain'],
  encrypted: ['Encrypted', 'good'],
  quarantined: ['Kept in quarantine', 'warning'],
  'kept-in-clear': ['Kept in clear', 'bad'],
  failed: ['Failed', 'bad'],
  stored: ['Stored', 'good'],
  rewrapped: ['Sealed to other certificates', 'good'],
  played: ['Played', 'plain'],
  exported: ['Exported', 'plain'],
} as const satisfies Readonly<Record<TimelineEntry['what'], readonly [string, Told['tone']]>>;

/** What happened, in words: oldest first, as it comes. */
export const tellTimeline = (entries: readonly TimelineEntry[]): Told[] =>
  entries.map((entry, index) => {
    const [title, tone] = TITLES[entry.what];
    const before = entries[index - 1];
    return {
      entry,
      title: `${title}${timesText(entry)}`,
      tone: isSettled(entry) ? 'plain' : tone,
      after: before === undefined ? undefined : gap(before.at, entry.at),
    };
  });

const timesText = ({ times }: TimelineEntry): string => {
  if (times === null) return '';
  return times === 1 ? ' once' : `, ${formatCount(times)} times; last`;
};

/** A failure that waits no longer, or a quarantine that nobody has to do anything for. */
const isSettled = ({ what, deadLetter, nextStep }: TimelineEntry): boolean =>
  (what === 'failed' && deadLetter === null) || (what === 'quarantined' && nextStep === null);

function gap(before: string, at: string): string | undefined {
  const ms = Date.parse(at) - Date.parse(before);
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  return ms === 0 ? 'at the same moment' : `${formatDuration(ms)} later`;
}
