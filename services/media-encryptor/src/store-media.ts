import { type ClearMedia, createClearKeeper } from '@sealtrack/envelope/clear-media';
import { boundTo } from '@sealtrack/envelope/manifest';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SealedMedia } from '@sealtrack/envelope/sealed-media';
import type { SuiteName } from '@sealtrack/envelope/suites';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import { type Attempt, MAX_ATTEMPT_MS, tookTooLong } from './domain/attempt.ts';
import type { CaptureHeader } from './domain/capture-header.ts';
import type { Protection } from './domain/choose-protection.ts';
import { createPeakMeter, type PeakMeter } from './domain/peaks/peak-meter.ts';
import { measurePeaks } from './measure-peaks.ts';
import type { Attempts, Quarantine } from './ports.ts';

export interface StoreMediaDeps {
  readonly store: MediaStore;
  readonly attempts: Attempts;
  readonly quarantine: Quarantine;
}

export interface MediaToStore {
  readonly header: CaptureHeader;
  readonly attempt: Attempt;
  readonly protection: Protection;
  readonly suite: SuiteName;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Marks and bytes of an attempt, all durable when it resolves; and what its manifest has to say of them. */
export async function storeMedia(
  { store, attempts, quarantine }: StoreMediaDeps,
  { header, attempt, protection, suite, content }: MediaToStore,
  signal: AbortSignal,
): Promise<SealedMedia | ClearMedia> {
  const meter = createPeakMeter();
  const keeper = createKeeper(header, protection, suite, meter);
  const { ciphertextKey, quarantineKey, startedAt } = attempt;
  using limit = timeLimit(signal);
  // All wait for the disk, so they wait together; and all are settled before anybody cleans up after them.
  const written = await Promise.allSettled([
    attempts.mark(attempt),
    ...(quarantineKey === undefined ? [] : [quarantine.mark(quarantineKey, startedAt)]),
    store.create(ciphertextKey, keeper.keep(measurePeaks(steadily(content), meter)), limit),
  ]);
  for (const outcome of written) if (outcome.status === 'rejected') throw outcome.reason;
  return keeper.finish();
}

interface Keeper {
  keep(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  finish(): SealedMedia | ClearMedia;
}

function createKeeper(
  header: CaptureHeader,
  protection: Protection,
  suite: SuiteName,
  { waveform }: PeakMeter,
): Keeper {
  if (protection.kind === 'clear') return createClearKeeper({ waveform });
  const recipients = protection.recipients.map(({ recipient }) => recipient);
  const sealer = createMediaSealer({ suite, recipients, boundTo: boundTo(header, header), waveform });
  return { keep: sealer.seal, finish: sealer.finish };
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
