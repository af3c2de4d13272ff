import { expect, test } from 'vitest';
import { createLru } from './lru.ts';

test('keeps those that were asked for last', () => {
  const made: string[] = [];
  const lru = createLru<string>(2);
  const ask = (key: string) => lru.get(key, () => made[made.push(key) - 1] ?? '');
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(ask(key)).toBe(key);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

test('does not keep that something could not be made', () => {
  const lru = createLru<number>(2);
  const failing = () => {
    throw new Error('not now');
  };
  expect(() => lru.get('a', failing)).toThrow('not now');
  expect(lru.get('a', () => 1)).toBe(1);
  expect(lru.get('a', failing)).toBe(1);
});
