import { randomBytes } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { describe, expect, test } from 'vitest';
import { createKeyProvider } from './key-provider.ts';
import { createUnsealKeyFile, parseUnsealKey, readUnsealKeyFile } from './unseal-key.ts';

const keyText = () => Buffer.from(randomBytes(32).toString('base64url'));
const newKey = () => parseUnsealKey(keyText(), 'a test');

describe('a change of the unseal key', () => {
  const [old, next, other] = [newKey(), newKey(), newKey()];
  const root = randomBytes(32);

  test('opens what lies under the previous key, and asks for it to be wrapped anew', async () => {
    const wrapped = await createKeyProvider({ current: old }).wrap(root);
    const both = createKeyProvider({ current: next, previous: old });
    expect((await both.unwrap(wrapped)).equals(root)).toBe(true);
    expect(both.isCurrent(wrapped)).toBe(false);
    const anew = await both.wrap(root);
    expect(both.isCurrent(anew)).toBe(true);
    expect((await createKeyProvider({ current: next }).unwrap(anew)).equals(root)).toBe(true);
  });

  test('says which key is missing', async () => {
    const wrapped = await createKeyProvider({ current: old }).wrap(root);
    const wrong = createKeyProvider({ current: next, previous: other }).unwrap(wrapped);
    await expect(wrong).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
      message: expect.stringContaining(next.id),
      fix: expect.stringContaining(old.id),
    });
  });
});

describe('an unseal key', () => {
  test('is read from its file, which only its owner may read', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'unseal.key');
    await createUnsealKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const key = await readUnsealKeyFile(path);
    expect(key.key.export().toString('base64url')).toBe((await readFile(path, 'utf8')).trimEnd());
    expect((await readUnsealKeyFile(path)).id).toBe(key.id);
    await expect(createUnsealKeyFile(path)).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });

    await chmod(path, 0o640);
    await expect(readUnsealKeyFile(path)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      fix: expect.stringContaining(`chmod 600 ${path}`),
    });
    await expect(readUnsealKeyFile(`${path}.missing`)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test.each(['', '\n', '\r\n'])('may end in %j', (end) => {
    const text = keyText();
    const key = parseUnsealKey(Buffer.concat([text, Buffer.from(end)]), 'a test');
    expect(key.key.export().toString('base64url')).toBe(text.toString());
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each([
    '',
    'c2VjcmV0',
    `${'A'.repeat(42)}B`, // Bits left over that are not zero.
    'A'.repeat(44),
    `${'A'.repeat(43)}=`,
    `${'A'.repeat(43)}\n\n`,
    ` ${'A'.repeat(43)}`,
    `${'A'.repeat(42)}+`,
    'A'.repeat(900),
  ])('is not %j', async (text) => {
    const refused = { code: 'CONFIG_INVALID', fix: expect.stringMatching(/\w/) };
    const read = () => parseUnsealKey(Buffer.from(text), 'SEALTRACK_TEST');
    expect(read).toThrow(expect.objectContaining(refused));
    expect(read).toThrow('SEALTRACK_TEST');
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'unseal.key');
    await writeFile(path, text, { mode: 0o600 });
    await expect(readUnsealKeyFile(path)).rejects.toMatchObject(refused);
  });

  test('is not shown', () => {
    const text = keyText();
    const key = parseUnsealKey(text, 'a test');
    const shown = inspect(
      { key, provider: createKeyProvider({ current: key }) },
      { depth: 9, showHidden: true },
    );
    expect(shown + JSON.stringify(key)).not.toContain(text.toString());
    expect(shown).not.toContain(key.key.export().toString('hex'));
  });
});
