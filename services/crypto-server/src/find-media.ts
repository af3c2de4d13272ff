import {
  isClear,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestMedia,
  parseManifest,
} from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { readAll } from '@sealtrack/media-store/read-all';
import type { RecordingDirectory } from './ports.ts';

export interface FoundMedia {
  readonly manifest: Manifest;
  /** recording.json as it lies in the store. */
  readonly manifestBytes: Buffer;
  readonly media: ManifestMedia;
  readonly ciphertextKey: string;
}

export type FindMedia = (
  tenantId: TenantId,
  recordingId: RecordingId,
  mediaId: MediaId,
  signal: AbortSignal,
) => Promise<FoundMedia>;

/** From the index to the manifest. @throws AppError RECORDING_NOT_FOUND, MANIFEST_INVALID, STORE_UNAVAILABLE. */
export function createFindMedia(directory: RecordingDirectory, store: Pick<MediaStore, 'read'>): FindMedia {
  return async (tenantId, recordingId, mediaId, signal) => {
    const { manifestKey: key, suites } = await directory.find(tenantId, recordingId, signal);
    const manifestBytes = await readAll(store, key, MAX_MANIFEST_BYTES, signal);
    const manifest = parseManifest(manifestBytes);
    // An index entry that points elsewhere must not hand one tenant's recording to another.
    if (manifest.tenantId !== tenantId || manifest.recordingId !== recordingId)
      throw new AppError('MANIFEST_INVALID', 'The manifest found is that of another recording', {
        fix: 'Restore Redis from its backup: the index names another recording than the one asked for.',
        details: { recording_id: recordingId },
      });
    const media = manifest.media.find((candidate) => candidate.mediaId === mediaId);
    if (media === undefined)
      throw new AppError('RECORDING_NOT_FOUND', `Recording ${recordingId} has no media "${mediaId}"`, {
        fix: `Ask for one of: ${manifest.media.map((each) => each.mediaId).join(', ')}.`,
        details: { recording_id: recordingId, media_id: mediaId },
      });
    // Nothing in a manifest of clear media proves that it is the one that was written.
    if (isClear(media) && suites.get(mediaId) !== 'clear') throw notKnownAsClear(recordingId);
    return { manifest, manifestBytes, media, ciphertextKey: key.replace(/[^/]*$/, media.ciphertext) };
  };
}

const notKnownAsClear = (recordingId: RecordingId) =>
  new AppError(
    'MANIFEST_INVALID',
    'The manifest says that the media is stored in clear, and the index that it is encrypted',
    {
      fix: 'Somebody may have put another recording in its place: restore recording.json and the media from a copy, and find out who writes to the media store.',
      details: { recording_id: recordingId },
    },
  );
