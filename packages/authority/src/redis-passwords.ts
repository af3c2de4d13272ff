import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The users of deploy/redis/users.acl. */
export const REDIS_USERS = ['crypto-server', 'metadata-processor', 'console', 'operator'] as const;

export type RedisUser = (typeof REDIS_USERS)[number];

/** Where the password of each user is. */
export type RedisPasswordFiles = Readonly<Record<RedisUser, string>>;

/**
 * Makes a random password for each user of Redis that has none in `dir` yet: `redis-<user>.password`, a line of 43
 * letters, for its owner only. Any number of processes may do this at once: the first one's password stays.
 */
export async function ensureRedisPasswords(dir: string): Promise<RedisPasswordFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = REDIS_USERS.map((user) => [user, join(dir, `redis-${user}.password`)] as const);
  await Promise.all(files.map(([, file]) => ensurePassword(file)));
  return Object.fromEntries(files) as Record<RedisUser, string>;
}

async function ensurePassword(file: string): Promise<void> {
  const beside = `${file}.${process.pid}-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(beside, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
    // A link never replaces what is there, and is never seen half-written.
    await link(beside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(beside, { force: true });
  }
}

/** Without the line break at its end. */
export async function readRedisPassword(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  return bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : undefined);
}
