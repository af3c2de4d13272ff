import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Context } from './context.ts';
import { withSpinner } from './spinner.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const contextOf = (stderr: PassThrough, showsProgress: boolean) =>
  ({ io: { stderr, showsProgress } }) as unknown as Pick<Context, 'io'>;

test.each([
  [true, 3_500, /^\r\S*making a key \| 1 s.*making a key . 3 s\r\S*K$/s],
  [true, 900, /^$/],
  [false, 3_500, /^$/],
])('people watch: %s; work takes %i ms', async (showsProgress, ms, shown) => {
  const stderr = new PassThrough();
  const done = withSpinner(contextOf(stderr, showsProgress), 'making a key', async () => {
    await vi.advanceTimersByTimeAsync(ms);
    return 'made';
  });
  expect(await done).toBe('made');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(String(stderr.read() ?? '')).toMatch(shown);
});

test('what fails leaves no line behind', async () => {
  const stderr = new PassThrough();
  const failing = withSpinner(contextOf(stderr, true), 'making a key', async () => {
    await vi.advanceTimersByTimeAsync(2_000);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(String(stderr.read())).toMatch(/\r\S*K$/);
});
