/** Regenerates src/gen from proto/. With --check, fails when the committed code differs from what comes out. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const gen = join(import.meta.dirname, 'src/gen');
const path = [
  join(root, 'node_modules/.bin'),
  join(import.meta.dirname, 'node_modules/.bin'),
  process.env.PATH,
].join(delimiter);

const buf = (...args: string[]) =>
  execFileSync('buf', args, {
    cwd: join(root, 'proto'),
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });

const files = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();

function same(a: string, b: string): boolean {
  const names = files(a);
  return (
    names.join() === files(b).join() &&
    names.every((name) => readFileSync(join(a, name)).equals(readFileSync(join(b, name))))
  );
}

const check = process.argv.includes('--check');
const before = mkdtempSync(join(tmpdir(), 'sealtrack-gen-'));
try {
  if (check) cpSync(gen, before, { recursive: true });
  buf('lint');
  buf('format', '--diff', '--exit-code');
  buf('generate');
  // Server reflection answers from this.
  buf('build', '--output', join(gen, 'descriptors.binpb'));
  if (check && !same(before, gen)) {
    console.error(
      'Generated code is out of date. It has been regenerated: commit packages/contracts/src/gen.',
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(before, { recursive: true, force: true });
}
