import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';

export interface Page {
  /** Newest first. */
  readonly recordings: readonly Recording[];
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** Which recordings exist. Every method throws INDEX_UNAVAILABLE when the index cannot be reached in time. */
export interface RecordingIndex {
  /**
   * Adds the recording, durably when it resolves. One that is there already stays as it is.
   * Resolves to the recording as it is in the index now.
   */
  add(recording: Recording): Promise<Recording>;
  get(tenantId: TenantId, recordingId: RecordingId): Promise<Recording | undefined>;
  /**
   * At most `limit`, fewer when they are large. `from` is the `next` of another page; the first page without it.
   */
  list(tenantId: TenantId, limit: number, from: string | undefined): Promise<Page>;
}

export interface Announcer {
  /** Resolves once the bus keeps `recording.stored`; saying it twice is harmless. Throws BUS_UNAVAILABLE. */
  recordingStored(recording: Recording, traceparent: string): Promise<void>;
}

export type Clock = () => Date;
