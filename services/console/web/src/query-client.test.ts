import { environmentManager, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemError } from './problem-error.ts';
import { createConsoleQueryClient } from './query-client.ts';

beforeEach(() => {
  vi.useFakeTimers();
  environmentManager.setIsServer(() => false);
});
afterEach(() => {
  vi.useRealTimers();
});

const problem = (status: number) =>
  new ProblemError({ ...{ type: '', title: '', fix: '', traceId: '' }, code: 'INTERNAL', status });

test.each([
  ['is asked again until it is there', 503, 'success'],
  ['is left as it is where asking again is of no use', 404, 'error'],
])('what failed %s', async (_, status, after) => {
  let isUp = false;
  const queryFn = () => (isUp ? Promise.resolve('there') : Promise.reject(problem(status)));
  const observer = new QueryObserver(createConsoleQueryClient(), { queryKey: ['it'], queryFn });
  const leave = observer.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(30_000);
  expect(observer.getCurrentResult().status).toBe('error');
  isUp = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(observer.getCurrentResult().status).toBe(after);
  leave();
});
