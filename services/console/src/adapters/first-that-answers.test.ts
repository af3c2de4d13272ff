import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { expect, test } from 'vitest';
import { createFirstThatAnswers } from './first-that-answers.ts';

const failed = (code: ErrorCode) => new AppError(code, code, { fix: 'Wait.' });

test('another one is asked where one cannot answer, and stays the first', async () => {
  const asked: string[] = [];
  const first = createFirstThatAnswers(['a', 'b', 'c']);
  const call = async (server: string) => {
    asked.push(server);
    if (server === 'a') throw failed('SERVICE_UNAVAILABLE');
    return server;
  };
  expect([await first(call), await first(call)]).toEqual(['b', 'b']);
  expect(asked).toEqual(['a', 'b', 'b']);
});

test.each<[ErrorCode, number]>([
  ['SEALED', 3],
  ['DEADLINE_EXCEEDED', 3],
  ['CERTIFICATE_NOT_FOUND', 1],
  ['PERMISSION_DENIED', 1],
  ['CANCELLED', 1],
  ['INTERNAL', 1],
])('of %s, %i are asked', async (code, times) => {
  let asked = 0;
  const first = createFirstThatAnswers(['a', 'b', 'c']);
  const call = async () => {
    asked += 1;
    throw failed(code);
  };
  await expect(first(call)).rejects.toMatchObject({ code });
  expect(asked).toBe(times);
});
