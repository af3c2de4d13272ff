import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** So long that only a hang takes it; what bounds the work is counted, not timed. */
export const TIME_BOX = 15 * 60_000;

/** A script beside this file in a process of its own, with that much heap in MB: its lines of JSON. Rejects when it fails, dies or hangs. */
export async function runChild<Line>(
  script: string,
  heap: number,
  ...args: readonly string[]
): Promise<Line[]> {
  const options = { timeout: TIME_BOX, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
  const flags = ['--expose-gc', `--max-old-space-size=${heap}`, join(import.meta.dirname, script)];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...args], options);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
