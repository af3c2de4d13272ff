import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAclFile } from './redis-acl-file.ts';
import { ensureRedisPasswords, REDIS_USERS, readRedisPassword } from './redis-passwords.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');

const dir = mkdtempSync(join(tmpdir(), 'sealtrack-redis-users-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const rules = readFileSync(join(WORKSPACE, 'deploy/redis/users.acl'), 'utf8');
const secret = Buffer.from('secret');

test('a line for each user, with the hash of its password and not the password', () => {
  const text = createAclFile(rules, Object.fromEntries(REDIS_USERS.map((user) => [user, secret])));
  const lines = text.trimEnd().split('\n');
  const hash = createHash('sha256').update('secret').digest('hex');
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['default', ...REDIS_USERS]);
  expect(lines[0]).toMatch(/^user default off /);
  for (const line of lines.slice(1)) expect(line.endsWith(` #${hash}`)).toBe(true);
  expect(text).not.toContain('secret');
});

test.each([
  ['a user without a password', 'user a on +@all', {}, /without a password: a/],
  ['a password for nobody', 'user a off', { b: secret }, /has no user b/],
  ['a password among the rules', 'user a on nopass', { a: secret }, /password in the rules of a/],
  ['a password in clear among the rules', 'user a on >x', { a: secret }, /password in the rules of a/],
  ['a user twice', 'user a on\nuser a on', { a: secret }, /a twice/],
  ['rules of nobody', ' +get', {}, /rules of no user/],
  ['anything else', 'requirepass x', {}, /does not begin with "user"/],
])('%s is refused', (_, text, passwords, message) => {
  const attempt = () => createAclFile(text, passwords);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test('passwords are made once, for their owner only, by however many at once', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => ensureRedisPasswords(dir)));
  const [files] = all;
  if (files === undefined) throw new Error('none');
  const read = () =>
    Promise.all(REDIS_USERS.map(async (user) => (await readRedisPassword(files[user])).toString()));
  const passwords = await read();
  expect(new Set(passwords).size).toBe(REDIS_USERS.length);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{43}$/);
  for (const user of REDIS_USERS) expect(statSync(files[user]).mode & 0o777).toBe(0o600);
  await ensureRedisPasswords(dir);
  expect(await read()).toEqual(passwords);
});
