import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { collect, digest, expectAbsent, inChunks, keys, pattern, sha256, text } from './contract-bytes.ts';
import type { StoreUnderTest } from './media-store-contract.ts';

/** Part of media-store-contract.ts. */
export function describeReplace(current: () => StoreUnderTest): void {
  describe('replace', () => {
    test.each([0, 1, 300_000])('puts %i bytes in the place of what was there', async (size) => {
      const { store, other } = current();
      await store.create('a/k', inChunks(pattern(1000), 1000));
      await store.create('a/k2', inChunks(Buffer.from('beside'), 6));
      const bytes = pattern(size, 1);
      expect(await other.replace('a/k', inChunks(bytes, 65_537))).toEqual({ size });
      expect(await store.size('a/k')).toBe(size);
      expect(await sha256(store.read('a/k'))).toBe(digest(bytes));
      await store.confirm('a/k');
      expect(await keys(store, '')).toEqual(['a/k', 'a/k2']);
      expect(await text(store, 'a/k2')).toBe('beside');
    });

    test.each(['k', 'a', 'a/l', 'a/k/below', 'b/c/k'])(
      'makes no object of %s, which is none',
      async (key) => {
        const { store } = current();
        await store.create('a/k', inChunks(Buffer.from('first'), 5));
        await expect(store.replace(key, inChunks(pattern(5), 5))).rejects.toMatchObject({
          code: 'OBJECT_NOT_FOUND',
          fix: expect.any(String),
        });
        expect(await keys(store, '')).toEqual(['a/k']);
      },
    );

    test('does not bring back what was deleted while its content came in', async () => {
      const { store, other } = current();
      await store.create('a/k', inChunks(pattern(5), 5));
      const source = (async function* () {
        yield pattern(300_000);
        await other.delete('a/k');
        yield pattern(300_000);
      })();
      await expect(store.replace('a/k', source)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      await expectAbsent(store, 'a/k');
    });

    test('keeps the old one when the source fails, and throws what the source threw', async () => {
      const { store } = current();
      await store.create('a/k', inChunks(Buffer.from('first'), 5));
      const failure = new Error('gone');
      const source = (async function* () {
        yield pattern(600_000);
        throw failure;
      })();
      await expect(store.replace('a/k', source)).rejects.toBe(failure);
      expect(await text(store, 'a/k')).toBe('first');
      expect(await keys(store, '')).toEqual(['a/k']);
    });

    test('keeps the old one when it is aborted', async () => {
      const { store } = current();
      await store.create('a/k', inChunks(Buffer.from('first'), 5));
      const abort = new AbortController();
      const source = (async function* () {
        yield pattern(600_000);
        queueMicrotask(() => abort.abort());
        await new Promise(() => undefined);
      })();
      const replaced = store.replace('a/k', source, { signal: abort.signal });
      await expect(replaced).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(await text(store, 'a/k')).toBe('first');
    });

    test('who reads meanwhile reads the old one to its end', async () => {
      const { store, other } = current();
      const old = pattern(1_000_000);
      await store.create('a/k', inChunks(old, 100_000));
      const chunks: Uint8Array[] = [];
      for await (const chunk of other.read('a/k')) {
        if (chunks.length === 0) await store.replace('a/k', inChunks(pattern(10, 1), 10));
        chunks.push(chunk);
      }
      expect(Buffer.concat(chunks).equals(old)).toBe(true);
      expect(await store.size('a/k')).toBe(10);
    });

    test('of many at once, everybody sees one or another, whole, and one stays', async () => {
      const { store, other } = current();
      const contents = Array.from({ length: 12 }, (_, index) => pattern(300_000 + index * 1000, index));
      const digests = new Set(contents.map(digest));
      await store.create('a/k', inChunks(contents[0] ?? Buffer.alloc(0), 50_000));
      let done = false;
      let reads = 0;
      const reading = (async () => {
        for (; !done; await turn()) {
          expect(digests.has(digest(await collect(other.read('a/k'))))).toBe(true);
          reads += 1;
        }
      })();
      await Promise.all(
        contents.map((bytes, index) => (index % 2 ? store : other).replace('a/k', inChunks(bytes, 50_000))),
      );
      done = true;
      await reading;
      expect(reads).toBeGreaterThan(0);
      expect(digests.has(await sha256(store.read('a/k')))).toBe(true);
      expect(await keys(store, '')).toEqual(['a/k']);
    });
  });
}
