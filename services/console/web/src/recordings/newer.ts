import type { Recording } from '../../../src/api/recordings.ts';

type Known = Pick<Recording, 'recordingId' | 'storedAt'>;

/**
 * How many of the newest recordings were stored after those that are shown. One that began long ago counts too, and one that came up
 * because another is gone does not.
 */
export function countNewer(shown: readonly Known[], newest: readonly Known[]): number {
  const known = new Set(shown.map(({ recordingId }) => recordingId));
  const last = shown.reduce((latest, { storedAt }) => Math.max(latest, Date.parse(storedAt)), 0);
  return newest.filter(({ recordingId, storedAt }) => !known.has(recordingId) && Date.parse(storedAt) >= last)
    .length;
}
