import { readFile, stat } from 'node:fs/promises';
import { codeOf } from './reasons.ts';

/** The bytes of each file by its path, or why they could not be read, for the end of a sentence. */
export type FilesRead = ReadonlyMap<string, Buffer | string>;

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Tells one state of files from another, through links: which files they are, their sizes and when they were last changed,
 * or that they are missing.
 */
export async function stateOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(
    paths.map((path) =>
      stat(path, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(' '),
        (error: unknown) => codeOf(error) ?? 'unknown',
      ),
    ),
  );
  return states.join('\n');
}

export async function readFiles(paths: readonly string[]): Promise<FilesRead> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await readOne(path)] as const)));
}

async function readOne(path: string): Promise<Buffer | string> {
  try {
    const { size } = await stat(path);
    return size > MAX_BYTES ? 'which is larger than 16 MiB' : await readFile(path);
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    return code === 'ENOENT' ? 'which is not there' : `which cannot be read (${code})`;
  }
}
