import { cp, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Copies every log of a system that is about to be removed. Nothing secret is in a log. Resolves to the folder of the
 * copies; undefined when there is nothing to keep.
 */
export async function saveLogs(dataDir: string, out: string): Promise<string | undefined> {
  const files = await readdir(dataDir, { recursive: true }).catch(() => []);
  const logs = files.filter((file) => file.endsWith('.log'));
  if (logs.length === 0) return undefined;
  const folder = join(out, 'logs');
  await mkdir(folder, { recursive: true });
  for (const log of logs) await cp(join(dataDir, log), join(folder, basename(log)), { force: true });
  return folder;
}
