import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { describe, expect, test } from 'vitest';
import { inChunks, keys, pattern } from './contract-bytes.ts';
import { openFsStore } from './fs-store.ts';

const filesBelow = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

describe.runIf(canMount())('a disk', () => {
  test('that is full is told apart, and keeps nothing of the object', async () => {
    await using disk = await mountDisk('size=1m');
    const store = await openFsStore(disk.path);
    await store.create('a/small', inChunks(pattern(1000), 100));
    const full = store.create('a/big', inChunks(pattern(3_000_000), 65_536));
    await expect(full).rejects.toMatchObject({
      code: 'STORE_FULL',
      fix: expect.stringContaining('Free space'),
    });
    expect(await filesBelow(disk.path)).toBe(1);
    await store.create('a/other', inChunks(pattern(500_000), 65_536));
    expect(await keys(store, '')).toEqual(['a/other', 'a/small']);
  });

  test('that is read-only can be read, and says so when written to', async () => {
    await using disk = await mountDisk('size=1m');
    const store = await openFsStore(disk.path);
    await store.create('k', inChunks(pattern(1000), 100));
    execFileSync('mount', ['-o', 'remount,ro', disk.path]);
    const refused = { code: 'STORE_UNAVAILABLE', fix: expect.stringContaining('writable') };
    await expect(store.create('l', inChunks(pattern(1000), 100))).rejects.toMatchObject(refused);
    await expect(store.delete('k')).rejects.toMatchObject(refused);
    await expect(openFsStore(disk.path)).rejects.toMatchObject(refused);
    expect(await (await openFsStore(disk.path, { readOnly: true })).size('k')).toBe(1000);
  });
});

async function mountDisk(options: string) {
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder.path]);
  return {
    path: folder.path,
    async [Symbol.asyncDispose]() {
      execFileSync('umount', [folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Only root in a machine of its own may: elsewhere these two failures are not to be had for real. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
