import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll } from 'vitest';

const run = promisify(execFile);
const MAX_OUTPUT = 16 * 1024 * 1024;

/** A folder of files for the openssl on the PATH to work in; gone when the tests of the file are done. */
export interface Workbench {
  readonly folder: string;
  /** Standard output. Rejects with what OpenSSL said when it fails. */
  openssl(...args: readonly string[]): Promise<Buffer>;
  /** Gives the name back; without one, a new one. */
  write(content: string | Uint8Array, name?: string): string;
  read(name: string): Buffer;
  /** A name that no file has yet. */
  fresh(): string;
}

export async function createWorkbench(): Promise<Workbench> {
  const folder = await temporaryFolder();
  afterAll(() => folder.remove());
  const at = (name: string): string => join(folder.path, name);
  const fresh = (): string => `${randomUUID()}.tmp`;
  return {
    folder: folder.path,
    fresh,
    read: (name) => readFileSync(at(name)),
    write: (content, name = fresh()) => {
      writeFileSync(at(name), content, { mode: 0o600 });
      return name;
    },
    openssl: async (...args) => {
      const options = { cwd: folder.path, encoding: 'buffer', maxBuffer: MAX_OUTPUT } as const;
      try {
        return (await run('openssl', args, options)).stdout;
      } catch (cause) {
        const said = String((cause as { stderr?: Buffer }).stderr ?? cause);
        throw new Error(`openssl ${args.join(' ')}: ${said}`, { cause });
      }
    },
  };
}
