import { expect, test } from 'vitest';
import { expiryOf, formatDatabase, parseDatabase, revocationOf } from './ca-database.ts';

const LINES = [
  'V\t491231235959Z\t\t01\tunknown\t/C=DE/CN=a',
  'V\t20500101000000Z\t\t0A0B\tunknown\t/CN=b\\/c',
  'R\t270101000000Z\t261231120000Z,keyCompromise\t02\tunknown\t/CN=d',
  'R\t270101000000Z\t20511231120000Z\t03\tunknown\t/CN=e',
  'R\t270101000000Z\t261231120000Z,keyTime,20261230000000Z\t04\tunknown\t/CN=f',
  'E\t990101000000Z\t\t05\tunknown\t/CN=\\xC3\\xBC',
];
const text = `${LINES.join('\n')}\n`;

test('what OpenSSL writes is read, and written again as it was', () => {
  const entries = parseDatabase(text, 'ca.db');
  expect(formatDatabase(entries)).toBe(text);
  expect(entries.map((entry) => expiryOf(entry).getUTCFullYear())).toEqual([
    2049, 2050, 2027, 2027, 2027, 1999,
  ]);
  expect(entries.map((entry) => revocationOf(entry)?.reason)).toEqual([
    ...[undefined, undefined, 'keyCompromise', undefined, 'keyTime', undefined],
  ]);
  expect(revocationOf(entries[3] ?? expect.fail())?.at).toEqual(new Date('2051-12-31T12:00:00Z'));
});

test.each([
  ['X\t270101000000Z\t\t01\tunknown\t/CN=a', 'form'],
  ['V\t270101000000\t\t01\tunknown\t/CN=a', 'form'],
  ['V\t270101000000Z\t270101000000Z\t01\tunknown\t/CN=a', 'form'],
  ['R\t270101000000Z\t\t01\tunknown\t/CN=a', 'form'],
  ['V\t270101000000Z\t\t1\tunknown\t/CN=a', 'form'],
  ['V\t270101000000Z\t\t01\tunknown', 'form'],
  ['V\t270101000000Z\t\t01\tunknown\t/CN=a\tmore', 'form'],
  ['V\t270101000000Z\t\t0a0b\tunknown\t/CN=a', 'there already'],
  ['V\t2701', 'form'],
])('%j is not', (line, problem) => {
  expect(() => parseDatabase(`${text}${line}\n`, 'ca.db')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(`Line 7 of ca.db.*${problem}`),
    }),
  );
});
