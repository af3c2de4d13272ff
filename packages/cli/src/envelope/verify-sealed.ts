import { createChecksum } from '@sealtrack/envelope/checksum';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { ReadCiphertext } from '@sealtrack/envelope/read-segments';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { type Verified, verifiedBy } from '@sealtrack/envelope/verified';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { checkSize, type SealedMediaFile } from './sealed-media.ts';

export interface VerifiedMedia {
  readonly verified: Verified;
  /** Bytes. */
  readonly plaintextSize: number;
}

/** Reads all of a media file and gives nothing out. Throws DECRYPTION_FAILED, or MANIFEST_INVALID for a wrong checksum. */
export async function verifySealed(
  context: Context,
  file: SealedMediaFile,
  dek: Buffer,
): Promise<VerifiedMedia> {
  const { envelope, ciphertextSize, read, entry } = file;
  checkSize(file);
  const verified = verifiedBy(envelope, entry !== undefined);
  const seen: ReadCiphertext = (offset, length) =>
    context.progress(read(offset, length), 'verifying', ciphertextSize);
  if (entry === undefined) {
    const { plaintextSize } = await tagMedia(envelope, dek, seen(0, ciphertextSize));
    return { verified, plaintextSize };
  }
  const sum = createChecksum();
  async function* summed(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for await (const chunk of seen(offset, length)) {
      sum.update(chunk);
      yield chunk;
    }
  }
  for await (const plaintext of openMedia(entry.tagged, dek, summed)) plaintext.fill(0);
  if (sum.digest() !== entry.media.checksum) throw wrongChecksum();
  return { verified, plaintextSize: entry.media.plaintextSize };
}

export const wrongChecksum = (): AppError =>
  new AppError('MANIFEST_INVALID', 'The media is whole, but the checksum in its manifest is wrong', {
    fix: 'Restore recording.json from a copy.',
  });
