import { type Manifest, parseManifest } from '@sealtrack/envelope/manifest';
import { hasCode } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { readAll } from '@sealtrack/media-store/read-all';

// Tags take 85 bytes a MiB of media in base64, so this is room for 700 GiB.
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** The manifest at `key`, or undefined when there is none. @throws AppError MANIFEST_INVALID, STORE_UNAVAILABLE. */
export async function findManifest(store: MediaStore, key: string): Promise<Manifest | undefined> {
  try {
    return parseManifest(await readAll(store, key, MAX_MANIFEST_BYTES));
  } catch (error) {
    if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined;
    throw error;
  }
}
