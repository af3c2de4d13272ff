import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyFiles } from '../src/envelope/engine.ts';

/** A key of an engine's own kind, made when it is first wanted, so that what one process seals another can open. */
export async function keyFile(
  { folder }: KeyFiles,
  name: string,
  make: () => Promise<string>,
): Promise<string> {
  const path = join(folder, name);
  try {
    return await readFile(path, 'utf8');
  } catch {
    const key = await make();
    await writeFile(`${path}.new`, key, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return key;
  }
}
