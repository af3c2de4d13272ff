import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import { digest, expectAbsent, inChunks, keys, pattern, sha256, text } from './contract-bytes.ts';
import type { StoreUnderTest } from './media-store-contract.ts';

const KIB = 1024;

/** Part of media-store-contract.ts. */
export function describeCreate(current: () => StoreUnderTest): void {
  describe('create', () => {
    test.each([0, 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 3_000_001])('keeps %i bytes', async (size) => {
      const { store, other } = current();
      const bytes = pattern(size);
      expect(await store.create('a/b/object.bin', inChunks(bytes, 65_537))).toEqual({ size });
      expect(await store.size('a/b/object.bin')).toBe(size);
      expect(await sha256(other.read('a/b/object.bin'))).toBe(digest(bytes));
    });

    test('takes chunks of any size, empty ones included', async () => {
      const { store } = current();
      const bytes = pattern(700_000);
      await store.create('k', inChunks(bytes, 1, 0, 300_000, 7, 0, 399_992, 0));
      expect(await sha256(store.read('k'))).toBe(digest(bytes));
      await store.create('many', inChunks(bytes.subarray(0, 5_000), 1));
      expect(await sha256(store.read('many'))).toBe(digest(bytes.subarray(0, 5_000)));
    });

    test('never overwrites', async () => {
      const { store, other } = current();
      await store.create('a/k', inChunks(Buffer.from('first'), 5));
      const second = other.create('a/k', inChunks(Buffer.from('second'), 6));
      await expect(second).rejects.toMatchObject({ code: 'OBJECT_EXISTS', fix: expect.any(String) });
      expect(await text(store, 'a/k')).toBe('first');
      expect(await keys(store, '')).toEqual(['a/k']);
    });

    test('lets exactly one of many at once succeed', async () => {
      const { store, other } = current();
      const contents = Array.from({ length: 16 }, (_, index) => pattern(300_000 + index, index));
      const outcomes = await Promise.allSettled(
        contents.map((bytes, index) => (index % 2 ? store : other).create('race/k', inChunks(bytes, 50_000))),
      );
      const winners = contents.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(winners).toHaveLength(1);
      expect(losers.every((reason) => hasCode(reason, 'OBJECT_EXISTS'))).toBe(true);
      expect(await sha256(store.read('race/k'))).toBe(digest(winners[0] ?? Buffer.alloc(0)));
    });

    test('shows nothing of an object before it is whole', async () => {
      const { store, other } = current();
      const gate = Promise.withResolvers<void>();
      const reached = Promise.withResolvers<void>();
      const created = store.create(
        'a/k',
        (async function* () {
          yield pattern(600_000);
          reached.resolve();
          await gate.promise;
          yield pattern(600_000);
        })(),
      );
      await reached.promise;
      await expect(other.size('a/k')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      expect(await keys(other, '')).toEqual([]);
      gate.resolve();
      expect(await created).toEqual({ size: 1_200_000 });
      expect(await other.size('a/k')).toBe(1_200_000);
    });

    test('leaves nothing when the source fails, and throws what the source threw', async () => {
      const { store } = current();
      const failure = new Error('the pipeline went away');
      const source = (async function* () {
        yield pattern(600_000);
        throw failure;
      })();
      await expect(store.create('a/k', source)).rejects.toBe(failure);
      await expectAbsent(store, 'a/k');
      expect(await store.create('a/k', inChunks(pattern(10), 10))).toEqual({ size: 10 });
    });

    test('stops at an abort, even when the source hangs, and leaves nothing', async () => {
      const { store } = current();
      const abort = new AbortController();
      const source = (async function* () {
        yield pattern(600_000);
        queueMicrotask(() => abort.abort());
        await new Promise(() => undefined);
      })();
      const created = store.create('a/k', source, { signal: abort.signal });
      await expect(created).rejects.toMatchObject({ code: 'CANCELLED', fix: expect.any(String) });
      await expectAbsent(store, 'a/k');
    });

    test('ends with the AppError that a signal was aborted with', async () => {
      const reason = new AppError('SHUTTING_DOWN', 'The service is stopping', { fix: 'Send it again.' });
      const created = current().store.create('k', inChunks(pattern(5), 5), {
        signal: AbortSignal.abort(reason),
      });
      await expect(created).rejects.toBe(reason);
    });

    test('closes a source that it stops reading', async () => {
      const abort = new AbortController();
      let closed = false;
      const source = (async function* () {
        try {
          for (;;) {
            yield pattern(100_000);
            abort.abort();
          }
        } finally {
          closed = true;
        }
      })();
      const created = current().store.create('k', source, { signal: abort.signal });
      await expect(created).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect.poll(() => closed).toBe(true);
    });
  });
}
