import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXCEPTIONS } from '../exceptions.ts';
import { vectorsFolder } from '../vectors-folder.ts';
import { outcomeOf } from '../verdict.ts';
import { runPfx } from './run-pfx.ts';

const folder = vectorsFolder('pfx');

describe.skipIf(folder === undefined)('PKCS#12 files from elsewhere', () => {
  const files = ['firefox.p12', 'windows-tdes-sha1.pfx'];
  const verdictsWith = (password?: string) =>
    Array.fromAsync(
      runPfx(
        files.map((file) => join(folder ?? '', file)),
        password,
      ),
    );

  test('open with their password, and give key and certificate', async () => {
    const verdicts = await verdictsWith('password');
    expect(verdicts.map(({ id, got }) => [id, got])).toEqual(files.map((file) => [file, 'valid']));
    for (const verdict of verdicts) {
      expect(outcomeOf(verdict, EXCEPTIONS)).toBe('passed');
      expect(verdict.reason).toContain('2048 bits of CN=Valid EE Certificate Test1');
    }
  });

  test.each([
    ['a wrong one', 'Password', /^PRIVATE_KEY_PASSWORD_WRONG: .*password/],
    ['none', undefined, /^PRIVATE_KEY_PASSWORD_MISSING: .*password/],
  ])('stay shut with %s, and say why', async (_name, password, reason) => {
    for (const verdict of await verdictsWith(password)) {
      expect(verdict).toMatchObject({ got: 'invalid', reason: expect.stringMatching(reason) });
      expect(outcomeOf(verdict, EXCEPTIONS)).toBe('failed');
    }
  });
});
