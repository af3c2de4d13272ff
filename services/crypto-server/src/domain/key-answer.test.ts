import { AppError } from '@sealtrack/errors/app-error';
import { CODES, type ErrorCode } from '@sealtrack/errors/codes';
import { expect, test } from 'vitest';
import { errorClaims, parseKeyAnswer, requestDigest, TOLD_CODES } from './key-answer.ts';

const REQUEST = 'a request';
const told: readonly string[] = TOLD_CODES;
const failing = (code: ErrorCode) =>
  new AppError(code, 'what the holder says', { fix: 'Its fix.', details: { path: '/its/own' } });

test('of what a holder cannot do nothing leaves it but what is meant for others', () => {
  for (const code of Object.keys(CODES) as ErrorCode[]) {
    const { error } = errorClaims(REQUEST, failing(code));
    if (told.includes(code)) expect(error).toMatchObject({ code, message: 'what the holder says' });
    else {
      expect(error.code, code).toBe('SERVICE_UNAVAILABLE');
      expect(JSON.stringify(error), code).not.toMatch(/the holder says|Its fix|its\/own/);
    }
  }
  expect(JSON.stringify(errorClaims(REQUEST, new Error('its own')))).not.toContain('its own');
});

test('and what others say that is not meant for it is no answer', () => {
  const { message, fix, details } = failing('INTERNAL');
  for (const code of [...Object.keys(CODES), 'NONE_OF_OURS']) {
    const claims = { request: requestDigest(REQUEST), error: { code, message, fix, details } };
    expect(parseKeyAnswer(claims, REQUEST) !== undefined, code).toBe(told.includes(code));
    expect(parseKeyAnswer(claims, 'another request'), code).toBeUndefined();
  }
});

test('however much a holder has to say, it is an answer', () => {
  const long = 'x'.repeat(100_000);
  const error = new AppError('SEAL_BROKEN', long, { fix: long, details: { why: long } });
  expect(parseKeyAnswer(errorClaims(REQUEST, error), REQUEST)).toMatchObject({
    error: { code: 'SEAL_BROKEN' },
  });
});
