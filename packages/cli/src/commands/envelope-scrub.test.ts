import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run } = files;
const content = randomBytes(600_000);

const seal = (folder: string, ...ciphertexts: string[]) =>
  files.seal(
    `${folder}/recording.json`,
    ['keys/one'],
    ciphertexts.map((ciphertext, n) => ({
      ciphertext,
      content,
      mediaId: `m${n}`,
      suite: n % 2 === 0 ? ('pkcs7' as const) : ('cms' as const),
    })),
  );

const replaced = (text: string, at: number, by: string): string =>
  text.slice(0, at) + by + text.slice(at + 1);

beforeAll(async () => {
  await files.createOwner('keys/one');
  // The shape of a media store, with the encryptor's marks and a draft in it.
  for (const name of ['a', 'b', 'c'])
    await seal(`store/recordings/demo/0${name}/${name}`, 'main.1.enc', 'screen.1.enc');
  files.write('store/attempts/5f.json', '{"ciphertextName":"main.2.enc"}');
  files.write('store/recordings/demo/0a/a/.creating-5f', 'a draft');
  files.write('store/recordings/demo/0a/a/notes.json', 'not even JSON');
});

describe('envelope scrub', () => {
  test('finds nothing in a store where nothing is wrong', async () => {
    const { code, text } = await run('envelope', 'scrub', 'store');
    expect(code).toBe(0);
    expect(text).toMatch(/^3 recordings, 3.6 MB of ciphertext read: 0 damaged\n$/);
    const lines = (await run('envelope', 'scrub', 'store', '--json')).json();
    expect(lines).toHaveLength(4);
    expect(lines[0]).toEqual({
      manifest: at('store/recordings/demo/0a/a/recording.json'),
      recordingId: 'call-1',
      tenantId: 'demo',
      ok: true,
      bytes: 1_200_000 + 16 - (600_000 % 16),
      problems: [],
    });
    expect(lines[3]).toMatchObject({ summary: { recordings: 3, damaged: 0, problems: 0, warnings: 0 } });
  });

  test('names every damaged recording on a line of its own, and goes on', async () => {
    const folders = ['turned', 'short', 'long', 'missing', 'rotten', 'envelope', 'mac', 'well'];
    for (const name of folders) await seal(`hurt/${name}`, 'main.enc', 'screen.enc');
    files.damage('hurt/turned/main.enc', 'hurt/turned/main.enc', 599_000);
    truncateSync(at('hurt/short/screen.enc'), 1000);
    truncateSync(at('hurt/long/main.enc'), 700_000);
    rmSync(at('hurt/missing/main.enc'));
    rmSync(at('hurt/missing/screen.enc'));
    files.write('hurt/rotten/recording.json', Buffer.alloc(4096));
    const manifest = files.read('hurt/envelope/recording.json').toString();
    files.write('hurt/envelope/recording.json', manifest.replace(/(BEGIN PKCS7-----\\n)..../, '$1AAAA'));

    const { code, text } = await run('envelope', 'scrub', 'hurt');
    expect(code).toBe(1);
    const lines = text.trimEnd().split('\n');
    expect(lines.slice(0, -2)).toEqual([
      expect.stringMatching(/^DAMAGED: call-1 in hurt\/envelope\/recording.json: .*; m0: .*envelope/),
      expect.stringMatching(
        /^DAMAGED: .*hurt\/long.*: m0: hurt\/long\/main.enc has 700000 bytes, and should have 600016$/,
      ),
      expect.stringMatching(
        /^DAMAGED: .*m0: hurt\/missing\/main.enc is missing; m1: hurt\/missing\/screen.enc is missing$/,
      ),
      expect.stringMatching(/^DAMAGED: hurt\/rotten\/recording.json: .*manifest is not usable/),
      expect.stringMatching(
        /^DAMAGED: .*: m1: hurt\/short\/screen.enc has 1000 bytes, and should have 600000$/,
      ),
      expect.stringMatching(
        /^DAMAGED: .*: m0: hurt\/turned\/main.enc has another checksum than in its manifest$/,
      ),
    ]);
    expect(lines.at(-2)).toMatch(/^8 recordings, .* 6 damaged$/);
    expect(lines.at(-1)).toMatch(/^fix: /);

    const objects = (await run('envelope', 'scrub', 'hurt', '--json')).json();
    expect(objects).toHaveLength(9);
    expect(objects.at(-1)).toMatchObject({ summary: { recordings: 8, damaged: 6, warnings: 0 } });
    expect(objects.filter((each) => (each as { ok?: boolean }).ok === false)).toHaveLength(6);
  });

  test('takes manifests of any name', async () => {
    await files.seal('named/call-7.json', ['keys/one'], [{ ciphertext: 'call-7.bin', content }]);
    expect((await run('envelope', 'scrub', 'named')).text).toContain('1 recording,');
    expect((await run('envelope', 'scrub', 'named/call-7.json')).code).toBe(0);
    files.write('named/call-8.json', '{"no": "manifest"}');
    expect((await run('envelope', 'scrub', 'named')).code).toBe(0);
    const told = await run('envelope', 'scrub', 'named/call-7.json', 'named/call-8.json');
    expect(told).toMatchObject({ code: 1, text: expect.stringContaining('DAMAGED: named/call-8.json') });
  });

  test('warns of media without manifest, in clear too, and of links that it does not follow', async () => {
    await seal('left/one', 'main.enc');
    files.write('left/one/main.old.enc', 'an attempt that was given up');
    files.write('left/one/main.old.clear', 'one in clear');
    mkdirSync(at('left/elsewhere'));
    symlinkSync(at('left'), at('left/one/back'));
    const { code, text } = await run('envelope', 'scrub', 'left');
    expect(code).toBe(0);
    for (const name of ['main.old.enc', 'main.old.clear'])
      expect(text).toContain(`warning: left/one/${name} is media that no manifest`);
    expect(text).toContain('warning: left/one/back is a link');
    expect(text).toContain('3 warnings');
  });

  test('does not take an empty disk for a healthy one', async () => {
    mkdirSync(at('unmounted'));
    const { code, text } = await run('envelope', 'scrub', 'unmounted', 'store');
    expect(code).toBe(1);
    expect(text).toContain('PROBLEM: unmounted has no recording in it');
    expect(text).toContain('3 recordings');
    expect(await run('envelope', 'scrub', 'nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nowhere cannot be read'),
    });
  });

  // The superuser may read everything.
  test.skipIf(process.getuid?.() === 0)('names what may not be read', async () => {
    await seal('locked/one', 'main.enc');
    await seal('locked/two', 'main.enc');
    chmodSync(at('locked/one/main.enc'), 0o000);
    chmodSync(at('locked/two'), 0o000);
    const { code, text } = await run('envelope', 'scrub', 'locked');
    chmodSync(at('locked/two'), 0o700);
    expect(code).toBe(1);
    expect(text).toContain('main.enc may not be read');
    expect(text).toContain('PROBLEM: locked/two may not be read');
  });

  test('names a ciphertext that is no file', async () => {
    await seal('folder/one', 'main.enc');
    rmSync(at('folder/one/main.enc'));
    mkdirSync(at('folder/one/main.enc'));
    expect((await run('envelope', 'scrub', 'folder')).text).toContain('main.enc cannot be read');
  });

  test('finds an envelope of another suite than its manifest says', async () => {
    const { media } = await seal('mixed', 'main.enc');
    const manifest = JSON.parse(files.read('mixed/recording.json').toString());
    Object.assign(manifest.media[0], { suite: 'cms', plaintextSize: media[0]?.ciphertextSize });
    files.write('mixed/recording.json', JSON.stringify(manifest));
    const { code, text } = await run('envelope', 'scrub', 'mixed');
    expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('is of suite pkcs7') });
  });

  test('finds a bit that turned in a manifest, where the JSON and the ciphertext are as well as ever', async () => {
    await seal('bit/one', 'main.enc', 'screen.enc');
    const written = files.read('bit/one/recording.json').toString();
    const fields = ['envelopeMac": "', 'tags": "', 'manifestChecksum": "gmac0:', 'agent": "'];
    for (const field of fields) {
      const at = written.indexOf(field) + field.length;
      files.write('bit/one/recording.json', replaced(written, at, written[at] === '5' ? '4' : '5'));
      const { code, text } = await run('envelope', 'scrub', 'bit');
      expect({ code, text }).toMatchObject({
        code: 1,
        text: expect.stringContaining('not as it was written'),
      });
    }
    files.write('bit/one/recording.json', written);
    expect((await run('envelope', 'scrub', 'bit')).code).toBe(0);
    const rewrapped = ['--key', 'keys/one.key', '--to', 'keys/one.crt', '--out', 'bit/one/recording.json'];
    await run('envelope', 'rewrap', 'bit/one/recording.json', ...rewrapped, '--force');
    expect((await run('envelope', 'scrub', 'bit')).code).toBe(0);
  });

  test('does not wait at a pipe that somebody left in the store', async () => {
    await seal('pipes/one', 'main.enc');
    execFileSync('mkfifo', [at('pipes/one/other.json')]);
    const { code, text } = await run('envelope', 'scrub', 'pipes');
    expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('other.json is a pipe') });
  });
});
