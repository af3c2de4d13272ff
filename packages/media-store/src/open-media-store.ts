import { fileURLToPath } from 'node:url';
import { AppError } from '@sealtrack/errors/app-error';
import { openFsStore } from './fs-store.ts';
import type { OpenMediaStore, OpenOptions } from './media-store.ts';

/**
 * Opens the store that a URL names: `file:///var/lib/sealtrack/media`.
 * @throws AppError CONFIG_INVALID for a URL that names none; STORE_UNAVAILABLE, STORE_FULL when it cannot be used.
 */
export async function openMediaStore(url: string, options?: OpenOptions): Promise<OpenMediaStore> {
  const path = fileOf(url);
  if (path !== undefined) return openFsStore(path, options);
  throw new AppError('CONFIG_INVALID', 'The URL of the media store names no store', {
    fix: 'Give the URL of a folder with an absolute path, such as file:///var/lib/sealtrack/media.',
  });
}

function fileOf(url: string): string | undefined {
  try {
    // Node takes 'file:media' for '/media', and a relative path is a mistake to hear about.
    return url.startsWith('file:///') ? fileURLToPath(url) : undefined;
  } catch {
    return undefined;
  }
}
