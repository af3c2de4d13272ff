import { AppError } from '@sealtrack/errors/app-error';
import { expect, test } from 'vitest';
import { type Attempt, raceHolders } from './race-holders.ts';

const refused = { refused: new AppError('KEY_NOT_HELD', 'Nobody is there', { fix: 'None.' }) };
const caller = new AbortController().signal;
const options = { everyMs: 20, totalMs: 400 };

/** What comes of one attempt after the other; of the last one again and again. */
function attempts(...outcomes: readonly (Attempt<string> | 'hangs')[]) {
  let next = 0;
  return async (_: string, signal: AbortSignal): Promise<Attempt<string>> => {
    const outcome = outcomes[Math.min(next++, outcomes.length - 1)] ?? 'hangs';
    if (outcome !== 'hangs') return outcome;
    return await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
}

test('who was there a moment ago and is gone has not answered, which is not that nobody holds it', async () => {
  await expect(raceHolders(['a'], attempts('hangs', refused), options, caller)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    details: { certificate_id: 'a' },
  });
  await expect(raceHolders(['a'], attempts(refused), options, caller)).rejects.toBe(refused.refused);
});

test('an answer that was begun still counts when no other one can be asked any more', async () => {
  const late = Promise.withResolvers<Attempt<string>>();
  let count = 0;
  const attempt = async (): Promise<Attempt<string>> => {
    count += 1;
    if (count === 1) return await late.promise;
    setImmediate(() => late.resolve({ found: 'late' }));
    return refused;
  };
  expect(await raceHolders(['a'], attempt, { everyMs: 200, totalMs: 5_000 }, caller)).toBe('late');
});
