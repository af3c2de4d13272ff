import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasMoreValues } from './json-values.ts';

function countOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce((sum: number, each) => sum + countOf(each), 1);
}

test('counts values, and nothing that is in strings', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const count = countOf(JSON.parse(json));
      // An empty object or array looks as if it had one value.
      const most = count + (json.match(/\{\}|\[\]/g)?.length ?? 0);
      const bytes = Buffer.from(json);
      expect(hasMoreValues(bytes, most)).toBe(false);
      expect(hasMoreValues(bytes, count - 1)).toBe(true);
    }),
  );
});

test('long strings end where they end, whatever is escaped in them', () => {
  const pieces = fc.array(fc.constantFrom('"', '\\', 'x'.repeat(40), ',', '[', 'é'), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, pieces, (one, two) => {
      const bytes = Buffer.from(JSON.stringify([one.join(''), two.join('')]));
      expect([hasMoreValues(bytes, 3), hasMoreValues(bytes, 2)]).toEqual([false, true]);
    }),
    { numRuns: 1_000 },
  );
});

test('is not confused by what ends early', () => {
  for (const text of ['', '"', '"\\', '"\\"', '"a\\\\'])
    expect(hasMoreValues(Buffer.from(text), 1)).toBe(false);
});
