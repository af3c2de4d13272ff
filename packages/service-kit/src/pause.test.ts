import { expect, test } from 'vitest';
import { pause } from './pause.ts';

const AN_HOUR = 60 * 60 * 1000;

test('a pause ends by itself, and at once when it is no longer wanted', async () => {
  await pause(1, new AbortController().signal);
  const stop = new AbortController();
  const waiting = pause(AN_HOUR, stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
  expect(await pause(AN_HOUR, stop.signal)).toBeUndefined();
});
