import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { patternedStream, sha256Of } from '@sealtrack/testkit/patterned-stream';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { createFolderSpool } from './folder-spool.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const SIZE = 1_000_003;

test('gives back what it took, any number of times, and has no name that anybody could open', async () => {
  await using spooled = await createFolderSpool(folder.path).keep(patternedStream(SIZE));
  expect(await readdir(folder.path)).toEqual([]);
  const sum = await sha256Of(patternedStream(SIZE));
  expect(await sha256Of(spooled.read())).toBe(sum);
  const [one, other] = await Promise.all([sha256Of(spooled.read()), sha256Of(spooled.read())]);
  expect([one, other]).toEqual([sum, sum]);
});

test('takes nothing that is too large, and keeps nothing of a stream that broke off', async () => {
  const spool = createFolderSpool(folder.path, SIZE - 1);
  await expect(spool.keep(patternedStream(SIZE))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  async function* broken() {
    yield Buffer.alloc(1000);
    throw new Error('gone');
  }
  await expect(spool.keep(broken())).rejects.toThrow('gone');
  expect(await readdir(folder.path)).toEqual([]);
});

test('says where it cannot write', async () => {
  const missing = join(folder.path, 'missing');
  await expect(createFolderSpool(missing).keep(patternedStream(1))).rejects.toMatchObject({
    code: 'BACKUP_FAILED',
    message: expect.stringContaining(missing),
  });
});
