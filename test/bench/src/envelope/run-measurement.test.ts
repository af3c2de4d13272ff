import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test, vi } from 'vitest';
import { type Limits, runMeasurement } from './run-measurement.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const PLENTY: Limits = { seconds: 60, memory: 8e9 };
const keys = { folder: folder.path, certificate: '', privateKey: '' };
const input = join(folder.path, 'input');

function run(setting: string, limits = PLENTY, keepIn?: string, signal = new AbortController().signal) {
  const module = new URL('./testdata/engines-for-tests.ts', import.meta.url).href;
  const job = { operation: 'seal', suite: 'pkcs7', input, keys, maxMemory: limits.memory, setting } as const;
  return runMeasurement(
    { module, job, needsHeap: true, ...(keepIn === undefined ? {} : { keepIn }) },
    limits,
    signal,
  );
}

test('a short job is done many times over', async () => {
  const sample = await run('works');
  expect(sample).toMatchObject({ seconds: expect.any(Number), cpuSeconds: expect.any(Number) });
  expect(sample).toHaveProperty(
    'runs',
    expect.toSatisfy((runs: number) => runs > 10),
  );
});

test.runIf(process.platform === 'linux')('memory is that of the process that does the job', async () => {
  const sample = await run('works');
  expect(sample).toHaveProperty(
    'peakMemory',
    expect.toSatisfy((bytes: number) => bytes > 20e6 && bytes < 1e9),
  );
});

test('a result that is wanted is kept whole', async () => {
  const path = join(folder.path, 'kept');
  expect(await run('works', PLENTY, path)).toMatchObject({ runs: 1 });
  expect(readFileSync(path, 'utf8')).toBe('done');
});

test.for([
  ['refuses', PLENTY, 'The message is too long'],
  ['hangs', { ...PLENTY, seconds: 0.2 }, 'more than 0.2 s'],
  ['blocks the thread', { ...PLENTY, seconds: 0.2 }, 'more than 0.2 s'],
  ['takes all memory', { ...PLENTY, memory: 400e6 }, 'more than 0.4 GB'],
  [
    'fills the heap',
    { ...PLENTY, memory: 200e6 },
    expect.stringMatching(/^(out of memory|more than 0.2 GB)$/),
  ],
  ['dies', PLENTY, 'ended with SIGTERM'],
  ['is not there', PLENTY, 'There is no such engine'],
] as const)('an engine that %s is unable, and says why', async ([setting, limits, unable]) => {
  expect(await run(setting, limits)).toEqual({ unable });
});

test('what an engine started ends with it', async () => {
  await run('hangs in a process of its own', { ...PLENTY, seconds: 2 });
  const pid = Number(readFileSync(input, 'utf8'));
  await vi.waitUntil(() => !isRunning(pid), { timeout: 10_000 });
});

test('a run that is stopped ends with its reason', async () => {
  const stop = new AbortController();
  const running = run('hangs', PLENTY, undefined, stop.signal);
  setTimeout(() => stop.abort(new Error('Ctrl-C')), 300);
  await expect(running).rejects.toThrow('Ctrl-C');
});

/** One that has ended, but was not yet waited for by whoever inherited it, does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
