import { openClearMedia } from '@sealtrack/envelope/clear-media';
import { isClear, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { ciphertextOf, type PlaintextRange, segmentsOf } from '@sealtrack/envelope/plaintext-range';
import { abortable } from '@sealtrack/media-store/abortable';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { beginReading } from './begin-reading.ts';
import { checkCiphertextSize } from './check-ciphertext-size.ts';
import type { MediaLease } from './media-session.ts';
import { unlessAborted } from './unless-aborted.ts';

/**
 * A range of the plaintext, every byte verified, whatever is known of the media already. Throws as openMedia,
 * openClearMedia and the session's key do, and OBJECT_NOT_FOUND.
 */
export async function* readMedia(
  store: Pick<MediaStore, 'read' | 'size'>,
  lease: Pick<MediaLease, 'found' | 'key'>,
  range: PlaintextRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const { media, ciphertextKey, ...recording } = lease.found;
  const isWhole = unlessAborted(checkCiphertextSize(store, lease.found), signal);
  // What is read is the same whether or not the key turns out to be right, and reading takes as long as unwrapping it.
  const { offset, length } = ciphertextOf(segmentsOf(range, media), media.ciphertextSize);
  const stored = store.read(ciphertextKey, { offset, length, signal, reuse: true });
  await using ciphertext = beginReading(abortable(stored, signal));
  const [dek] = await Promise.all([lease.key(), isWhole]);
  const read = () => ciphertext.rest();
  if (isClear(media)) yield* openClearMedia(media, read, range);
  else yield* openMedia(taggedMedia(recording, media), dek, read, range);
}
