import { execFile } from 'node:child_process';
import { mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { type SystemUnderTest, systemUnderTest } from './testing/system-under-test.ts';
import { newTenant } from './testing/tenant.ts';
import { until } from './testing/until.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const STORE_MIB = 16;

/** A file system of its own for the media, small enough to be filled. */
async function mountSmall(dir: string): Promise<AsyncDisposable> {
  const folder = join(dir, 'media');
  await mkdir(folder, { mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${STORE_MIB}m,mode=700`, 'tmpfs', folder]);
  return { [Symbol.asyncDispose]: async () => void (await run('umount', ['--lazy', folder])) };
}

/** In a container root may be refused it, too. */
async function canMount(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return run('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
    () => true,
    () => false,
  );
}

async function startWithSmallStore(): Promise<SystemUnderTest | undefined> {
  if (await canMount())
    return systemUnderTest({
      prepare: mountSmall,
      // Long enough to look at a capture that waits.
      env: {
        'media-encryptor': { SEALTRACK_CAPTURE_BACKOFF_MS: '500,500,500,1000,1000,2000,2000,4000,8000' },
      },
    });
  process.stderr.write(
    'SKIPPED: a full media store is tried only where a tmpfs can be mounted, which is as root on Linux.\n',
  );
  return undefined;
}

const started = await startWithSmallStore();

describe.skipIf(started === undefined)('a media store that is full', () => {
  const system = started as SystemUnderTest;
  const refused = {
    code: 'STORE_FULL',
    grpcStatus: 'RESOURCE_EXHAUSTED',
    fix: expect.stringContaining('space'),
  };

  test('refuses what does not fit, in the middle of it, and keeps nothing of it', async () => {
    const tenant = await newTenant(system);
    await tenant.put('before');
    await expect(tenant.put('too-large', { size: 2 * STORE_MIB * MIB })).rejects.toMatchObject(refused);
    // Nothing partial, and no mark, temporary or orphan either.
    await expectAllThere(tenant);
    await tenant.put('after', { size: (STORE_MIB / 2) * MIB });
    await expectAllThere(tenant);
  });

  test('lets captures wait and recordings be played, and works again once there is space', async () => {
    const tenant = await newTenant(system);
    await tenant.put('before');
    await expectAllThere(tenant);
    const ballast = await fill(system.mediaDir);

    await expect(tenant.put('refused')).rejects.toMatchObject(refused);
    await tenant.capture('waiting');
    const { logFile } = system.services['media-encryptor'];
    await until('the capture was tried', async () =>
      (await readFile(logFile, 'utf8')).split('\n').some((line) => isFailedTry(line, tenant.id)),
    );
    expect(await tenant.decrypt('before')).toHaveLength(tenant.acknowledged.get('before') ?? 0);

    await rm(ballast);
    await tenant.put('refused');
    await expectAllThere(tenant);
  });
});

const isFailedTry = (line: string, tenantId: string): boolean =>
  line.includes('STORE_FULL') && line.includes(`captures.${tenantId}.`);

/** Takes every block that is left. Resolves to the file that does. */
async function fill(folder: string): Promise<string> {
  const path = join(folder, '.ballast');
  await using file = await open(path, 'wx');
  for (;;) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail === 0) return path;
    await file.write(Buffer.alloc(Math.min(bavail * bsize, MIB))).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
  }
}
