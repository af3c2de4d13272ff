import { openMedia } from '@sealtrack/envelope/open-media';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { type Verified, verifiedBy } from '@sealtrack/envelope/verified';
import type { Context } from '../context.ts';
import { checkSize, type SealedMediaFile } from './sealed-media.ts';

export interface Opened {
  readonly verified: Verified;
  /** Bytes. */
  readonly plaintextSize: number;
  /** Nothing comes out that was not verified. */
  readonly plaintext: AsyncIterable<Uint8Array>;
}

/**
 * Media without segment tags are read twice: once to verify the whole and make tags, once to open it by these, so that
 * not even a file that changes in between lets a wrong byte out. The caller zeroes `dek` when all has been read.
 * Throws DECRYPTION_FAILED, then and while being read.
 */
export async function openSealed(context: Context, file: SealedMediaFile, dek: Buffer): Promise<Opened> {
  const { envelope, ciphertextSize, read, entry } = file;
  checkSize(file);
  const verified = verifiedBy(envelope, entry !== undefined);
  const tagged =
    entry?.tagged ??
    (await tagMedia(envelope, dek, context.progress(read(0, ciphertextSize), 'verifying', ciphertextSize)));
  const { plaintextSize } = tagged;
  const plaintext = context.progress(openMedia(tagged, dek, read), 'decrypting', plaintextSize);
  return { verified, plaintextSize, plaintext };
}
