import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Import {
  /** The importing file, from the repository's root, with forward slashes. */
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const ROOT = join(import.meta.dirname, '../../..');
const SKIPPED = new Set(['node_modules', 'gen', 'toolchain', '.data', 'dist']);

function* sourceFiles(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* sourceFiles(path);
    } else if (/\.(ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every import of the repository's own sources. */
export function allImports(): Import[] {
  return ['packages', 'services', 'test', 'deploy'].flatMap((top) =>
    [...sourceFiles(join(ROOT, top))].flatMap((path) => {
      const file = relative(ROOT, path).replaceAll('\\', '/');
      const text = readFileSync(path, 'utf8');
      return [
        ...[...text.matchAll(STATEMENT)].map(([, type, specifier]) => ({
          file,
          specifier: specifier ?? '',
          typeOnly: type !== undefined,
        })),
        ...[...text.matchAll(DYNAMIC)].map(([, specifier]) => ({
          file,
          specifier: specifier ?? '',
          typeOnly: false,
        })),
      ];
    }),
  );
}
