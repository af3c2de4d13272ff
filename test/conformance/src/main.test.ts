import { execFile } from 'node:child_process';
import { createCipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Summary, Verdict } from './verdict.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealtrack-conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Finished {
  readonly code: number;
  readonly verdicts: readonly Verdict[];
  readonly summary: Summary | undefined;
  readonly stderr: string;
}

function conformance(...args: string[]): Promise<Finished> {
  const main = join(import.meta.dirname, 'main.ts');
  // npm's, and from where it says `npm test` was called.
  const { INIT_CWD: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { cwd: folder, env },
      (_error, stdout, stderr) => {
        const lines = stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line));
        resolve({ code: child.exitCode ?? -1, verdicts: lines.slice(0, -1), summary: lines.at(-1), stderr });
      },
    );
  });
}

const hex = (bytes: Buffer) => bytes.toString('hex');

/** One right case and one with a damaged MAC, of which the vectors say what they are told to. */
function gcmFile(name: string, ofDamaged: 'valid' | 'invalid', numberOfTests = 2): string {
  const [key, iv, msg] = [randomBytes(32), randomBytes(12), randomBytes(100)];
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
  const ct = Buffer.concat([cipher.update(msg), cipher.final()]);
  const tag = cipher.getAuthTag();
  const about = { key: hex(key), iv: hex(iv), aad: '', msg: hex(msg), ct: hex(ct), flags: [] };
  const right = { ...about, tcId: 1, comment: 'right', tag: hex(tag), result: 'valid' };
  tag.writeUInt8(tag.readUInt8(0) ^ 1, 0);
  const damaged = { ...about, tcId: 2, comment: 'damaged', tag: hex(tag), result: ofDamaged };
  const testGroups = [{ type: 'AeadTest', keySize: 256, ivSize: 96, tagSize: 128, tests: [right, damaged] }];
  writeFileSync(join(folder, name), JSON.stringify({ algorithm: 'AES-GCM', numberOfTests, testGroups }));
  return name;
}

test('a line for every case and a summary; 0 when all came out as they should', async () => {
  const { code, verdicts, summary } = await conformance('wycheproof', gcmFile('small_test.json', 'invalid'));
  expect(verdicts).toMatchObject([
    { id: 'small/1', expected: 'valid', got: 'valid', reason: 'right' },
    { id: 'small/2', expected: 'invalid', got: 'invalid', reason: 'damaged: DECRYPTION_FAILED' },
  ]);
  expect(verdicts.every(({ ms }) => ms >= 0)).toBe(true);
  expect(summary).toMatchObject({ summary: 'wycheproof', cases: 2, passed: 2, failed: 0, notApplicable: 0 });
  expect(code).toBe(0);
});

test('1 when one did not', async () => {
  const { code, verdicts, summary } = await conformance('wycheproof', gcmFile('wrong_test.json', 'valid'));
  expect(verdicts[1]).toMatchObject({ expected: 'valid', got: 'invalid' });
  expect(summary).toMatchObject({ cases: 2, passed: 1, failed: 1 });
  expect(code).toBe(1);
});

test.each([
  ['nothing', []],
  ['a kind that there is not', ['vectors', 'file.json']],
  ['no file', ['wycheproof']],
  ['a file that is not there', ['wycheproof', 'missing.json']],
  ['a key file that is not there', ['pfx', 'missing.p12']],
  ['a password that is not there', ['pfx', 'key.p12', '--password']],
])('2 for %s, and why on standard error', async (_, args) => {
  const { code, verdicts, stderr } = await conformance(...args);
  expect(verdicts).toEqual([]);
  expect(stderr).not.toBe('');
  expect(code).toBe(2);
});

test('a key file is opened with the password, wherever that stands', async () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const passphrase = '-secret';
  const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  writeFileSync(join(folder, 'key.pem'), pem, { mode: 0o600 });
  for (const args of [
    ['key.pem', '--password', passphrase],
    [`--password=${passphrase}`, 'key.pem'],
  ]) {
    const { code, verdicts, summary } = await conformance('pfx', ...args);
    expect(verdicts).toMatchObject([{ id: 'key.pem', expected: 'valid', got: 'valid' }]);
    expect(summary).toMatchObject({ summary: 'pfx', cases: 1, passed: 1, failed: 0 });
    expect(code).toBe(0);
  }
  const wrong = await conformance('pfx', 'key.pem', '--password', 'wrong');
  expect(wrong.verdicts).toMatchObject([{ got: 'invalid', reason: expect.stringContaining('password') }]);
  expect(wrong.code).toBe(1);
});

test('2 for a file that has fewer cases than it says, and for an algorithm that nothing here has', async () => {
  const cut = await conformance('wycheproof', gcmFile('cut_test.json', 'invalid', 3));
  expect(cut.stderr).toContain('has 2 of its 3 cases');
  expect(cut.code).toBe(2);
  writeFileSync(
    join(folder, 'eax.json'),
    JSON.stringify({ algorithm: 'AES-EAX', numberOfTests: 1, testGroups: [{ tests: [{}] }] }),
  );
  const unknown = await conformance('wycheproof', 'eax.json');
  expect(unknown.stderr).toContain('AES-EAX');
  expect(unknown.code).toBe(2);
});
