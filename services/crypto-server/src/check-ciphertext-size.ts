import { decryptionFailed } from '@sealtrack/envelope/failures';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { FoundMedia } from './find-media.ts';

/**
 * A reader stops where the manifest says that the end is, and would not see what was put behind it; a reader of a range
 * would not see that the end is gone. Both are told before any byte leaves (docs/envelope.md, 7).
 * @throws AppError DECRYPTION_FAILED, OBJECT_NOT_FOUND.
 */
export async function checkCiphertextSize(
  store: Pick<MediaStore, 'size'>,
  { ciphertextKey, media }: Pick<FoundMedia, 'ciphertextKey' | 'media'>,
): Promise<void> {
  const size = await store.size(ciphertextKey);
  if (size === media.ciphertextSize) return;
  throw decryptionFailed({ check: `ciphertext too ${size > media.ciphertextSize ? 'long' : 'short'}` });
}
