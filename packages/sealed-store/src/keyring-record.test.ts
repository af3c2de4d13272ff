import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkMac,
  encodeRecord,
  type KeyringRecord,
  MAX_KEKS,
  parseRecord,
  signRecord,
  type UnsignedRecord,
} from './keyring-record.ts';

const key = createSecretKey(randomBytes(32));
const times = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
  .map((date) => date.toISOString());
const keyIds = fc.stringMatching(/^[0-9a-f]{16}$/);
const jwes = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}(\.[A-Za-z0-9_-]{1,20}){4}$/);
const wrapped = fc.oneof(
  fc.record({ provider: fc.constant('key' as const), keyId: keyIds, blob: jwes }),
  fc.record({
    provider: fc.constant('shamir' as const),
    keyId: keyIds,
    blob: jwes,
    shares: fc.constantFrom({ total: 2, threshold: 2 }, { total: 16, threshold: 3 }),
  }),
);
const records = fc
  .record({
    revision: fc.integer({ min: 1, max: 1e9 }),
    root: fc.record(
      { id: keyIds, createdAt: times, wrapped, pending: wrapped, unproven: fc.constant(true as const) },
      { requiredKeys: ['id', 'createdAt', 'wrapped'] },
    ),
    keks: fc.array(fc.record({ createdAt: times, jwe: jwes }), { minLength: 1, maxLength: 5 }),
    rotation: fc.option(fc.record({ startedAt: times }), { nil: undefined }),
  })
  .map(({ rotation, keks, ...rest }) =>
    signRecord(
      {
        version: 1,
        ...rest,
        keks: keks.map((kek, index) => ({ number: index + 1, ...kek })),
        current: keks.length,
        ...(rotation === undefined ? {} : { rotation }),
      } satisfies UnsignedRecord,
      key,
    ),
  );
const [example] = fc.sample(records, { numRuns: 1, seed: 1 });
if (example === undefined) throw new Error('There is an example');
const broken = expect.objectContaining({ code: 'SEAL_BROKEN', fix: expect.stringMatching(/\w/) });

describe('a record', () => {
  test('is read as it was written, and its MAC fits', () => {
    fc.assert(
      fc.property(records, (record) => {
        const read = parseRecord(encodeRecord(record));
        expect(read).toEqual(record);
        checkMac(read, key);
      }),
    );
  });

  test('has one spelling, in which the revision comes early and the MAC last', () => {
    const shuffled = Object.fromEntries(Object.entries(example).reverse()) as unknown as KeyringRecord;
    expect(encodeRecord(shuffled)).toBe(encodeRecord(example));
    expect(encodeRecord(example)).toMatch(/^\{"version":1,"revision":\d+,.*"mac":"[A-Za-z0-9_-]{43}"\}$/);
    expect(() => parseRecord(JSON.stringify(shuffled))).toThrow(broken);
  });

  test('with any one character changed is refused, by its form or by its MAC', () => {
    const text = encodeRecord(example);
    for (let at = 0; at < text.length; at++)
      for (const other of ['0', 'A', '"'])
        if (text[at] !== other)
          expect(() => checkMac(parseRecord(text.slice(0, at) + other + text.slice(at + 1)), key)).toThrow(
            broken,
          );
  });

  const changed = (changes: object) => JSON.stringify({ ...JSON.parse(encodeRecord(example)), ...changes });
  const kek = example.keks[0];
  test.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"version":1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"version"'],
    ['no version', changed({ version: undefined })],
    ['a field too many', changed({ extra: 1 })],
    ['a revision that is none', changed({ revision: 1.5 })],
    ['revision 0', changed({ revision: 0 })],
    ['no keys', changed({ keks: [], current: 0 })],
    ['a number missing', changed({ keks: [{ ...kek, number: 2 }], current: 2 })],
    ['a number twice', changed({ keks: [kek, kek], current: 2 })],
    ['a current key that is not the last', changed({ current: 9 })],
    ['too many keys', changed({ keks: Array.from({ length: MAX_KEKS + 1 }, () => kek) })],
    ['a root that is none', changed({ root: 'x' })],
    ['another provider', changed({ root: { ...example.root, wrapped: { provider: 'kms' } } })],
    ['a time that is none', changed({ rotation: { startedAt: 'yesterday' } })],
    ['a prototype', encodeRecord(example).replace('{"version"', '{"__proto__":{},"version"')],
    ['10 MB', `"${'x'.repeat(10_000_000)}"`],
  ])('that is %s is refused', (_, text) => {
    expect(() => parseRecord(text)).toThrow(broken);
  });

  test('of a later version asks for an upgrade', () => {
    expect(() => parseRecord(changed({ version: 2 }))).toThrow(
      expect.objectContaining({ code: 'SEAL_BROKEN', fix: expect.stringContaining('Upgrade') }),
    );
  });
});
