import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { describe, expect, test } from 'vitest';
import { createKekFile, loadKekFile } from './kek-file.ts';

async function inFolder(use: (path: string, folder: string) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  await use(join(folder.path, 'kek.json'), folder.path);
}

const keyText = () => randomBytes(32).toString('base64url');

describe('a new key file', () => {
  test('holds one key of 256 bits, for its owner only, and nothing is left beside it', () =>
    inFolder(async (path, folder) => {
      await createKekFile(path);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['kek.json']);
      const keks = await loadKekFile(path);
      expect(keks.current.number).toBe(1);
      expect(keks.current.key.symmetricKeySize).toBe(32);
      expect(keks.get(1)).toBe(keks.current);
      expect(keks.get(2)).toBeUndefined();
    }));

  test('never replaces one', () =>
    inFolder(async (path, folder) => {
      await createKekFile(path);
      const before = await readFile(path);
      const refused = { code: 'OBJECT_EXISTS', fix: expect.any(String) };
      await expect(createKekFile(path)).rejects.toMatchObject(refused);
      expect((await readFile(path)).equals(before)).toBe(true);
      expect(await readdir(folder)).toEqual(['kek.json']);
    }));

  test('needs a folder', () =>
    inFolder(async (path) => {
      const missing = join(path, 'missing', 'kek.json');
      await expect(createKekFile(missing)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }));
});

describe('a key file', () => {
  test.each([0o640, 0o604, 0o660, 0o666, 0o644])('with mode %o is refused, with the line to run', (mode) =>
    inFolder(async (path) => {
      await createKekFile(path);
      await chmod(path, mode);
      const refused = { code: 'CONFIG_INVALID', fix: expect.stringContaining(`chmod 600 ${path}`) };
      await expect(loadKekFile(path)).rejects.toMatchObject(refused);
    }),
  );

  test('may be read-only, and behind a link', () =>
    inFolder(async (path, folder) => {
      await createKekFile(path);
      await chmod(path, 0o400);
      await symlink('kek.json', join(folder, 'link'));
      expect((await loadKekFile(join(folder, 'link'))).current.number).toBe(1);
    }));

  test('holds several keys, one of which is current', () =>
    inFolder(async (path) => {
      const keys = { 1: keyText(), 2: keyText(), 7: keyText() };
      await writeFile(path, JSON.stringify({ current: 2, keys }), { mode: 0o600 });
      const keks = await loadKekFile(path);
      expect(keks.current.number).toBe(2);
      expect(keks.get(7)?.key.export().toString('base64url')).toBe(keys[7]);
    }));

  test.each([
    ['nothing', ''],
    ['no JSON', '{"current": 1, "keys": {"1": "c2VjcmV0LXRleHQ'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no keys', '{"current":1,"keys":{}}'],
    ['no current key', JSON.stringify({ current: 2, keys: { 1: keyText() } })],
    ['a field too many', JSON.stringify({ current: 1, keys: { 1: keyText() }, old: 1 })],
    ['a key that is too short', JSON.stringify({ current: 1, keys: { 1: 'c2VjcmV0LXRleHQ' } })],
    [
      'a key in base64',
      JSON.stringify({ current: 1, keys: { 1: Buffer.alloc(32, 255).toString('base64') } }),
    ],
    ['a number that is none', JSON.stringify({ current: 1, keys: { '01': keyText() } })],
  ])('with %s is refused without showing what is in it', (_, content) =>
    inFolder(async (path) => {
      await writeFile(path, content, { mode: 0o600 });
      const error: unknown = await loadKekFile(path).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', fix: expect.any(String) });
      expect(inspect(error, { depth: 9 })).not.toContain('c2VjcmV0');
    }),
  );

  test('that is missing, or a folder, is refused', () =>
    inFolder(async (path, folder) => {
      await expect(loadKekFile(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      await expect(loadKekFile(folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }));

  test('shows no key when it is printed or serialised', () =>
    inFolder(async (path) => {
      await createKekFile(path);
      const keks = await loadKekFile(path);
      const key = keks.current.key.export();
      const shown = inspect(keks, { depth: 9, showHidden: true }) + inspect(keks.current, { depth: 9 });
      for (const text of [shown, JSON.stringify(keks), JSON.stringify(keks.current), String(keks)]) {
        expect(text).not.toContain(key.toString('base64url'));
        expect(text).not.toContain(key.toString('hex'));
      }
      expect(shown).toContain('Keks { current: 1, numbers: 1 }');
    }));
});
