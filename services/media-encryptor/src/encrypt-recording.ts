import { type Manifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Attempt, checkInTime, isStored, newAttempt } from './domain/attempt.ts';
import type { CaptureHeader } from './domain/capture-header.ts';
import { chooseProtection } from './domain/choose-protection.ts';
import { manifestKey } from './domain/layout.ts';
import { newManifest } from './domain/new-manifest.ts';
import { asRetry } from './domain/retry.ts';
import { findManifest } from './find-manifest.ts';
import { countBytes, type Media } from './media.ts';
import type { Announcer, Attempts, Clock, Profiles, Quarantine } from './ports.ts';
import type { ReportLeftOut } from './report-left-out.ts';
import { storeMedia } from './store-media.ts';

export interface Encrypted {
  readonly manifest: Manifest;
  /** An earlier call had already stored it. */
  readonly duplicate: boolean;
}

export interface EncryptRecordingDeps {
  readonly store: MediaStore;
  readonly profiles: Profiles;
  readonly announcer: Announcer;
  readonly attempts: Attempts;
  readonly quarantine: Quarantine;
  readonly reportLeftOut: ReportLeftOut;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CaptureContext {
  readonly signal: AbortSignal;
  readonly traceparent: string;
  /** When Sealtrack was handed the recording. */
  readonly capturedAt: Date;
}

export type EncryptRecording = (
  header: CaptureHeader,
  openMedia: () => Promise<Media>,
  context: CaptureContext,
) => Promise<Encrypted>;

/**
 * Stores one media file as its profile has it: sealed to the profile's certificates, sealed to the tenant's holding key
 * while none of them can be used, or in clear where the policy says so. When it resolves, media and manifest are durable,
 * and the events are out or the attempt's mark is, from which heal-attempts.ts will say them.
 *
 * The order makes a crash at any point harmless: marks, media (each attempt its own), manifest (never overwritten by
 * another attempt's, so of two exactly one wins), events, unmark. The mark of what is held stays:
 * release-quarantined.ts.
 *
 * @throws AppError PROFILE_NOT_FOUND, NO_USABLE_CERTIFICATE, MEDIA_EMPTY, RECORDING_EXISTS, DEADLINE_EXCEEDED, or that
 * of the source or the store.
 */
export function createEncryptRecording(deps: EncryptRecordingDeps): EncryptRecording {
  return async (header, openMedia, context) => {
    const key = manifestKey(header.tenantId, header.recordingId);
    const earlier = await findManifest(deps.store, key);
    if (earlier !== undefined) {
      const manifest = await asRetry(earlier, header, openMedia);
      await deps.store.confirm(key);
      return { manifest, duplicate: true };
    }

    const inForce = deps.profiles.find(header.tenantId, header.profileId);
    const protection = chooseProtection(inForce, header.mediaType, deps.clock());
    if (protection.kind === 'sealed') deps.reportLeftOut(header, protection.leftOut);
    const media = countBytes(await openMedia());
    const attempt = newAttempt(header, protection.kind, deps.clock());
    using _live = deps.attempts.live(attempt);
    try {
      const toStore = { header, attempt, protection, suite: inForce.profile.suite, content: media.content };
      const kept = await storeMedia(deps, toStore, context.signal);
      const manifest = newManifest(header, context.capturedAt, attempt, protection, kept);
      checkInTime(attempt, deps.clock());
      await deps.store.create(key, once(serializeManifest(manifest)));
      await announce(deps, manifest, attempt, context);
      return { manifest, duplicate: false };
    } catch (error) {
      const winner = await cleanUp(deps, attempt);
      if (winner === undefined || !hasCode(error, 'OBJECT_EXISTS')) throw error;
      const spent = () => Promise.resolve({ size: media.size(), content: once() });
      return { manifest: await asRetry(winner, header, spent), duplicate: true };
    }
  };
}

/** The recording is safe by now, so a bus that is away is no reason to fail: the mark stays, and the event follows. */
async function announce(
  { announcer, attempts, log }: EncryptRecordingDeps,
  manifest: Manifest,
  attempt: Attempt,
  { traceparent }: CaptureContext,
): Promise<void> {
  try {
    await announcer.stored(manifest, attempt.manifestKey, traceparent);
    await attempts.unmark(attempt);
  } catch (error) {
    log.warn(
      { err: error, recordingId: manifest.recordingId },
      'events delayed: they are said when the bus is back',
    );
  }
}

/**
 * Removes what a failed attempt left, and resolves to the manifest that there is. A store may have created ours and
 * failed to say so: then its ciphertext stays. What is left when this fails too, heal-attempts.ts finds by its mark.
 */
async function cleanUp(
  { store, attempts, quarantine, log }: EncryptRecordingDeps,
  attempt: Attempt,
): Promise<Manifest | undefined> {
  try {
    const manifest = await findManifest(store, attempt.manifestKey);
    if (isStored(attempt, manifest)) return manifest;
    await store.delete(attempt.ciphertextKey);
    if (attempt.quarantineKey !== undefined) await quarantine.unmark(attempt.quarantineKey);
    await attempts.unmark(attempt);
    return manifest;
  } catch (error) {
    log.warn(
      { err: error, attempt: attempt.id },
      'could not clean up after an attempt; it is tried again later',
    );
    return undefined;
  }
}
