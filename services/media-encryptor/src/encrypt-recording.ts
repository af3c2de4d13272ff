import { fingerprint } from '@sealtrack/envelope/fingerprint';
import { boundTo, type Manifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { createMediaSealer, type MediaSealer } from '@sealtrack/envelope/seal-media';
import type { SealedMedia } from '@sealtrack/envelope/sealed-media';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import type { Log } from '@sealtrack/service-kit/logger';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import {
  type Attempt,
  checkInTime,
  isStored,
  MAX_ATTEMPT_MS,
  newAttempt,
  tookTooLong,
} from './domain/attempt.ts';
import type { CaptureHeader } from './domain/capture-header.ts';
import { chooseRecipients, type ProfileCertificate } from './domain/choose-recipients.ts';
import { manifestKey } from './domain/layout.ts';
import { asRetry } from './domain/retry.ts';
import { findManifest } from './find-manifest.ts';
import { countBytes, type Media } from './media.ts';
import type { Announcer, Attempts, Clock, Profiles } from './ports.ts';

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
  readonly clock: Clock;
  readonly log: Log;
}

export interface CaptureContext {
  readonly signal: AbortSignal;
  readonly traceparent: string;
}

export type EncryptRecording = (
  header: CaptureHeader,
  openMedia: () => Promise<Media>,
  context: CaptureContext,
) => Promise<Encrypted>;

/**
 * Encrypts one media file to the certificates of its profile. When it resolves, ciphertext and manifest are durable,
 * and the event is out or its mark is, from which heal-attempts.ts will say it.
 *
 * The order makes a crash at any point harmless: mark, ciphertext (each attempt its own), manifest (never
 * overwritten, so of two attempts exactly one wins), event, unmark.
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

    const profile = deps.profiles.get(header.tenantId, header.profileId);
    const recipients = chooseRecipients(profile, deps.clock());
    const media = countBytes(await openMedia());
    const attempt = newAttempt(header, deps.clock());
    using _live = deps.attempts.live(attempt);
    try {
      const sealer = createMediaSealer({
        suite: profile.suite,
        recipients: recipients.map(({ recipient }) => recipient),
        boundTo: boundTo(header, header),
      });
      const sealed = await storeCiphertext(deps, sealer, media.content, attempt, context.signal);
      const manifest = describe(header, attempt, recipients, sealed);
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

async function storeCiphertext(
  { store, attempts }: EncryptRecordingDeps,
  sealer: MediaSealer,
  content: AsyncIterable<Uint8Array>,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<SealedMedia> {
  using limit = timeLimit(signal);
  // Both wait for the disk, so they wait together; and both are settled before anybody cleans up after them.
  const written = await Promise.allSettled([
    attempts.mark(attempt),
    store.create(attempt.ciphertextKey, sealer.seal(steadily(content)), limit),
  ]);
  for (const outcome of written) if (outcome.status === 'rejected') throw outcome.reason;
  return sealer.finish();
}

/** AbortSignal.timeout would stay in memory to its end, hours after the recording: 100 MB for 130,000 of them. */
function timeLimit(signal: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(tookTooLong()), MAX_ATTEMPT_MS);
  return {
    signal: AbortSignal.any([signal, limit.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function describe(
  header: CaptureHeader,
  attempt: Attempt,
  recipients: readonly ProfileCertificate[],
  sealed: SealedMedia,
): Manifest {
  return {
    format: 'sealtrack.recording.v1',
    tenantId: header.tenantId,
    recordingId: header.recordingId,
    profileId: header.profileId,
    startedAt: header.startedAt.toISOString(),
    encryptedAt: attempt.startedAt,
    attributes: { ...header.attributes },
    fingerprint: fingerprint(header),
    media: [
      {
        mediaId: header.mediaId,
        contentType: header.contentType,
        ciphertext: attempt.ciphertextName,
        certificateIds: recipients.map(({ certificateId }) => certificateId),
        ...sealed,
      },
    ],
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
    await announcer.recordingEncrypted(manifest, attempt.manifestKey, traceparent);
    await attempts.unmark(attempt);
  } catch (error) {
    log.warn(
      { err: error, recordingId: manifest.recordingId },
      'event delayed: it is said when the bus is back',
    );
  }
}

/**
 * Removes what a failed attempt left, and resolves to the manifest that there is. A store may have created ours and
 * failed to say so: then its ciphertext stays. What is left when this fails too, heal-attempts.ts finds by its mark.
 */
async function cleanUp(
  { store, attempts, log }: EncryptRecordingDeps,
  attempt: Attempt,
): Promise<Manifest | undefined> {
  try {
    const manifest = await findManifest(store, attempt.manifestKey);
    if (isStored(attempt, manifest)) return manifest;
    await store.delete(attempt.ciphertextKey);
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
