import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';

// The braces put all keys of a tenant into one cluster slot, so one script may touch them.

export const recordingKey = (tenantId: string, recordingId: string) =>
  `st:{${tenantId}}:recording:${recordingId}`;

/** A sorted set of all recordings of the tenant, each as its `timelineEntry`. */
export const timelineKey = (tenantId: string) => `st:{${tenantId}}:recordings`;

/** A sorted set as the timeline is one, of the recordings that are sealed to the tenant's holding key. */
export const quarantinedKey = (tenantId: string) => `st:{${tenantId}}:quarantined`;

/** A sorted set as the timeline is one, of the recordings that are encrypted to the certificate. */
export const encryptedToKey = (tenantId: string, certificateId: string) =>
  `st:{${tenantId}}:encrypted-to:${certificateId}`;

/**
 * A hash: `recordings` of the timeline are in the sets of their certificates too; `passed` is the entry up to which those
 * of an older version were looked at.
 */
export const countedKey = (tenantId: string) => `st:{${tenantId}}:encrypted-to`;

/** A member of the timeline: it sorts by start, then id, as text. Microsecond digits leave room past the year 9999. */
export const timelineEntry = ({ startedAt, recordingId }: Recording) =>
  `${String(startedAt?.getTime() ?? 0).padStart(16, '0')}:${recordingId}`;

export const recordingIdOf = (entry: string) => entry.slice(entry.indexOf(':') + 1);

/**
 * The sets that a recording is in, each once, however many of its media files name the certificate. One that names none
 * is in a set of its own, so that every recording is in one.
 */
export function encryptedToKeys({ tenantId, media }: Recording): string[] {
  const ids = new Set(media.flatMap(({ certificateIds }) => certificateIds));
  return [...(ids.size === 0 ? ['none'] : ids)].map((id) => encryptedToKey(tenantId, id));
}
