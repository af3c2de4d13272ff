import { AppError } from '@sealtrack/errors/app-error';
import { CODES, type ErrorCode } from '@sealtrack/errors/codes';
import { expect, test } from 'vitest';
import { problemOf } from './problem.ts';

const failed = (code: ErrorCode, details: Record<string, string> = {}) =>
  problemOf(new AppError(code, `What ${code} is`, { fix: 'Do this.', details }));

test.each<[ErrorCode, number]>([
  ['INVALID_ARGUMENT', 400],
  ['TICKET_INVALID', 401],
  ['PERMISSION_DENIED', 403],
  ['RECORDING_NOT_FOUND', 404],
  ['RANGE_NOT_SATISFIABLE', 416],
  ['TOO_MANY_CALLS', 429],
  ['TOO_MANY_FAILURES', 429],
  ['TOO_MANY_DECRYPTIONS', 503],
  ['AUDIT_UNAVAILABLE', 503],
  ['SEALED', 503],
  ['KEY_NOT_HELD', 502],
  ['DECRYPTION_FAILED', 502],
  ['INTERNAL', 502],
  ['DEADLINE_EXCEEDED', 504],
])('%s is %i', (code, status) => {
  expect(failed(code)).toMatchObject({ status, body: { status, code } });
});

test('every error that there is has a status, and waiting is told where it helps', () => {
  for (const code of Object.keys(CODES) as ErrorCode[]) {
    const { status, headers } = failed(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect('retry-after' in headers, code).toBe([429, 503].includes(status));
  }
  expect(failed('TOO_MANY_CALLS', { retry_after_ms: '2100' }).headers['retry-after']).toBe('3');
});

test('what the reader can do stays; what is of the inside does not go out', () => {
  expect(failed('KEY_NOT_HELD').body).toMatchObject({ title: 'What KEY_NOT_HELD is', fix: 'Do this.' });
  for (const code of ['SERVICE_UNAVAILABLE', 'PERMISSION_DENIED', 'BUS_UNAVAILABLE', 'INTERNAL'] as const) {
    const { body } = failed(code);
    expect(body.title).toBe('The recording cannot be played at the moment');
    expect(body.fix).not.toContain('Do this');
  }
  expect(failed('KEY_NOT_HELD', { address: '10.0.0.1:7013' }).body.title).not.toContain('What');
});

test('the headers that a status asks for', () => {
  expect(failed('TICKET_INVALID', { reason: 'missing' }).headers).toEqual({
    'www-authenticate': 'Bearer realm="sealtrack"',
  });
  expect(failed('TICKET_INVALID', { reason: 'expired' }).headers['www-authenticate']).toContain(
    'invalid_token',
  );
  expect(failed('RANGE_NOT_SATISFIABLE', { size: '77' }).headers).toEqual({ 'content-range': 'bytes */77' });
});
