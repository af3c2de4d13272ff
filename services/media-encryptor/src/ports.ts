import type { Manifest, SealedManifestMedia } from '@sealtrack/envelope/manifest';
import type { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, ProfileId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { Attempt } from './domain/attempt.ts';
import type { ProfileInForce } from './domain/profile.ts';
import type { ProfileSnapshot, Refusal } from './domain/profile-entry.ts';
import type { ListedMark, QuarantineMark } from './domain/quarantine-mark.ts';

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

/** What an encryptor begins with, and goes by for as long as the bus is not there. */
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

/** Each resolves once the bus keeps it; saying it twice is harmless. Throws BUS_UNAVAILABLE, at once when it is away. */
export interface Announcer {
  /** Whether the bus can be reached at the moment. */
  ready(): boolean;
  /**
   * All that is to be said of a recording that was stored: `recording.encrypted`, and `recording.quarantined` if it is
   * held; or `recording.kept-in-clear`.
   */
  stored(manifest: Manifest, manifestKey: string, traceparent: string): Promise<void>;
  /** `recording.rewrapped`. */
  rewrapped(manifest: Manifest, manifestKey: string): Promise<void>;
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

/** The marks of recordings that are held, in the media store. Each throws STORE_UNAVAILABLE or STORE_FULL. */
export interface Quarantine {
  mark(key: string, since: string): Promise<void>;
  /** And what was decided; it is no error when there is neither. */
  unmark(key: string): Promise<void>;
  /** Every mark there is, each once, in the order of tenants, profiles and media types. Reads none of them. */
  list(): AsyncIterable<ListedMark>;
  /** When its attempt began. Undefined when it is gone. */
  since(mark: QuarantineMark): Promise<Date | undefined>;
  /** The manifest that the recording is released with: the one given, or that of another encryptor which was first. */
  decide(mark: QuarantineMark, manifest: Manifest): Promise<Manifest>;
  /** So that it is decided anew. */
  withdraw(mark: QuarantineMark): Promise<void>;
}

/** The crypto server, as far as recordings that are held need it. */
export interface HoldingKeys {
  /**
   * One answer for each, in this order: an AppError for one that cannot be sealed to its certificates. Throws SEALED,
   * SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED and the like when none can at the moment.
   */
  rewrap(
    tenantId: TenantId,
    media: readonly HeldMedia[],
    signal: AbortSignal,
  ): Promise<readonly (RewrappedMedia | AppError)[]>;
}

/** At most so many in one call. */
export const MAX_HELD_MEDIA = 64;

export interface HeldMedia {
  readonly recordingId: RecordingId;
  readonly media: SealedManifestMedia;
  readonly certificateIds: readonly CertificateId[];
}

export type RewrappedMedia = Pick<SealedManifestMedia, 'envelope' | 'envelopeMac'>;

export type Clock = () => Date;
