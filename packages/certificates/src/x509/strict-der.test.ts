import { describe, expect, test } from 'vitest';
import { DerError, element, readElement, sequence, TAG } from '../der.ts';
import {
  booleanOf,
  bytesOfBits,
  fieldsOf,
  integerOf,
  listOf,
  namedBitsOf,
  oidOf,
  readStrict,
  readStrictOnly,
  smallIntegerOf,
  timeOf,
} from './strict-der.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const at = (text: string) => readElement(hex(text));

test.each([
  ['an indefinite length', '30 80 00 00'],
  ['an indefinite length of much', `30 80 04 82 01 2c ${'00'.repeat(300)} 00 00`],
  ['a length of two bytes where one does', '04 81 01 ff'],
  ['a length with a leading zero', `04 82 00 80 ${'00'.repeat(128)}`],
  ['a length past the end', '04 02 00'],
  ['nothing', ''],
])('%s is no DER', (_, bytes) => {
  expect(() => readStrict(hex(bytes))).toThrow(DerError);
});

test('lengths of every size, in their shortest form', () => {
  for (const size of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    expect(readStrict(element(TAG.octetString, Buffer.alloc(size))).content.length).toBe(size);
  }
  expect(() => readStrictOnly(hex('04 00 00'), TAG.octetString)).toThrow('after its end');
});

test('lists have an end, and a beginning', () => {
  expect(listOf(readStrict(sequence(hex('05 00'), hex('05 00'))))).toHaveLength(2);
  expect(() => listOf(readStrict(sequence()))).toThrow('empty');
  expect(listOf(readStrict(sequence()), 0)).toEqual([]);
  const long = sequence(Buffer.concat(Array.from({ length: 1001 }, () => hex('05 00'))));
  expect(() => listOf(readStrict(long))).toThrow('more than 1000');
});

test('fields come in their order, and nothing is left', () => {
  const fields = fieldsOf(readStrict(sequence(hex('05 00'), hex('04 00'))));
  expect(fields.optional(TAG.integer)).toBeUndefined();
  expect(fields.optional(TAG.null)).toBeDefined();
  expect(() => fields.end()).toThrow('too many');
  expect(() => fields.next(TAG.integer)).toThrow('0x2');
});

describe('values have one form', () => {
  test.each<[string, () => unknown]>([
    ['a BOOLEAN of 1', () => booleanOf(at('01 01 01'))],
    ['an empty INTEGER', () => integerOf(at('02 00'))],
    ['a padded INTEGER', () => integerOf(at('02 02 00 7f'))],
    ['a padded negative INTEGER', () => integerOf(at('02 02 ff 80'))],
    ['a negative number of CAs', () => smallIntegerOf(at('02 01 ff'))],
    ['a huge number of CAs', () => smallIntegerOf(at('02 05 01 00 00 00 00'))],
    ['bits behind the last', () => namedBitsOf(at('03 02 07 c0'))],
    ['eight unused bits', () => namedBitsOf(at('03 02 08 80'))],
    ['unused bits of nothing', () => namedBitsOf(at('03 01 01'))],
    ['bits for bytes', () => bytesOfBits(at('03 02 01 80'))],
    ['a padded OBJECT IDENTIFIER', () => oidOf(at('06 03 55 80 03'))],
    ['an OBJECT IDENTIFIER that is cut short', () => oidOf(at('06 02 55 83'))],
    ['another type', () => oidOf(at('04 02 55 03'))],
  ])('%s', (_, read) => {
    expect(read).toThrow(DerError);
  });

  test('which is read', () => {
    expect([booleanOf(at('01 01 ff')), booleanOf(at('01 01 00'))]).toEqual([true, false]);
    expect(integerOf(at('02 02 00 80')).toString('hex')).toBe('0080');
    expect(smallIntegerOf(at('02 02 01 00'))).toBe(256);
    expect([...namedBitsOf(at('03 03 07 06 80'))]).toEqual([5, 6, 8]);
    expect(oidOf(at('06 03 55 04 03'))).toBe('2.5.4.3');
  });
});

describe('dates', () => {
  const date = (tag: number, text: string) => () =>
    new Date(timeOf(readElement(element(tag, Buffer.from(text))))).toISOString();

  test.each([
    [TAG.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [TAG.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [TAG.utcTime, '240229000000Z', '2024-02-29T00:00:00.000Z'],
    [TAG.generalizedTime, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
    [TAG.generalizedTime, '00500101000000Z', '0050-01-01T00:00:00.000Z'],
  ])('%i %s', (tag, text, iso) => {
    expect(date(tag, text)()).toBe(iso);
  });

  test.each([
    [TAG.utcTime, '230229000000Z'],
    [TAG.utcTime, '231301000000Z'],
    [TAG.utcTime, '230100000000Z'],
    [TAG.utcTime, '230101240000Z'],
    [TAG.utcTime, '230101006000Z'],
    [TAG.utcTime, '230101000060Z'],
    [TAG.utcTime, '2301010000Z'],
    [TAG.utcTime, '230101000000'],
    [TAG.utcTime, '230101000000+0000'],
    [TAG.utcTime, '20230101000000Z'],
    [TAG.generalizedTime, '230101000000Z'],
    [TAG.generalizedTime, '20230101000000.5Z'],
    [TAG.utf8String, '230101000000Z'],
  ])('%i %s is none', (tag, text) => {
    expect(date(tag, text)).toThrow(DerError);
  });
});
