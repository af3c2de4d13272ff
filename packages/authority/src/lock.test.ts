import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { expect, test } from 'vitest';
import { withLock } from './lock.ts';
import { newOwner } from './lock-owner.ts';

const CHILD = join(import.meta.dirname, 'testing/lock-child.ts');

async function run(...args: string[]): Promise<NodeJS.Signals | number | null> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal;
}

test('processes that all find the lock of a killed one count together without losing any', async () => {
  await using folder = await temporaryFolder();
  const [path, counter] = [join(folder.path, '.lock'), join(folder.path, 'counter')];
  await writeFile(counter, '0');
  expect(await run(path, counter, 'die')).toBe('SIGKILL');
  expect(await readdir(folder.path)).toContain('.lock');
  const inside = async (): Promise<void> => {
    for (let i = 0; i < 25; i++)
      await withLock(path, async () =>
        writeFile(counter, String(Number(await readFile(counter, 'utf8')) + 1)),
      );
  };
  const all = await Promise.all([
    ...Array.from({ length: 4 }, () => run(path, counter, '25')),
    ...Array.from({ length: 4 }, inside),
  ]);
  expect(all.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(await readFile(counter, 'utf8')).toBe('200');
  expect(await readdir(folder.path)).toEqual(['counter']);
}, 30_000);

interface Left {
  readonly what: string;
  readonly lock: () => string;
  readonly ageMs?: number;
  readonly isTaken: boolean;
}

const deadPid = (): number => spawnSync('true').pid;
const ofElsewhere = () => ({ ...newOwner(), host: 'elsewhere' });

test.each<Left>([
  { what: 'a living process', lock: () => JSON.stringify(newOwner()), ageMs: 3_600_000, isTaken: false },
  { what: 'a dead one', lock: () => JSON.stringify({ ...newOwner(), pid: deadPid() }), isTaken: true },
  {
    what: 'one whose pid another has now',
    lock: () => JSON.stringify({ ...newOwner(), started: '1' }),
    isTaken: true,
  },
  {
    what: 'one before the system was started',
    lock: () => JSON.stringify({ ...newOwner(), boot: 'x' }),
    isTaken: true,
  },
  { what: 'another machine, just now', lock: () => JSON.stringify(ofElsewhere()), isTaken: false },
  {
    what: 'another machine, long ago',
    lock: () => JSON.stringify(ofElsewhere()),
    ageMs: 61_000,
    isTaken: true,
  },
  { what: 'nobody knows whom, just now', lock: () => '', isTaken: false },
  { what: 'nobody knows whom, long ago', lock: () => '', ageMs: 61_000, isTaken: true },
])('a lock of $what is taken over: $isTaken', async ({ lock, ageMs = 0, isTaken }) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, '.lock');
  await writeFile(path, lock());
  const at = new Date(Date.now() - ageMs);
  await utimes(path, at, at);
  const taken = withLock(path, async () => 'done', { waitMs: 20 });
  if (isTaken) expect(await taken).toBe('done');
  else await expect(taken).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
