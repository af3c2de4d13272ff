import { describe, expect, test } from 'vitest';
import {
  parseApprover,
  parseAttribute,
  parseCount,
  parseRange,
  parseTime,
  parseUntil,
} from './parse-options.ts';

describe('parseRange', () => {
  test.each([
    ['0-0', { offset: 0n, length: 1n }],
    ['44-1043', { offset: 44n, length: 1000n }],
    ['9-', { offset: 9n, length: 0n }],
    ['4294967296-4294967299', { offset: 4294967296n, length: 4n }],
  ])('%s', (text, range) => expect(parseRange(text)).toEqual(range));

  test.each(['', '-', '-5', '5', '9-3', 'a-b', '1-2-3', '1.5-2', '0x1-2', `${'9'.repeat(19)}-`])(
    'refuses %s',
    (text) => expect(() => parseRange(text)).toThrow('OFFSET-END'),
  );
});

describe('parseAttribute', () => {
  test('collects, and splits at the first sign', () => {
    expect(parseAttribute('b=2=3', { a: '1' })).toEqual({ a: '1', b: '2=3' });
    expect(parseAttribute('empty=')).toEqual({ empty: '' });
  });
  test.each(['novalue', '=x', ''])('refuses %s', (text) =>
    expect(() => parseAttribute(text)).toThrow('name=value'),
  );
});

describe('parseTime', () => {
  test('takes a time with its offset', () => {
    expect(parseTime('2026-03-01T14:05:00+02:00').toISOString()).toBe('2026-03-01T12:05:00.000Z');
  });
  test.each(['2026-03-01', '2026-03-01T14:05:00', 'yesterday', '2026-13-01T00:00:00Z'])(
    'refuses %s',
    (text) => expect(() => parseTime(text)).toThrow('offset'),
  );
});

describe('parseCount', () => {
  test('takes whole numbers from 1', () => expect(parseCount('12')).toBe(12));
  test.each(['0', '-1', '1.5', '1e3', '', 'x'])('refuses %s', (text) =>
    expect(() => parseCount(text)).toThrow(),
  );
});

describe('parseUntil', () => {
  const now = new Date('2026-03-01T14:05:00Z');
  test.each([
    ['30d', '2026-03-31T14:05:00.000Z'],
    ['30', '2026-03-31T14:05:00.000Z'],
    ['2w', '2026-03-15T14:05:00.000Z'],
    ['12h', '2026-03-02T02:05:00.000Z'],
    ['2026-04-01', '2026-04-01T00:00:00.000Z'],
    ['2026-04-01T02:00:00+02:00', '2026-04-01T00:00:00.000Z'],
    ['2025-01-01', '2025-01-01T00:00:00.000Z'],
  ])('takes %s', (text, time) => expect(parseUntil(text, now).toISOString()).toBe(time));
  test.each(['0d', '-1', 'd', '1.5d', '', '123456d', '30m', '2026-13-01', '2026-03', '2026-04-01T02:00:00'])(
    'refuses %s',
    (text) => expect(() => parseUntil(text, now)).toThrow('30d'),
  );
});

describe('parseApprover', () => {
  test.each(['anna', 'a.b_c@example.com', '7'])('takes %s', (text) => expect(parseApprover(text)).toBe(text));
  test.each(['', 'Anna', '-anna', 'an na', 'a'.repeat(65)])('refuses %s', (text) =>
    expect(() => parseApprover(text)).toThrow('such as anna'),
  );
});
