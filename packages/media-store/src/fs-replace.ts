import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from './fs-errors.ts';
import type { Folders } from './fs-folders.ts';
import { fileSize } from './fs-read.ts';
import { writeTemporary } from './fs-temporary.ts';

/** rename(2) puts the new file in the old one's place at once; who is reading the old one reads it to its end. */
export async function replaceFile(
  root: string,
  folders: Folders,
  parts: readonly string[],
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ size: number }> {
  const path = join(root, ...parts);
  // Asked first, so that nothing is made for an object that is not there, and again for one deleted meanwhile.
  const mustExist = () => fileSize(path, parts.join('/'));
  await mustExist();
  return await writeTemporary(folders, parts, content, signal, async (temporary) => {
    await mustExist();
    await onDisk(async () => {
      await rename(temporary.path, path);
      await folders.sync(temporary.folder);
    });
  });
}
