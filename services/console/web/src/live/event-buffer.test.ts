import { expect, test } from 'vitest';
import type { LiveEvent } from '../../../src/api/live.ts';
import { addEvents, clear, EMPTY, MOST_EVENTS, pause, resume } from './event-buffer.ts';

const event = (n: number): LiveEvent => ({
  id: `e${n}`,
  kind: 'recording.encrypted',
  at: new Date(n).toISOString(),
  source: 'media-encryptor',
  traceId: null,
  payload: {},
});
const many = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => event(from + i));
const ids = (events: readonly LiveEvent[]) => events.map(({ id }) => id);

test('the newest are first, each once, and no more than are kept', () => {
  let buffer = addEvents(EMPTY, many(0, 300));
  buffer = addEvents(buffer, many(290, 700));
  expect(buffer.shown).toHaveLength(MOST_EVENTS);
  expect(ids(buffer.shown).slice(0, 2)).toEqual(['e699', 'e698']);
  expect(ids(buffer.shown).at(-1)).toBe('e200');
  expect(new Set(ids(buffer.shown)).size).toBe(MOST_EVENTS);
  expect(addEvents(buffer, many(690, 700))).toBe(buffer);
});

test('while it is paused nothing moves, and nothing of the newest is lost', () => {
  const paused = addEvents(pause(addEvents(EMPTY, many(0, 3))), many(3, 5));
  expect(ids(paused.shown)).toEqual(['e2', 'e1', 'e0']);
  expect(ids(paused.held)).toEqual(['e4', 'e3']);
  const resumed = resume(paused);
  expect(ids(resumed.shown)).toEqual(['e4', 'e3', 'e2', 'e1', 'e0']);
  expect(resumed.held).toEqual([]);
  expect(clear(paused)).toEqual({ ...EMPTY, isPaused: true });
});
