import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { describe, expect, test } from 'vitest';
import { inChunks, keys, pattern } from './contract-bytes.ts';
import { openFsStore } from './fs-store.ts';
import { describeMediaStore } from './media-store-contract.ts';

const filesBelow = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

describeMediaStore('a folder', async () => {
  const folder = await temporaryFolder();
  const root = join(folder.path, 'media');
  const [store, other] = await Promise.all([openFsStore(root), openFsStore(root)]);
  return { store, other, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
});

describe('a folder', () => {
  test('is for its owner only', async () => {
    await using folder = await temporaryFolder();
    const store = await openFsStore(join(folder.path, 'new/media'));
    await store.create('a/k', inChunks(pattern(5), 5));
    const modes = ['new/media', 'new/media/a', 'new/media/a/k'].map(
      async (name) => (await stat(join(folder.path, name))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600]);
  });

  test('holds objects and nothing else after successes and failures', async () => {
    await using folder = await temporaryFolder();
    const store = await openFsStore(folder.path);
    await store.create('a/k', inChunks(pattern(600_000), 1000));
    await expect(store.create('a/k', inChunks(pattern(600_000), 1000))).rejects.toThrow();
    await expect(store.create('a/l', failing())).rejects.toThrow('gone');
    await expect(store.create('a/k/below', inChunks(pattern(5), 5))).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
    await expect(store.create('a', inChunks(pattern(5), 5))).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(await filesBelow(folder.path)).toBe(1);
  });

  test('that somebody removed below the root is made again', async () => {
    await using folder = await temporaryFolder();
    const store = await openFsStore(folder.path);
    await store.create('a/b/k', inChunks(pattern(5), 5));
    await rm(join(folder.path, 'a'), { recursive: true });
    await store.create('a/b/l', inChunks(pattern(5), 5));
    expect(await keys(store, '')).toEqual(['a/b/l']);
  });

  test('whose root is gone is a store that is away, not an empty one', async () => {
    await using folder = await temporaryFolder();
    const root = join(folder.path, 'media');
    const store = await openFsStore(root);
    await store.create('a/k', inChunks(pattern(5), 5));
    await rename(root, join(folder.path, 'unmounted'));
    const away = { code: 'STORE_UNAVAILABLE', fix: expect.stringContaining('mounted') };
    await expect(store.create('a/l', inChunks(pattern(5), 5))).rejects.toMatchObject(away);
    await expect(keys(store, '')).rejects.toMatchObject(away);
    expect(existsSync(root)).toBe(false);
  });

  test('that is a file cannot be opened', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'file');
    await writeFile(path, '');
    await expect(openFsStore(path)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('is not made for one who only reads', async () => {
    await using folder = await temporaryFolder();
    const root = join(folder.path, 'media');
    const store = await openFsStore(root, { readOnly: true });
    await expect(store.size('a/k')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(existsSync(root)).toBe(false);
  });

  test('gives nothing that lies outside it', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'secret'), 'secret');
    const store = await openFsStore(join(folder.path, 'media'));
    await symlink('../secret', join(folder.path, 'media/link'));
    await expect(Array.fromAsync(store.read('link'))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    await expect(store.size('link')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(await keys(store, '')).toEqual([]);
  });

  test('tidies away what a crash left, and only that', async () => {
    await using folder = await temporaryFolder();
    const store = await openFsStore(folder.path);
    await store.create('a/k', inChunks(pattern(5), 5));
    await mkdir(join(folder.path, 'b/c'), { recursive: true });
    const old = join(folder.path, 'b/c/.creating-0123');
    await writeFile(old, 'left by a crash');
    await writeFile(join(folder.path, 'b/.creating-4567'), 'alive');
    await utimes(old, new Date(), new Date(Date.now() - 120_000));
    await utimes(join(folder.path, 'a/k'), new Date(), new Date(Date.now() - 120_000));
    expect(await keys(store, '')).toEqual(['a/k']);
    expect(await store.tidy(60_000)).toBe(1);
    expect(existsSync(old)).toBe(false);
    expect(await filesBelow(folder.path)).toBe(2);
  });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield pattern(600_000);
  throw new Error('gone');
}
