import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SUITE_NAMES } from './suites.ts';
import { createOwner, inChunks, patterned, sealFor } from './test-media.ts';

const owner = await createOwner('owner');

test.each(SUITE_NAMES)('%s leaves no session key behind', async (suite) => {
  const made: Buffer[] = [];
  const bytes = (size: number): Buffer => {
    const some = randomBytes(size);
    made.push(some);
    return some;
  };
  await sealFor([owner], inChunks(patterned(100)), { suite, randomBytes: bytes });
  expect(made[0]?.equals(Buffer.alloc(32))).toBe(true);
});

test('GCM ends where its counter would begin again', async () => {
  // Nobody has that much memory: its length is all that is looked at before it is refused.
  const huge = { length: 2 ** 36 - 31 } as Uint8Array;
  async function* source(): AsyncGenerator<Uint8Array> {
    yield huge;
  }
  await expect(sealFor([owner], source(), { suite: 'cms' })).rejects.toMatchObject({
    code: 'MEDIA_TOO_LARGE',
    details: { max_bytes: String(2 ** 36 - 32) },
  });
});
