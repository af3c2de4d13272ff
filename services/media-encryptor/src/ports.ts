import type { Manifest } from '@sealtrack/envelope/manifest';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import type { Attempt } from './domain/attempt.ts';
import type { ProfileInForce } from './domain/profile.ts';
import type { ProfileSnapshot, Refusal } from './domain/profile-entry.ts';

export interface Profiles {
  /** From the snapshot in memory, all of one moment. Throws PROFILE_NOT_FOUND. */
  find(tenantId: TenantId, profileId: ProfileId): ProfileInForce;
}

/** What this encryptor runs on, and how new it is. */
export interface ProfileSource {
  snapshot(): ProfileSnapshot;
  /** Whether it follows the bucket at the moment, and has everything in it. */
  isCurrent(): boolean;
  /** When it was last known to be the newest: now while it is. Undefined when it never was. */
  currentAt(): Date | undefined;
  /** Told the keys that changed or went, just after the snapshot was replaced, until the returned function is called. */
  changes(listener: (keys: readonly string[]) => void): () => void;
}

/** What this encryptor has against what was pushed to it. */
export interface Reviewed {
  /** Everything up to it was looked at. */
  readonly revision: number;
  readonly refused: readonly (Refusal & {
    readonly key: string;
    readonly revision: number;
    /** Empty when it is the whole entry. */
    readonly certificateId: string;
  })[];
}

/** What an encryptor that starts without the bus begins with. */
export interface StoredProfiles {
  readonly entries: readonly {
    readonly key: string;
    readonly revision: number;
    readonly value: Uint8Array;
  }[];
  readonly revision: number;
  readonly currentAt: Date;
  readonly savedAt: Date;
}

/** A file, or the like. */
export interface ProfileStore {
  /** Undefined when there is none, or none that can be believed: the log says why. */
  read(): Promise<StoredProfiles | undefined>;
  /** In place of the one before, durably. Throws STORE_UNAVAILABLE. */
  write(snapshot: ProfileSnapshot, currentAt: Date): Promise<void>;
}

export interface Announcer {
  /** Whether the bus can be reached at the moment. */
  ready(): boolean;
  /**
   * Resolves once the bus keeps `recording.encrypted`; saying it twice is harmless. Throws BUS_UNAVAILABLE, at once
   * when the connection is down.
   */
  recordingEncrypted(manifest: Manifest, manifestKey: string, traceparent: string): Promise<void>;
}

/** The marks of attempts, in the media store. Each throws STORE_UNAVAILABLE or STORE_FULL. */
export interface Attempts {
  /** While the result lives, this process itself is at it. */
  live(attempt: Attempt): Disposable;
  isLive(id: string): boolean;
  mark(attempt: Attempt): Promise<void>;
  unmark(attempt: Attempt): Promise<void>;
  /** Every mark there is, those of other encryptors too. One that disappears meanwhile is left out. */
  list(): AsyncIterable<Attempt>;
}

export type Clock = () => Date;
