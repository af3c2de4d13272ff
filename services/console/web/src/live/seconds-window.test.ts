import { expect, test } from 'vitest';
import type { LiveSecond } from '../../../src/api/live.ts';
import {
  addSecond,
  inTens,
  NO_SECONDS,
  seriesByKind,
  seriesOf,
  summarise,
  timesOf,
  WINDOW,
} from './seconds-window.ts';

const START = 1_770_000_000;
const second = (n: number, events: Record<string, number> = { 'recording.encrypted': n }): LiveSecond => ({
  at: new Date((START + n) * 1000 + 345).toISOString(),
  events,
  encrypted: n,
  bytes: 1000 * n,
  latencyP50Ms: n % 2 === 0 ? n : null,
  latencyP99Ms: null,
  notShown: 0,
});
const windowOf = (...seconds: LiveSecond[]) => seconds.reduce(addSecond, NO_SECONDS);
const encrypted = (window: typeof NO_SECONDS) => seriesOf(window, 'x', (each) => each.encrypted).values;

test('seconds stand where their time is: late, again, and after a gap', () => {
  const window = windowOf(second(0), second(2), second(1), second(2), second(5));
  expect(encrypted(window).slice(-6)).toEqual([0, 1, 2, null, null, 5]);
  expect(encrypted(window)).toHaveLength(WINDOW);
  expect(timesOf(window).at(-1)).toBe(START + 5);
  expect(timesOf(window)[0]).toBe(START + 5 - WINDOW + 1);
});

test('the window moves on, and what is too old for it is not let in', () => {
  const window = windowOf(...Array.from({ length: 130 }, (_, n) => second(n)));
  expect(encrypted(window)[0]).toBe(10);
  expect(addSecond(window, second(3))).toBe(window);
  const later = addSecond(window, second(1000));
  expect(encrypted(later).filter((value) => value !== null)).toEqual([1000]);
});

test('the most frequent kinds have a series of their own, and the rest one', () => {
  const counts = { a: 1, b: 9, c: 8, d: 7, e: 6, f: 2 };
  const series = seriesByKind(windowOf(second(0, counts), second(1, { b: 1 })));
  expect(series.map(({ label }) => label)).toEqual(['b', 'c', 'd', 'e', 'others']);
  expect(series.map(({ values }) => values.slice(-2))).toEqual([
    [9, 1],
    [8, 0],
    [7, 0],
    [6, 0],
    [3, 0],
  ]);
});

test('a series is summed up, and nothing is made of nothing', () => {
  const window = windowOf(second(2), second(3), second(4));
  const latency = seriesOf(window, 'p50', (each) => each.latencyP50Ms);
  expect(summarise(latency)).toEqual({ latest: 4, total: 6 });
  expect(inTens(latency, 'sum').slice(0, 2)).toEqual([6, null]);
  expect(inTens(latency, 'most')[0]).toBe(4);
  expect(summarise(seriesOf(window, 'p99', (each) => each.latencyP99Ms))).toBeNull();
});
