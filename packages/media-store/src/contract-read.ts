import { beforeEach, describe, expect, test } from 'vitest';
import { collect, digest, inChunks, pattern, sha256 } from './contract-bytes.ts';
import type { StoreUnderTest } from './media-store-contract.ts';

/** Part of media-store-contract.ts. */
export function describeRead(current: () => StoreUnderTest): void {
  describe('read', () => {
    const bytes = pattern(1_000_000);
    beforeEach(() => current().store.create('a/k', inChunks(bytes, 100_000)));

    test.each([
      [0, 1],
      [0, 1_000_000],
      [262_143, 2],
      [999_999, 1],
      [300_000, 600_000],
      [500_000, undefined],
      [1_000_000, undefined],
      [1_000_000, 0],
      [17, 0],
    ])('gives exactly the range from %i, %s bytes', async (offset, length) => {
      const got = await collect(current().store.read('a/k', { offset, length }));
      expect(got.equals(bytes.subarray(offset, length === undefined ? undefined : offset + length))).toBe(
        true,
      );
    });

    test.each([
      [0, 1_000_001],
      [1_000_000, 1],
      [1_000_001, undefined],
      [2_000_000, 0],
    ])('refuses a range past the end: from %i, %s bytes', async (offset, length) => {
      const got = collect(current().store.read('a/k', { offset, length }));
      await expect(got).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', fix: expect.any(String) });
    });

    test.each([
      [-1, 1],
      [0.5, 1],
      [0, -1],
      [0, Number.NaN],
    ])('refuses a range that is none: from %d, %d bytes', async (offset, length) => {
      const got = collect(current().store.read('a/k', { offset, length }));
      await expect(got).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    test.each(['a/other', 'a', 'a/k/below', 'b'])('says that %s is not there', async (key) => {
      await expect(collect(current().store.read(key))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      await expect(current().store.size(key)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    });

    test('hands out chunks that stay as they are', async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of current().store.read('a/k')) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });

    test.each([0, 5, 300_000])(
      'hands out chunks from %i that are good until the next, where that is enough',
      async (offset) => {
        const chunks: Buffer[] = [];
        for await (const chunk of current().store.read('a/k', { offset, reuse: true })) {
          // What is read ahead meanwhile goes elsewhere.
          await new Promise((resolve) => setTimeout(resolve, 2));
          chunks.push(Buffer.from(chunk));
        }
        expect(Buffer.concat(chunks).equals(bytes.subarray(offset))).toBe(true);
      },
    );

    test('can be left early and read again', async () => {
      for await (const chunk of current().store.read('a/k')) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
      expect(await sha256(current().store.read('a/k'))).toBe(digest(bytes));
    });

    test('stops at an abort', async () => {
      const abort = new AbortController();
      const reading = async () => {
        for await (const _ of current().store.read('a/k', { signal: abort.signal })) abort.abort();
      };
      await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
