import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type Again, repeatOnChange } from './repeat-on-change.ts';

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() } as never;

function start(work: () => Promise<Again>, everyMs: number, pauseMs: number, soonMs = everyMs) {
  const ended = new AbortController();
  let changed = () => {};
  const onChange = (listener: () => void) => {
    changed = listener;
  };
  const done = repeatOnChange(work, {
    everyMs,
    soonMs,
    pauseMs,
    onChange,
    signal: ended.signal,
    log,
  });
  return { change: () => changed(), end: () => ended.abort(), done };
}

test('the work is done at once, and again by itself', async () => {
  let times = 0;
  const work = async () => {
    times++;
    return 'later' as const;
  };
  const { end, done } = start(work, 20, 1);
  expect(times).toBe(1);
  await expect.poll(() => times).toBeGreaterThan(2);
  end();
  await done;
});

test('changes, however many and whenever they come, have it done once more for all of them, and never twice at once', async () => {
  let [times, atOnce, most] = [0, 0, 0];
  const work = async () => {
    times++;
    most = Math.max(most, ++atOnce);
    await delay(30);
    atOnce--;
    return 'later' as const;
  };
  const { change, end, done } = start(work, 60_000, 10);
  // While it is being done, and in the pause after it.
  for (let n = 0; n < 7; n++) {
    change();
    await delay(5);
  }
  await expect.poll(() => times).toBe(2);
  await delay(100);
  expect([times, most]).toEqual([2, 1]);
  change();
  await expect.poll(() => times).toBe(3);
  end();
  await done;
});

test('what could not be ended is done again soon', async () => {
  let times = 0;
  const { end, done } = start(async () => (++times === 1 ? 'soon' : 'later'), 60_000, 1, 20);
  await expect.poll(() => times).toBe(2);
  end();
  await done;
});

test('a failure is no end', async () => {
  let times = 0;
  const work = async () => {
    if (++times === 1) throw new Error('broken');
    return 'later' as const;
  };
  const { change, end, done } = start(work, 60_000, 1);
  change();
  await expect.poll(() => times).toBe(2);
  end();
  await done;
});
