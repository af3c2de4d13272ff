import { expect, test } from 'vitest';
import { AppError, hasCode, toAppError } from './app-error.ts';
import { CODES, type ErrorCode, isErrorCode } from './codes.ts';

test('an error says its code, next step and facts, and what its code stands for', () => {
  const cause = new Error('ENOSPC');
  const error = new AppError('STORE_FULL', 'The media store is full', {
    fix: 'Add room.',
    details: { store: 'file' },
    cause,
  });
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'STORE_FULL',
    message: 'The media store is full',
    fix: 'Add room.',
    details: { store: 'file' },
    cause,
    grpcStatus: 'RESOURCE_EXHAUSTED',
    eventVerdict: 'wait',
  });
  expect(error).toBeInstanceOf(Error);
});

test('without a cause there is none, not even an empty one', () => {
  const error = new AppError('CANCELLED', 'The caller went away', { fix: 'Nothing.' });
  expect(Object.hasOwn(error, 'cause')).toBe(false);
  expect(error.details).toEqual({});
});

test('an AppError stays the one it is', () => {
  const error = new AppError('PROFILE_NOT_FOUND', 'There is no profile 101', { fix: 'Create it.' });
  expect(toAppError(error)).toBe(error);
});

test.each([
  new TypeError('password is hunter2'),
  'hunter2',
  { code: 'STORE_FULL', secret: 'hunter2' },
  undefined,
])('anything else becomes an opaque INTERNAL that keeps it as the cause: %s', (thrown) => {
  const error = toAppError(thrown);
  expect(error.code).toBe('INTERNAL');
  expect(error.cause).toBe(thrown);
  expect(`${error.message} ${error.fix} ${JSON.stringify(error.details)}`).not.toContain('hunter2');
});

test('hasCode tells AppErrors apart, and from what only looks like one', () => {
  const error = new AppError('OBJECT_EXISTS', 'It is there', { fix: 'Use it.' });
  expect(hasCode(error, 'OBJECT_EXISTS')).toBe(true);
  expect(hasCode(error, 'OBJECT_NOT_FOUND')).toBe(false);
  expect(hasCode({ code: 'OBJECT_EXISTS' }, 'OBJECT_EXISTS')).toBe(false);
});

test('only the codes there are, are codes', () => {
  for (const code of Object.keys(CODES)) expect(isErrorCode(code)).toBe(true);
  for (const text of ['', 'internal', 'toString', '__proto__', 'constructor'])
    expect(isErrorCode(text)).toBe(false);
});

test('what looks like a wrong input is not tried again, and what looks like a weak moment is waited out', () => {
  for (const code of Object.keys(CODES) as ErrorCode[]) {
    const { grpc, event } = CODES[code];
    if (grpc === 'INVALID_ARGUMENT' || grpc === 'DATA_LOSS' || grpc === 'ALREADY_EXISTS') {
      expect([code, event]).toEqual([code, 'dead-letter']);
    }
    if (grpc === 'UNAVAILABLE' || grpc === 'RESOURCE_EXHAUSTED')
      expect([code, event]).toEqual([code, code === 'SHUTTING_DOWN' ? 'retry' : 'wait']);
  }
});
