import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { expect, test } from 'vitest';
import { REPLACED, sourceOf } from './fs-crash-child.ts';
import { openFsStore } from './fs-store.ts';

const KILLS = 12;
const CHILD = join(import.meta.dirname, 'fs-crash-child.ts');

test('a process killed while it creates leaves whole objects, and every one it reported', async () => {
  await using folder = await temporaryFolder();
  const root = folder.path;
  const reported: string[] = [];
  for (let run = 0; run < KILLS; run++) reported.push(...(await runAndKill(root, run)));
  const store = await openFsStore(root);
  const listed = await Array.fromAsync(store.list(''));

  expect(reported.length).toBeGreaterThan(0);
  expect(listed).toEqual(expect.arrayContaining(reported));
  for (const key of listed) {
    const expected = Buffer.concat(await Array.fromAsync(sourceOf(key)));
    const got = Buffer.concat(await Array.fromAsync(store.read(key)));
    expect(got.equals(expected), key).toBe(true);
  }
  await store.tidy(-1000);
  const left = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(left).toHaveLength(listed.length);
}, 60_000);

test('a process killed while it replaces leaves the last that it reported or the next, whole', async () => {
  await using folder = await temporaryFolder();
  const root = folder.path;
  const store = await openFsStore(root);
  await store.create(REPLACED, sourceOf('f0/0-0-10'));
  for (let run = 0; run < KILLS; run++) {
    const reported = await runAndKill(root, run, 'replace');
    const got = Buffer.concat(await Array.fromAsync(store.read(REPLACED)));
    // The number is in the size.
    const number = (got.length % 200_000) - 1;
    expect([reported.length - 1, reported.length]).toContain(number);
    const holds = `f0/${run}-${number % 256}-${got.length}`;
    expect(got.equals(Buffer.concat(await Array.fromAsync(sourceOf(holds))))).toBe(true);
  }
  await store.tidy(-1000);
  expect(await readdir(join(root, 'f0'))).toEqual(['replaced']);
}, 60_000);

/** @returns the lines that it had printed: each is of something that had resolved. */
async function runAndKill(root: string, run: number, work = 'create'): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, root, String(run), work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const keys: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (key) => {
    keys.push(key);
    // From its first object on, at another moment in every run.
    if (keys.length === 1) setTimeout(() => child.kill('SIGKILL'), run * 3);
  });
  await Promise.all([exited, once(lines, 'close')]);
  return keys;
}
