import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { withLock } from '../bootstrap/install-lock.mjs';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const BOOTSTRAP = join(import.meta.dirname, '../bootstrap.mjs');
const script = (name: string): string => join(import.meta.dirname, 'testdata', name);
const bootstrap = (...args: string[]) =>
  spawn(process.execPath, [BOOTSTRAP, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

describe('bootstrap', () => {
  test.for([
    { how: '0', code: 0 },
    { how: '7', code: 7 },
    { how: 'SIGTERM', code: 143 },
  ])('passes arguments on and ends with $code after $how', async ({ how, code }) => {
    const run = bootstrap(script('exit.ts'), how, 'a b', '--flag');
    const output = text(run.stdout);
    expect(await once(run, 'exit')).toEqual([code, null]);
    expect(await output).toBe('["a b","--flag"]\n');
  });

  test('runs a tool of the workspace', async () => {
    const run = bootstrap('--bin', 'biome', '--version');
    expect(await text(run.stdout)).toMatch(/^Version: \d/);
  });

  test.for(['SIGTERM', 'SIGINT'] as const)('passes %s on and waits for the end', async (signal) => {
    const file = join(folder.path, signal);
    const run = bootstrap(script('patient.ts'), file);
    const [line] = await once(createInterface({ input: run.stdout }), 'line');
    const said = JSON.parse(line) as { node: string; path: string };
    expect(Number.parseInt(said.node.slice(1), 10)).toBeGreaterThanOrEqual(24);
    expect(said.path).toMatch(/^[^:]+\/node_modules\/\.bin:/);
    run.kill(signal);
    expect(await once(run, 'exit')).toEqual([3, null]);
    expect(readFileSync(file, 'utf8')).toBe('stopped in good order');
  });

  test('killed with SIGKILL, it still lets the script stop in good order', async () => {
    const file = join(folder.path, 'killed');
    const run = bootstrap(script('patient.ts'), file);
    await once(createInterface({ input: run.stdout }), 'line');
    run.kill('SIGKILL');
    await vi.waitUntil(() => existsSync(file), { timeout: 10_000 });
  });
});

describe('install lock', () => {
  const noWait = (): void => {};

  test('one at a time', async () => {
    const lock = join(folder.path, 'locks/busy.lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(lock, noWait, work)));
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  test('the lock of a process that died is taken over by one of many', async () => {
    const lock = join(folder.path, 'dead.lock');
    const dead = spawn('true');
    await once(dead, 'exit');
    writeFileSync(lock, `${dead.pid} ${hostname()}`);
    expect(await withLock(lock, noWait, () => Promise.resolve('done'))).toBe('done');
  });

  test('whoever waits is told for whom', async () => {
    const lock = join(folder.path, 'held.lock');
    writeFileSync(lock, `${process.pid} ${hostname()}`);
    const holder = await new Promise((resolve) => {
      const release = (pid: string): void => {
        // Released by its holder: the one who waits goes on.
        void import('node:fs').then(({ rmSync }) => rmSync(lock));
        resolve(pid);
      };
      void withLock(lock, release, () => Promise.resolve());
    });
    expect(holder).toBe(String(process.pid));
  });
});
