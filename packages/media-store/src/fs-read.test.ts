import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { describe, expect, test } from 'vitest';
import { inChunks, pattern } from './contract-bytes.ts';
import { openFsStore } from './fs-store.ts';

describe('a file that is read', () => {
  test('is an error when it becomes shorter meanwhile', async () => {
    await using folder = await temporaryFolder();
    const store = await openFsStore(folder.path);
    await store.create('k', inChunks(pattern(1_000_000), 100_000));
    const reading = async () => {
      let size = 0;
      for await (const chunk of store.read('k')) {
        size += chunk.byteLength;
        await truncate(join(folder.path, 'k'), 300_000);
      }
      return size;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', fix: expect.any(String) });
  });

  test.runIf(existsSync('/proc/self/fd'))(
    'is closed after an early return, and at once after an abort',
    async () => {
      await using folder = await temporaryFolder();
      const store = await openFsStore(folder.path);
      await store.create('k', inChunks(pattern(1_000_000), 100_000));
      const path = join(folder.path, 'k');

      for await (const _ of store.read('k')) {
        expect(isOpen(path)).toBe(true);
        break;
      }
      expect(isOpen(path)).toBe(false);

      const abort = new AbortController();
      const abandoned = store.read('k', { signal: abort.signal })[Symbol.asyncIterator]();
      await abandoned.next();
      expect(isOpen(path)).toBe(true);
      abort.abort();
      await expect.poll(() => isOpen(path)).toBe(false);
    },
  );
});

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}
