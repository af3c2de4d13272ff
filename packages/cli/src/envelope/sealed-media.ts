import { dirname, join } from 'node:path';
import { createChecksum } from '@sealtrack/envelope/checksum';
import { decryptionFailed } from '@sealtrack/envelope/failures';
import {
  type ManifestMedia,
  type SealedManifestMedia,
  sealedMedia,
  taggedMedia,
} from '@sealtrack/envelope/manifest';
import type { ReadCiphertext } from '@sealtrack/envelope/read-segments';
import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readBlocks, sizeOfFile } from '../files.ts';
import { ciphertextWithin, type SealedFile } from './sealed-file.ts';

/** One media file, with everything that opening it takes but the key. */
export interface SealedMediaFile {
  readonly envelope: Buffer;
  /** Bytes of ciphertext that there are. */
  readonly ciphertextSize: number;
  readonly read: ReadCiphertext;
  /** What a manifest says of it; others have no segment tags. */
  readonly entry?: { readonly media: SealedManifestMedia; readonly tagged: TaggedMedia };
}

/** As the options of a command have it. */
export interface WhichMedia {
  readonly content?: string | undefined;
  readonly media?: string | undefined;
}

/**
 * The one media file that a command works on. Throws INVALID_ARGUMENT when that is not clear, or has no ciphertext, and
 * MEDIA_NOT_ENCRYPTED when it is stored in clear.
 */
export async function sealedMediaOf(
  context: Context,
  file: SealedFile,
  { content, media }: WhichMedia,
): Promise<SealedMediaFile> {
  if (file.kind === 'manifest')
    return mediaOfManifest(context, file, sealedMedia(pickMedia(file, media)), content);
  if (media !== undefined) throw misplaced('--media', 'only a manifest has several media files');
  if (file.kind === 'attached') {
    if (content !== undefined) throw misplaced('--content', 'the ciphertext is in the file itself');
    const { path, envelope, ciphertextSize } = file;
    const read: ReadCiphertext = (offset, length) =>
      whole(slice(ciphertextWithin(path, context.signal), offset, length), path, length);
    return { envelope, ciphertextSize, read };
  }
  if (content === undefined)
    throw new AppError('INVALID_ARGUMENT', 'An envelope does not say where its ciphertext is', {
      fix: 'Give the ciphertext with --content.',
    });
  return { envelope: file.envelope, ...(await ciphertextFile(context, content)) };
}

/** A manifest's entry, with its ciphertext where the media store keeps it, unless told otherwise. */
export async function mediaOfManifest(
  context: Context,
  { path, manifest }: Extract<SealedFile, { kind: 'manifest' }>,
  media: SealedManifestMedia,
  content?: string,
): Promise<SealedMediaFile> {
  const file = await ciphertextFile(context, content ?? join(dirname(path), media.ciphertext));
  return { envelope: media.envelope, ...file, entry: { media, tagged: taggedMedia(manifest, media) } };
}

/** The media file asked for; without an id, the only one there is. */
export function pickMedia(
  { manifest }: Extract<SealedFile, { kind: 'manifest' }>,
  mediaId: string | undefined,
): ManifestMedia {
  const matches = manifest.media.filter((media) => mediaId === undefined || media.mediaId === mediaId);
  const [media] = matches;
  if (media !== undefined && matches.length === 1) return media;
  throw new AppError('INVALID_ARGUMENT', 'Which media file of the recording?', {
    fix: `Give --media one of: ${manifest.media.map((each) => each.mediaId).join(', ')}.`,
  });
}

/** Reading stops where the manifest says that the end is, and would not see what was put behind it. */
export function checkSize({ ciphertextSize, entry }: SealedMediaFile): void {
  const expected = entry?.media.ciphertextSize ?? ciphertextSize;
  if (ciphertextSize === expected) return;
  throw decryptionFailed({ check: `ciphertext too ${ciphertextSize > expected ? 'long' : 'short'}` });
}

/** The stream as it is, if it has that size and checksum; otherwise it ends in INVALID_ARGUMENT. */
export async function* checkedCiphertext(
  content: AsyncIterable<Uint8Array>,
  { ciphertextSize, checksum }: Pick<ManifestMedia, 'ciphertextSize' | 'checksum'>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const sum = createChecksum();
  for await (const chunk of content) {
    bytes += chunk.byteLength;
    sum.update(chunk);
    yield chunk;
  }
  if (bytes === ciphertextSize && checksum === sum.digest()) return;
  throw new AppError('INVALID_ARGUMENT', 'The ciphertext is not the one that the manifest describes', {
    fix: 'Give the ciphertext that belongs to this manifest, or restore it from a copy.',
    details: { bytes: String(bytes), expected: String(ciphertextSize) },
  });
}

async function ciphertextFile(
  context: Context,
  path: string,
): Promise<Pick<SealedMediaFile, 'ciphertextSize' | 'read'>> {
  const ciphertextSize = await sizeOfFile(path);
  return {
    ciphertextSize,
    read: (offset, length) =>
      whole(readBlocks(path, { offset, length, signal: context.signal }), path, length),
  };
}

/** What was announced when the file was looked at first must come, or what is written of it would only look whole. */
async function* whole(
  source: AsyncIterable<Buffer>,
  path: string,
  length: number,
): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes < length)
    throw new AppError('INVALID_ARGUMENT', `${path} became shorter while it was read`, {
      fix: 'Find out what writes to it, then run the command again.',
      details: { file: path },
    });
}

async function* slice(source: AsyncIterable<Buffer>, offset: number, length: number): AsyncGenerator<Buffer> {
  let at = -offset;
  for await (const chunk of source) {
    const part = chunk.subarray(Math.max(-at, 0), Math.max(length - at, 0));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= length) return;
  }
}

export const misplaced = (option: string, why: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${option} has no meaning here: ${why}`, { fix: `Leave ${option} out.` });
