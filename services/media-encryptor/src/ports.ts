import type { Manifest } from '@sealtrack/envelope/manifest';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import type { Attempt } from './domain/attempt.ts';
import type { ProfileInForce } from './domain/profile.ts';

export interface Profiles {
  /** From the snapshot in memory, all of one moment. Throws PROFILE_NOT_FOUND. */
  find(tenantId: TenantId, profileId: ProfileId): ProfileInForce;
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
