import { dirname, join } from 'node:path';
import { type Manifest, type ManifestMedia, parseManifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import { readSmallFile } from './files.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
const BRACE = 0x7b;

/** What people have of a recording: its manifest, or only an envelope. */
export type SealedFile =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  /** PEM or DER, with the ciphertext in it or without. */
  | { readonly kind: 'envelope'; readonly bytes: Buffer };

/** Throws INVALID_ARGUMENT when the file cannot be read, MANIFEST_INVALID when it is JSON but no manifest. */
export async function readSealedFile(path: string): Promise<SealedFile> {
  const bytes = await readSmallFile(path, MAX_FILE_BYTES);
  const isJson = bytes.find((byte) => byte > 0x20) === BRACE;
  return isJson ? { kind: 'manifest', manifest: parseManifest(bytes) } : { kind: 'envelope', bytes };
}

/** The media file asked for; without an id, the only one there is. */
export function pickMedia(manifest: Manifest, mediaId: string | undefined): ManifestMedia {
  const matches = manifest.media.filter((media) => mediaId === undefined || media.mediaId === mediaId);
  const [media] = matches;
  if (media !== undefined && matches.length === 1) return media;
  throw new AppError('INVALID_ARGUMENT', 'Which media file of the recording?', {
    fix: `Give --media one of: ${manifest.media.map((each) => each.mediaId).join(', ')}.`,
  });
}

/** Where the media store keeps it, unless told otherwise. */
export const ciphertextPath = (
  manifestPath: string,
  media: ManifestMedia,
  told: string | undefined,
): string => told ?? join(dirname(manifestPath), media.ciphertext);
