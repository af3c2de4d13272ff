import {
  type Manifest,
  type SealedManifestMedia,
  sealedMedia,
  serializeManifest,
} from '@sealtrack/envelope/manifest';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import { ABANDONED_AFTER_MS } from './domain/attempt.ts';
import { recipientsForHeld } from './domain/choose-protection.ts';
import { isOfAttempt, manifestKeyOf, type QuarantineMark } from './domain/quarantine-mark.ts';
import { releasedManifest } from './domain/release-manifest.ts';
import { findManifest } from './find-manifest.ts';
import type { Announcer, Clock, HoldingKeys, Profiles, Quarantine, RewrappedMedia } from './ports.ts';

export interface ReleaseHeldDeps {
  readonly store: MediaStore;
  readonly quarantine: Quarantine;
  readonly profiles: Profiles;
  readonly holding: HoldingKeys;
  readonly announcer: Announcer;
  readonly clock: Clock;
}

/** A recording that is sealed to the holding key, and whom it can be sealed to instead. */
export interface HeldRecording {
  readonly mark: QuarantineMark;
  readonly manifest: Manifest;
  readonly media: readonly SealedManifestMedia[];
  readonly certificateIds: readonly CertificateId[];
}

/** Newest first, as in the envelope; none while the recording has to stay. */
export function certificatesFor(
  { profiles, clock }: Pick<ReleaseHeldDeps, 'profiles' | 'clock'>,
  { tenantId, profileId, mediaType }: QuarantineMark,
): readonly CertificateId[] {
  try {
    const recipients = recipientsForHeld(profiles.find(tenantId, profileId), mediaType, clock());
    return recipients.map(({ certificateId }) => certificateId);
  } catch (error) {
    if (hasCode(error, 'PROFILE_NOT_FOUND')) return [];
    throw error;
  }
}

/** What became of a mark: it is no longer needed and removed, or it has to stay. */
export type Settled = 'gone' | 'stays';

/** What a mark stands for. One that nothing stands for is removed: docs/adr/0016-quarantine.md. */
export async function findHeld(
  deps: ReleaseHeldDeps,
  mark: QuarantineMark,
): Promise<HeldRecording | Settled> {
  const { store, quarantine, clock } = deps;
  const manifest = await findManifest(store, manifestKeyOf(mark));
  if (manifest === undefined) {
    // Its attempt may still be under way.
    const since = await quarantine.since(mark);
    if (since !== undefined && clock().getTime() - since.getTime() <= ABANDONED_AFTER_MS) return 'stays';
    await quarantine.unmark(mark.key);
    return 'gone';
  }
  if (!isHeld(mark, manifest)) return await settle(deps, mark, manifest);
  const certificateIds = certificatesFor(deps, mark);
  if (certificateIds.length === 0) return 'stays';
  return { mark, manifest, media: manifest.media.map(sealedMedia), certificateIds };
}

const isHeld = (mark: QuarantineMark, manifest: Manifest): boolean =>
  manifest.quarantine !== undefined && isOfAttempt(mark, manifest);

/** Removes a mark whose recording is released, or is another attempt's. */
async function settle(
  { store, quarantine, announcer }: ReleaseHeldDeps,
  mark: QuarantineMark,
  manifest: Manifest,
): Promise<Settled> {
  const key = manifestKeyOf(mark);
  // One that was just put there may be too new to survive a power cut, and the mark would be gone.
  await store.confirm(key);
  // Who released it may have died before it said so.
  if (isOfAttempt(mark, manifest)) await announcer.rewrapped(manifest, key);
  await quarantine.unmark(mark.key);
  return 'gone';
}

/** As the crypto server sealed them, one answer for each recording's media. */
export async function rewrapAll(
  { holding }: ReleaseHeldDeps,
  tenantId: TenantId,
  recordings: readonly HeldRecording[],
  signal: AbortSignal,
): Promise<readonly (readonly (RewrappedMedia | AppError)[])[]> {
  const wanted = recordings.flatMap(({ mark: { recordingId }, media, certificateIds }) =>
    media.map((each) => ({ recordingId, media: each, certificateIds })),
  );
  const answers = await holding.rewrap(tenantId, wanted, signal);
  const rest = [...answers];
  return recordings.map(({ media }) => rest.splice(0, media.length));
}

/**
 * Puts the new manifest in the place of the old one.
 * @throws AppError of the first media file that could not be rewrapped, or of the store or the bus: all can be repeated.
 */
export async function release(
  deps: ReleaseHeldDeps,
  { mark, manifest, certificateIds }: HeldRecording,
  answers: readonly (RewrappedMedia | AppError)[],
): Promise<'released' | Settled> {
  const { store, quarantine, announcer, clock } = deps;
  const envelopes = answers.map((answer) => {
    if (answer instanceof AppError) throw answer;
    return answer;
  });
  const key = manifestKeyOf(mark);
  const now = clock();
  const decided = await quarantine.decide(mark, releasedManifest(manifest, envelopes, certificateIds, now));
  if (isOutdated(decided, certificateIds, now)) {
    await quarantine.withdraw(mark);
    return 'stays';
  }
  // After the decision: whoever made an earlier one may have replaced the manifest, and come to its end, meanwhile.
  const current = await findManifest(store, key);
  if (current !== undefined && !isHeld(mark, current)) return await settle(deps, mark, current);
  if (current === undefined || !isSame(manifest, current)) return 'stays';
  await store.replace(key, once(serializeManifest(decided)));
  await announcer.rewrapped(decided, key);
  await quarantine.unmark(mark.key);
  return 'released';
}

/** Only what the envelope was made for is replaced by it. */
const isSame = (then: Manifest, now: Manifest): boolean =>
  serializeManifest(then).equals(serializeManifest(now));

/** Made by an encryptor that died long ago, for certificates that the recording would not be sealed to any more. */
const isOutdated = (decided: Manifest, certificateIds: readonly CertificateId[], now: Date): boolean =>
  now.getTime() - new Date(decided.rewrappedAt ?? 0).getTime() > ABANDONED_AFTER_MS &&
  decided.media.some((media) => media.certificateIds.some((id) => !certificateIds.includes(id)));
