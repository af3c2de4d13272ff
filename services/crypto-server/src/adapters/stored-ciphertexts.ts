import { decryptionFailed } from '@sealtrack/envelope/failures';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';

/**
 * The store as ciphertexts are read from it. How long one is says its manifest, so a file that ends before is damage
 * and no mistake of the caller's: DECRYPTION_FAILED, where the store has RANGE_NOT_SATISFIABLE.
 */
export function createStoredCiphertexts(store: MediaStore): MediaStore {
  return {
    ...store,
    async *read(key, options) {
      try {
        yield* store.read(key, options);
      } catch (error) {
        throw hasCode(error, 'RANGE_NOT_SATISFIABLE')
          ? decryptionFailed({ check: 'ciphertext too short' })
          : error;
      }
    },
  };
}
