import { fingerprint } from '@sealtrack/envelope/fingerprint';
import type { Manifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import { type Media, sizeOf } from '../media.ts';
import type { CaptureHeader } from './capture-header.ts';

/**
 * The stored manifest, when `header` and the media's size say that this is the same recording sent again.
 * @throws AppError RECORDING_EXISTS when they say that it is another one: it must not pass for stored.
 */
export async function asRetry(
  stored: Manifest,
  header: CaptureHeader,
  openMedia: () => Promise<Media>,
): Promise<Manifest> {
  if (stored.fingerprint !== fingerprint(header)) throw exists(header, 'under another header');
  // The media of a retry may be gone by now, as a capture's object is once it was encrypted.
  const size = await sizeOf(openMedia);
  if (size !== undefined && size !== stored.media[0]?.plaintextSize)
    throw exists(header, 'with another size');
  return stored;
}

const exists = (header: CaptureHeader, how: string) =>
  new AppError('RECORDING_EXISTS', `Recording ${header.recordingId} is already stored, ${how}`, {
    fix: 'Send this recording under a recording_id of its own. The stored one is untouched.',
    details: { recording_id: header.recordingId },
  });
