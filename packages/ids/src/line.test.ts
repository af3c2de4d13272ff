import { expect, test } from 'vitest';
import { parseLine } from './line.ts';

const parse = (text: string, min: 0 | 1 = 1) => parseLine('name', text, { min, max: 10 });

test('a line is taken as it is', () => {
  for (const text of ['Sales', 'Büro 1', '東京', '🎧 calls']) expect(parse(text)).toBe(text);
  expect(parse('', 0)).toBe('');
});

test.each([
  ['is missing', ''],
  ['is too long', 'x'.repeat(11)],
  ['cannot be shown', 'a\u001b[2J'],
  ['cannot be shown', 'a\nb'],
  ['cannot be shown', 'a\u0000'],
  ['cannot be shown', 'a\u202eb'],
  ['cannot be shown', 'a\ud800'],
])('one that %s is refused by its field', (problem, text) => {
  expect(() => parse(text)).toThrow(problem);
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field: 'name' } }),
  );
});
