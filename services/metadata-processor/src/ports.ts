import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { CertificateId, RecordingId, TenantId } from '@sealtrack/ids/ids';

export interface Page {
  /** Newest first. */
  readonly recordings: readonly Recording[];
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

export interface PageOptions {
  /** At most so many, fewer when they are large. */
  readonly limit: number;
  /** The `next` of another page; the first page without it. */
  readonly from: string | undefined;
  /** Only those that are sealed to the tenant's holding key. */
  readonly quarantined: boolean;
}

export interface Added {
  readonly recording: Recording;
  readonly added: boolean;
}

/** Which recordings exist. Every method throws INDEX_UNAVAILABLE when the index cannot be reached in time. */
export interface RecordingIndex {
  /**
   * Adds the recording, durably when it resolves. One that is there already stays as it is.
   * Resolves to the recording as it is in the index now, and whether it is new there.
   */
  add(recording: Recording): Promise<Added>;
  /**
   * Puts the recording in the place of the one that is there, durably when it resolves, unless that one was re-wrapped at
   * the same time or later; adds it when there is none. It keeps the `stored_at` that is there. Resolves as `add` does.
   */
  rewrap(recording: Recording): Promise<Added>;
  get(tenantId: TenantId, recordingId: RecordingId): Promise<Recording | undefined>;
  list(tenantId: TenantId, options: PageOptions): Promise<Page>;
}

/** Which recordings need which certificate. Every method throws INDEX_UNAVAILABLE when the index cannot be reached in time. */
export interface CertificateIndex {
  /**
   * How many recordings of the index are encrypted to the certificate, each once; undefined while the index has recordings
   * of an older version, or one beside this, whose certificates were not counted. Never too low for what is in the index.
   */
  count(tenantId: TenantId, certificateId: CertificateId): Promise<number | undefined>;
  /**
   * Counts some recordings that were not counted when they were added. Resolves to how many it found, 0 or more, and to
   * undefined at the end of a pass. It goes on where it stopped, whoever calls it, and any number may do so at once.
   */
  countOlder(tenantId: TenantId): Promise<number | undefined>;
  /** How many recordings were not counted yet; 0 when `count` has an answer. */
  uncounted(tenantId: TenantId): Promise<number>;
  /** Every tenant that has recordings, perhaps more than once. */
  tenants(): AsyncIterable<TenantId>;
}

export interface Announcer {
  /** Resolves once the bus keeps `recording.stored`; saying it twice is harmless. Throws BUS_UNAVAILABLE. */
  recordingStored(recording: Recording, traceparent: string): Promise<void>;
}

export type Clock = () => Date;
