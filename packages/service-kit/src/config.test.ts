import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, describe, expect, test } from 'vitest';
import { type Environment, optionalSecretSetting, parseConfig, secretSetting, setting } from './config.ts';
import { hostAndPort, urlOf, urlsOf, wholeNumber, wholeNumbers } from './config-types.ts';

const dir = mkdtempSync(join(tmpdir(), 'sealtrack-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const tree = {
  listen: setting('SEALTRACK_LISTEN', hostAndPort.default('127.0.0.1:0'), 'where to listen'),
  nats: { url: setting('SEALTRACK_NATS_URL', urlOf(['nats', 'tls']), 'where NATS is') },
  pauses: setting('SEALTRACK_PAUSES', wholeNumbers(1, 1_000, 3).default([500]), 'pauses in milliseconds'),
  workers: setting('SEALTRACK_WORKERS', wholeNumber(1, 64).optional(), 'how many workers'),
  password: secretSetting('SEALTRACK_PASSWORD', 'the password of NATS'),
};
const good = { SEALTRACK_NATS_URL: 'nats://127.0.0.1:4222', SEALTRACK_PASSWORD: 'hunter2' };

function problems(env: Environment): Readonly<Record<string, string>> {
  try {
    parseConfig(tree, env);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID') return error.details;
    throw error;
  }
  return {};
}

test('a tree of values, frozen to its leaves', () => {
  const config = parseConfig(tree, { ...good, SEALTRACK_WORKERS: '8', PATH: '/bin' });
  expect(config).toMatchObject({ listen: '127.0.0.1:0', nats: { url: 'nats://127.0.0.1:4222' }, workers: 8 });
  expect(Object.isFrozen(config) && Object.isFrozen(config.nats)).toBe(true);
  expect(config.password.use((bytes) => bytes.toString())).toBe('hunter2');
});

test('a variable set to nothing counts as one that is not set', () => {
  const config = parseConfig(tree, { ...good, SEALTRACK_LISTEN: '', SEALTRACK_WORKERS: '' });
  expect(config.listen).toBe('127.0.0.1:0');
  expect(config.workers).toBeUndefined();
});

test.each([
  ['nats://a:4222', true],
  ['nats://a:4222,nats://b:4222, tls://c', true],
  ['nats://a:4222,b:4222', false],
  ['nats://a:4222,', false],
  ['http://a', false],
])('%s as the members of a cluster: %s', (urls, isRight) => {
  expect(urlsOf(['nats', 'tls']).safeParse(urls).success).toBe(isRight);
});

test('every problem at once', () => {
  expect(
    Object.keys(problems({ SEALTRACK_LISTEN: 'here', SEALTRACK_WORKERS: '0', SEALTRACK_LISTNE: 'x' })).sort(),
  ).toEqual([
    'SEALTRACK_LISTEN',
    'SEALTRACK_LISTNE',
    'SEALTRACK_NATS_URL',
    'SEALTRACK_PASSWORD',
    'SEALTRACK_WORKERS',
  ]);
});

test('a malformed value is never shown: it may hold a password', () => {
  const found = problems({ ...good, SEALTRACK_NATS_URL: 'http://admin:hunter3@nats' });
  expect(found.SEALTRACK_NATS_URL).toContain('nats://');
  expect(JSON.stringify(found)).not.toContain('hunter3');
});

test('what other programs of the repository read is no mistake', () => {
  expect(problems({ ...good, SEALTRACK_TENANT: 'demo', SEALTRACK_REDIS_URL: 'redis://x' })).toEqual({});
});

test.each(['127.0.0.1:65536', '127.0.0.1', ':7001', 'a b:1', '127.0.0.1:x'])('%s is no address', (text) => {
  expect(problems({ ...good, SEALTRACK_LISTEN: text })).toHaveProperty('SEALTRACK_LISTEN');
});

test.each(['0.0.0.0:7001', '[::1]:0', 'ingest.local:65535'])('%s is an address', (text) => {
  expect(problems({ ...good, SEALTRACK_LISTEN: text })).toEqual({});
});

test('a list of numbers, or its default', () => {
  expect(parseConfig(tree, good).pauses).toEqual([500]);
  expect(parseConfig(tree, { ...good, SEALTRACK_PAUSES: '1,20,1000' }).pauses).toEqual([1, 20, 1_000]);
});

test.each(['0', '1001', '1,,2', '1, 2', '1,2,3,4', 'soon'])('%s is no such list', (text) => {
  expect(problems({ ...good, SEALTRACK_PAUSES: text })).toHaveProperty('SEALTRACK_PAUSES');
});

describe('a secret', () => {
  const { SEALTRACK_PASSWORD: _, ...without } = good;

  test.each([
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2\n\n', 'hunter2\n'],
    ['', ''],
  ])('from the file %j is %j', (content, secret) => {
    const file = join(dir, 'password');
    writeFileSync(file, content, { mode: 0o600 });
    const { password } = parseConfig(tree, { ...without, SEALTRACK_PASSWORD_FILE: file });
    expect(password.use((bytes) => bytes.toString())).toBe(secret);
  });

  test('given twice, or in a file that is not there, is refused', () => {
    expect(problems({ ...good, SEALTRACK_PASSWORD_FILE: '/x' }).SEALTRACK_PASSWORD).toContain('keep one');
    const missing = problems({ ...without, SEALTRACK_PASSWORD_FILE: join(dir, 'none') });
    expect(missing.SEALTRACK_PASSWORD).toContain('ENOENT');
  });

  test('in a file that is open to others is refused, and one that is read-only is not', () => {
    const file = join(dir, 'open');
    writeFileSync(file, 'hunter2');
    for (const mode of [0o640, 0o604, 0o660, 0o666, 0o644, 0o601]) {
      chmodSync(file, mode);
      const open = problems({ ...without, SEALTRACK_PASSWORD_FILE: file });
      expect(open.SEALTRACK_PASSWORD, mode.toString(8)).toContain(`chmod 600 ${file}`);
    }
    chmodSync(file, 0o400);
    expect(problems({ ...without, SEALTRACK_PASSWORD_FILE: file })).toEqual({});
  });

  test('that is needed is missed, and one that may be missing is not', () => {
    expect(problems(without).SEALTRACK_PASSWORD).toContain('SEALTRACK_PASSWORD_FILE');
    const optional = { key: optionalSecretSetting('SEALTRACK_KEY', 'a key') };
    expect(parseConfig(optional, {}).key).toBeUndefined();
    expect(parseConfig(optional, { SEALTRACK_KEY: '', SEALTRACK_KEY_FILE: '' }).key).toBeUndefined();
    expect(parseConfig(optional, { SEALTRACK_KEY: 'k' }).key?.use(String)).toBe('k');
    const file = join(dir, 'key');
    writeFileSync(file, 'from a file\n', { mode: 0o600 });
    expect(parseConfig(optional, { SEALTRACK_KEY_FILE: file }).key?.use(String)).toBe('from a file');
    expect(() => parseConfig(optional, { SEALTRACK_KEY: 'k', SEALTRACK_KEY_FILE: file })).toThrow(AppError);
    expect(() => parseConfig(optional, { SEALTRACK_KEY_FILE: join(dir, 'none') })).toThrow(AppError);
  });
});
