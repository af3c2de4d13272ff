import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import {
  parseCertificateId,
  parseKeyId,
  parseMediaId,
  parseProfileId,
  parseRecordingId,
  parseTenantId,
} from './parse.ts';

const hex = 'a1'.repeat(32);
/** What would leave its subject token, key part or folder, were it let through. */
const ESCAPES = [
  'a.b',
  'a*',
  '>',
  'a/b',
  '..',
  '../a',
  'a b',
  'a\n',
  '\na',
  'a\u0000',
  'a:b',
  'a{b}',
  'ä',
  '-a',
  '_a',
  '%2e',
];

const KINDS = [
  {
    field: 'tenant_id',
    parse: parseTenantId,
    good: ['a', 'demo', '0', 'a-b-9', 'a'.repeat(63)],
    bad: ['', 'Demo', 'a_b', 'a'.repeat(64)],
  },
  {
    field: 'profile_id',
    parse: parseProfileId,
    good: ['1', '101', '9'.repeat(18)],
    bad: ['', '0', '01', '-1', '1.0', '1e3', '9'.repeat(19), 'abc'],
  },
  {
    field: 'recording_id',
    parse: parseRecordingId,
    good: ['r', '01K-x_Y', 'r'.repeat(128)],
    bad: ['', 'r'.repeat(129)],
  },
  { field: 'media_id', parse: parseMediaId, good: ['main', 'screen-2'], bad: ['m'.repeat(129)] },
  {
    field: 'certificate_id',
    parse: parseCertificateId,
    good: [hex],
    bad: ['', hex.toUpperCase(), hex.slice(1), `${hex}0`, 'g'.repeat(64)],
  },
  { field: 'key_id', parse: parseKeyId, good: [hex], bad: ['', hex.toUpperCase(), hex.slice(1)] },
] as const;

describe.each(KINDS)('$field', ({ field, parse, good, bad }) => {
  test.each([...good])('%j is one', (text) => {
    expect(parse(text)).toBe(text);
  });

  test.each([...bad, ...ESCAPES])('%j is refused, naming the field and not showing the text', (text) => {
    let error: unknown;
    try {
      parse(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field },
      fix: expect.stringMatching(/^Give /),
    });
    expect((error as AppError).message).toBe(`${field} ${text === '' ? 'is missing' : 'is malformed'}`);
  });
});

test('a recording with one media file need not name it', () => {
  expect(parseMediaId('')).toBe('main');
});
