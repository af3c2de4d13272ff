import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forget, reap } from '@sealtrack/local-servers/reaper';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Removes the folder and all in it. */
  remove(): Promise<void>;
}

/** A new folder that is removed when disposed, or when this process ends without having done so. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  // The real path, because some systems' temporary folder is a link, and paths are compared in tests.
  const path = await realpath(await mkdtemp(join(tmpdir(), 'sealtrack-')));
  reap('folder', path);
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    forget('folder', path);
  };
  return { path, remove, [Symbol.asyncDispose]: remove };
}
