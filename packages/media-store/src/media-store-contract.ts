import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect, inChunks, keys, pattern } from './contract-bytes.ts';
import { describeCreate } from './contract-create.ts';
import { describeRead } from './contract-read.ts';
import { describeReplace } from './contract-replace.ts';
import type { MediaStore, OpenMediaStore } from './media-store.ts';

export interface StoreUnderTest extends AsyncDisposable {
  /** Empty at the start. */
  readonly store: OpenMediaStore;
  /** The same objects through a connection of its own, as another process has it. */
  readonly other: MediaStore;
}

/** Holds an adapter to what media-store.ts says. `open` is called for every test. */
export function describeMediaStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a media store`, () => {
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under[Symbol.asyncDispose]());

    describeCreate(() => under);
    describeRead(() => under);
    describeReplace(() => under);

    test('confirm vouches for what is there, and for nothing else', async () => {
      const { store, other } = under;
      await store.create('a/k', inChunks(pattern(10), 10));
      await other.confirm('a/k');
      await expect(other.confirm('a/l')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      await expect(other.confirm('b/k')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    });

    describe('delete', () => {
      test('removes an object, and is content when there is none', async () => {
        const { store, other } = under;
        await store.create('a/k', inChunks(pattern(10), 10));
        await other.delete('a/k');
        await store.delete('a/k');
        await store.delete('never/was');
        expect(await keys(store, '')).toEqual([]);
        await store.create('a/k', inChunks(pattern(20), 20));
        expect(await other.size('a/k')).toBe(20);
      });

      test('leaves the objects beside and below alone', async () => {
        const { store } = under;
        await store.create('a/k', inChunks(pattern(10), 10));
        await store.create('a/k2', inChunks(pattern(10), 10));
        await store.delete('a/k');
        await store.delete('a');
        expect(await keys(store, '')).toEqual(['a/k2']);
      });
    });

    describe('list', () => {
      const all = ['a', 'b-c', 'b/a', 'b/c/d', 'b/c/e', 'b/cc', 'b0', 'c.json', 'd/Z', 'd/z'];
      beforeEach(async () => {
        for (const key of all.toReversed()) await under.store.create(key, inChunks(pattern(3), 3));
      });

      test.each([
        ['', all],
        ['b/', ['b/a', 'b/c/d', 'b/c/e', 'b/cc']],
        ['b', ['b-c', 'b/a', 'b/c/d', 'b/c/e', 'b/cc', 'b0']],
        ['b/c', ['b/c/d', 'b/c/e', 'b/cc']],
        ['b/c/', ['b/c/d', 'b/c/e']],
        ['b/c/d', ['b/c/d']],
        ['b/c/d/', []],
        ['nothing/here', []],
      ])('gives the keys that start with "%s", in byte order', async (prefix, expected) => {
        expect(await keys(under.store, prefix)).toEqual(expected);
      });

      test('goes on when objects vanish meanwhile', async () => {
        const seen: string[] = [];
        for await (const key of under.store.list('')) {
          seen.push(key);
          await under.store.delete('b/c/e');
        }
        expect(seen).toEqual(expect.arrayContaining(['a', 'b/c/d', 'd/z']));
      });
    });

    describe('keys', () => {
      test.each([
        ...[
          '',
          '.',
          '..',
          '/',
          '/etc/passwd',
          '../up',
          'a/../b',
          'a/..',
          'a//b',
          'a/',
          '.hidden',
          'a/.hidden',
          '-a',
        ],
        ...['a\0b', 'a\nb', 'a b', 'a\\b', 'C:\\x', '%2e%2e/x', 'ключ'],
      ])('refuses %j', refuses);

      test('refuses parts and keys that are too long', async () => {
        await refuses('a'.repeat(256));
        await refuses(`${'a/'.repeat(512)}a`);
      });

      async function refuses(key: string): Promise<void> {
        const { store } = under;
        const refused = { code: 'INVALID_ARGUMENT', fix: expect.any(String) };
        await expect(store.create(key, inChunks(pattern(1), 1))).rejects.toMatchObject(refused);
        await expect(store.replace(key, inChunks(pattern(1), 1))).rejects.toMatchObject(refused);
        await expect((async () => collect(store.read(key)))()).rejects.toMatchObject(refused);
        await expect((async () => store.size(key))()).rejects.toMatchObject(refused);
        await expect((async () => store.delete(key))()).rejects.toMatchObject(refused);
        expect(await keys(store, '')).toEqual([]);
      }

      test.each(['..', '/', 'a//', 'a/../', '.', 'a/.c'])('refuses to list %j', async (prefix) => {
        await expect(keys(under.store, prefix)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      });
    });

    test('tidy leaves objects and live creates alone', async () => {
      const { store, other } = under;
      await store.create('a/k', inChunks(pattern(10), 10));
      const tidied = Promise.withResolvers<void>();
      const created = other.create(
        'a/live',
        (async function* () {
          yield pattern(300_000);
          await tidied.promise;
          yield pattern(300_000);
        })(),
      );
      expect(await store.tidy(60_000)).toBe(0);
      tidied.resolve();
      expect(await created).toEqual({ size: 600_000 });
      expect(await keys(store, '')).toEqual(['a/k', 'a/live']);
    });
  });
}
