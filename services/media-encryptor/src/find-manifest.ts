import { MAX_MANIFEST_BYTES, type Manifest, parseManifest } from '@sealtrack/envelope/manifest';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { readAll } from '@sealtrack/media-store/read-all';

/** The manifest at `key`, or undefined when there is none. @throws AppError MANIFEST_INVALID, STORE_UNAVAILABLE. */
export async function findManifest(store: MediaStore, key: string): Promise<Manifest | undefined> {
  try {
    return parseManifest(await readAll(store, key, MAX_MANIFEST_BYTES));
  } catch (error) {
    if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined;
    throw error;
  }
}
