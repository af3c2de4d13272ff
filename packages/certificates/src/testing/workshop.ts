import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder where the tools of others make files. Each returns what it printed, and throws when the tool fails. */
export function createWorkshop() {
  const path = mkdtempSync(join(tmpdir(), 'certificates-'));
  const run = (tool: string, args: readonly string[]): string =>
    execFileSync(tool, args, { cwd: path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    path,
    run,
    /** One string, split at its spaces. */
    openssl: (args: string): string => run('openssl', args.split(/ +/)),
    read: (name: string): Buffer => readFileSync(join(path, name)),
    write: (name: string, content: string | Uint8Array): void =>
      writeFileSync(join(path, name), content, { mode: 0o600 }),
    remove: (): void => rmSync(path, { recursive: true }),
  };
}

/** Says aloud when a tool is missing, because whatever leans on it then proves nothing. */
export function hasTool(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // Not every one knows the option; it is there if it can say so.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return true;
    process.stderr.write(
      `\n*** SKIPPED: ${tool} does not run here. Install it to test what it writes. ***\n\n`,
    );
    return false;
  }
}
