import type {
  Access,
  FailedCapture,
  Recording,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { CertificateId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { Search } from './domain/search.ts';

/** A part of what was found, newest first. */
export interface Page<T> {
  /** May be fewer than were asked for, and none, though more follow. */
  readonly items: readonly T[];
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

export interface PageOptions {
  /** At most so many, fewer when they are large or seldom. */
  readonly limit: number;
  /** The `next` of another page; the first page without it. */
  readonly after: string | undefined;
  readonly search: Search;
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
  /** The same with what the recording itself no longer says. */
  history(tenantId: TenantId, recordingId: RecordingId): Promise<KnownRecording | undefined>;
}

export interface KnownRecording {
  readonly recording: Recording;
  /** Why it was sealed to the tenant's holding key at first; empty when it was not, or that is not known. */
  readonly heldFor: string;
}

export interface RecordingSearch {
  /** Each recording that fits once, whatever is added between two pages. Throws INDEX_UNAVAILABLE. */
  search(tenantId: TenantId, options: PageOptions): Promise<Page<Recording>>;
}

/**
 * Sets that recordings are in by something that they say, and that an older version did not put them into. Every method
 * throws INDEX_UNAVAILABLE when the index cannot be reached in time.
 */
export interface CountedSets {
  /**
   * Counts some recordings that were not counted when they were added. Resolves to how many it found, 0 or more, and to
   * undefined at the end of a pass. It goes on where it stopped, whoever calls it, and any number may do so at once.
   */
  countOlder(tenantId: TenantId): Promise<number | undefined>;
  /** How many recordings were not counted yet; 0 when the sets have all of them. */
  uncounted(tenantId: TenantId): Promise<number>;
  /** Every tenant that has recordings, perhaps more than once. */
  tenants(): AsyncIterable<TenantId>;
}

/** Which recordings need which certificate. */
export interface CertificateIndex extends CountedSets {
  /**
   * How many recordings of the index are encrypted to each certificate, each once; undefined while the index has recordings
   * of an older version, or one beside this, whose certificates were not counted. Never too low for what is in the index.
   */
  countEach(
    tenantId: TenantId,
    certificateIds: readonly CertificateId[],
  ): Promise<readonly number[] | undefined>;
}

/** One capture that was given up. */
export interface Failure extends FailedCapture {
  readonly failedAt: Date;
}

/** Captures that were given up. Every method throws INDEX_UNAVAILABLE when the index cannot be reached in time. */
export interface FailureIndex {
  /** Durably when it resolves; once for each dead letter, however often it is said. */
  add(failure: Failure): Promise<void>;
  /** Those that wait for somebody: whose recording was not stored since, and whose dead letter there is. */
  list(tenantId: TenantId, options: PageOptions): Promise<Page<FailedCapture>>;
  /** Every one of a recording, also those that are settled: these have no `deadLetter`. */
  of(tenantId: TenantId, recordingId: RecordingId): Promise<readonly FailedCapture[]>;
  /** Forgets those whose dead letter is gone. What is known of a recording that was stored is kept. */
  forgetGone(tenantId: TenantId): Promise<void>;
}

/** Which dead letters there are. */
export interface DeadLetters {
  /** Undefined while that is not known. Never rejects. */
  waiting(): Promise<((deadLetter: number) => boolean) | undefined>;
}

/** One audit record of an access, and its place in the audit trail, which no other has. */
export interface RecordedAccess {
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly access: Access;
  /** When the audit trail stored it. */
  readonly stored: Date;
  readonly sequence: number;
}

export interface AccessCount {
  readonly times: bigint;
  readonly last: Date;
}

/** Who opened what. Every method throws INDEX_UNAVAILABLE when the index cannot be reached in time. */
export interface AccessIndex {
  /** Durably when it resolves; once for each record, however often it comes. */
  add(access: RecordedAccess): Promise<void>;
  /** The last 100 of a recording, newest first. */
  list(tenantId: TenantId, recordingId: RecordingId): Promise<readonly Access[]>;
  /** By action; those that there were. */
  counts(tenantId: TenantId, recordingId: RecordingId): Promise<ReadonlyMap<string, AccessCount>>;
}

export interface Announcer {
  /** Resolves once the bus keeps `recording.stored`; saying it twice is harmless. Throws BUS_UNAVAILABLE. */
  recordingStored(recording: Recording, traceparent: string): Promise<void>;
}

export type Clock = () => Date;
