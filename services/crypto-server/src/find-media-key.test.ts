import type { Envelope } from '@sealtrack/envelope/envelope';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { expect, test, vi } from 'vitest';
import type { FindHeldKey } from './find-held-key.ts';
import { createFindMediaKey } from './find-media-key.ts';
import type { FindMediaKey } from './key-use.ts';
import { certificateId, use } from './testing/key-servers.ts';

const envelope = {} as Envelope;
const key = (where: string) => ({ certificateId, dek: async () => Buffer.from(where) });

/** Finds it, or fails with that code. */
const finder = (where: string, failsWith?: ErrorCode) =>
  vi.fn(async () => {
    if (failsWith !== undefined) throw new AppError(failsWith, where, { fix: 'None.' });
    return key(where);
  });

async function find(here: ErrorCode | undefined, elsewhere: ErrorCode | undefined | 'no way') {
  const findHeldKey = finder('here', here) satisfies FindHeldKey;
  const ask = finder('elsewhere', elsewhere === 'no way' ? undefined : elsewhere);
  const askHolders: FindMediaKey | undefined = elsewhere === 'no way' ? undefined : ask;
  const outcome = await createFindMediaKey({ findHeldKey, askHolders })(use, envelope, [certificateId]).then(
    async (found) => (await found.dek()).toString(),
    (error: AppError) => `${error.code} ${error.message}`,
  );
  return { outcome, asked: ask.mock.calls.length };
}

test.each<[here: ErrorCode | undefined, elsewhere: ErrorCode | undefined | 'no way', string, asked: number]>([
  // What is held here neither waits for the bus nor is told to it.
  [undefined, undefined, 'here', 0],
  ['KEY_NOT_HELD', undefined, 'elsewhere', 1],
  ['SEAL_BROKEN', undefined, 'elsewhere', 1],
  ['CERTIFICATE_DELETED', undefined, 'elsewhere', 1],
  // Nobody else would read it in another way, or has less to do because of it.
  ['ENVELOPE_INVALID', undefined, 'ENVELOPE_INVALID here', 0],
  ['SEALED_STORE_UNAVAILABLE', undefined, 'SEALED_STORE_UNAVAILABLE here', 0],
  ['KEY_NOT_HELD', 'KEY_NOT_HELD', 'KEY_NOT_HELD elsewhere', 1],
  ['KEY_NOT_HELD', 'PERMISSION_DENIED', 'PERMISSION_DENIED elsewhere', 1],
  ['SEAL_BROKEN', 'KEY_NOT_HELD', 'SEAL_BROKEN here', 1],
  ['SEAL_BROKEN', 'PERMISSION_DENIED', 'PERMISSION_DENIED elsewhere', 1],
  ['KEY_NOT_HELD', 'no way', 'KEY_NOT_HELD here', 0],
])('here %s, elsewhere %s: %s', async (here, elsewhere, outcome, asked) => {
  expect(await find(here, elsewhere)).toEqual({ outcome, asked });
});
