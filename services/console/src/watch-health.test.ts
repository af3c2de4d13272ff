import { expect, test } from 'vitest';
import { type Watched, watchHealth } from './watch-health.ts';

test('it is said what is down, since when, and why as of now', async () => {
  const answers: (string | undefined)[] = [undefined, 'refused', 'refused', 'does not serve', undefined];
  const stop = new AbortController();
  let at = 0;
  const turns: (() => void)[] = [];
  const crypto: Watched = {
    ...{ service: 'crypto-server', address: '10.0.0.1:7013' },
    whyDown: async () => answers[at],
  };
  const never: Watched = { ...crypto, service: 'Redis', whyDown: () => new Promise(() => {}) };
  const watch = watchHealth([crypto, never], {
    now: () => new Date(at),
    pause: () => new Promise((resolve) => void turns.push(resolve)),
    signal: stop.signal,
  });
  const next = async () => {
    at += 1;
    turns.shift()?.();
    await expect.poll(() => turns.length).toBe(1);
  };
  await expect.poll(() => turns.length).toBe(1);
  const seen = () => watch.all().map(({ isUp, since, message }) => [isUp, Date.parse(since), message]);
  expect(seen()).toEqual([[true, 0, null]]);
  expect(watch.down()).toEqual([]);
  await next();
  expect(seen()).toEqual([[false, 1, 'refused']]);
  await next();
  await next();
  expect(seen()).toEqual([[false, 1, 'does not serve']]);
  expect(watch.down()).toEqual([{ service: 'crypto-server', since: new Date(1) }]);
  await next();
  expect(seen()).toEqual([[true, 4, null]]);
  stop.abort();
});
