import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Where outside vectors lie: SEALTRACK_VECTORS, or a folder beside the repository. They are other people's, and no part of
 * it. Undefined when there is none, which is said aloud, because whatever leans on them then proves nothing.
 */
export function vectorsFolder(kind: string): string | undefined {
  const folder = resolve(process.env.SEALTRACK_VECTORS ?? resolve(ROOT, '../shared/vectors'), kind);
  if (existsSync(folder)) return folder;
  process.stderr.write(
    `\n*** SKIPPED: no outside vectors in ${folder}. Put them there, or set SEALTRACK_VECTORS. ***\n\n`,
  );
  return undefined;
}
