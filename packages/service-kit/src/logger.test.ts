import { inspect } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import { expect, test } from 'vitest';
import { createLogger, type ProcessLog } from './logger.ts';
import { Secret } from './secret.ts';

/** What one statement writes. */
function logged(say: (log: ProcessLog) => void): Record<string, unknown> {
  const lines: string[] = [];
  say(createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } }));
  return JSON.parse(lines[0] ?? '{}');
}

test('one JSON object a line, with level, time and service', () => {
  const line = logged((log) => log.info({ recordingId: 'r1' }, 'stored'));
  expect(line).toMatchObject({ level: 'info', service: 'test', recordingId: 'r1', msg: 'stored' });
  expect(new Date(String(line.time)).toISOString()).toBe(line.time);
});

test('an AppError shows code, next step, details and every cause', () => {
  const root = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const err = new AppError('STORE_UNAVAILABLE', 'The store does not answer', {
    fix: 'Start it.',
    details: { url: 'file:///m' },
    cause: new Error('read failed', { cause: root }),
  });
  expect(logged((log) => log.error({ err, met: root }, 'failed'))).toMatchObject({
    err: {
      type: 'AppError',
      code: 'STORE_UNAVAILABLE',
      message: 'The store does not answer',
      fix: 'Start it.',
      details: { url: 'file:///m' },
      stack: expect.stringContaining('logger.test'),
      cause: { message: 'read failed', cause: { code: 'ECONNREFUSED' } },
    },
    met: { code: 'ECONNREFUSED' },
  });
});

test('causes that form a loop, and errors that are none, do no harm', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(logged((log) => log.error({ err: loop }, 'x'))).toHaveProperty('err.cause.cause.message', 'loop');
  expect(logged((log) => log.error({ err: new AggregateError([new Error('a'), 'b']) }, 'x'))).toMatchObject({
    err: { errors: [{ message: 'a' }, { message: 'b' }] },
  });
});

test('nothing secret is ever shown', () => {
  const secret = new Secret(Buffer.from('hunter2'));
  const line = logged((log) =>
    log.info(
      {
        secret,
        nested: { password: 'hunter2', deep: secret },
        key: Buffer.from('hunter2'),
        dek: 'hunter2',
        list: [secret],
      },
      'x',
    ),
  );
  expect(JSON.stringify(line)).not.toContain('hunter2');
  expect(JSON.stringify(line)).not.toContain('104,117');
  expect(line.key).toBe('[7 bytes]');
  expect(`${secret} ${inspect(secret, { depth: 9 })} ${JSON.stringify({ secret })}`).not.toContain('hunter2');
});

test('a secret is zeroed when it is disposed', () => {
  const secret = new Secret(Buffer.from('hunter2'));
  secret[Symbol.dispose]();
  expect(secret.use((bytes) => bytes.equals(Buffer.alloc(7)))).toBe(true);
});
