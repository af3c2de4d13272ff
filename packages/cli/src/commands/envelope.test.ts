import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run } = files;
const content = randomBytes(600_000);
const SUITES = ['pkcs7', 'cms'] as const;

beforeAll(async () => {
  await Promise.all(['one', 'two'].map((name) => files.createOwner(name)));
  for (const suite of SUITES) {
    await files.seal(`${suite}.json`, ['one'], [{ ciphertext: `${suite}.enc`, content, suite }]);
    await files.seal(
      `${suite}-double.json`,
      ['one', 'two'],
      [{ ciphertext: `${suite}-double.enc`, content, suite }],
    );
  }
  await files.seal(
    'several.json',
    ['one'],
    [
      { ciphertext: 'sound.enc', content, mediaId: 'sound' },
      { ciphertext: 'screen.enc', content: content.subarray(7), mediaId: 'screen', suite: 'cms' },
    ],
  );
});

describe('envelope verify', () => {
  test('reads everything and gives out nothing', async () => {
    const before = readdirSync(files.path);
    const { code, json } = await run('envelope', 'verify', 'several.json', '--key', 'one.key', '--json');
    expect(code).toBe(0);
    expect(json()).toEqual([
      {
        file: at('several.json'),
        ok: true,
        media: ['sound', 'screen'].map((media, n) => ({
          media,
          ok: true,
          bytes: 600_000 - 7 * n,
          verified: 'segment tags',
          verification: 'verified by its segment tags',
        })),
      },
    ]);
    expect(readdirSync(files.path)).toEqual(before);
  });

  test('goes on after a damaged media file', async () => {
    await files.seal(
      'hurt/recording.json',
      ['one'],
      [
        { ciphertext: 'a.enc', content, mediaId: 'a' },
        { ciphertext: 'b.enc', content, mediaId: 'b', suite: 'cms' },
        { ciphertext: 'c.enc', content, mediaId: 'c' },
      ],
    );
    files.damage('hurt/a.enc', 'hurt/a.enc', 300_000);
    rmSync(at('hurt/c.enc'));
    const args = ['envelope', 'verify', 'hurt/recording.json', '--key', 'one.key'];
    const { code, text } = await run(...args);
    expect(code).toBe(1);
    expect(text).toMatch(/a: NOT WHOLE: .*\n {2}fix: .*\nb: whole, 600 kB, .*\nc: NOT WHOLE: .*no such file/);
    const [shown] = (await run(...args, '--json')).json();
    expect(shown).toMatchObject({
      ok: false,
      media: [{ code: 'DECRYPTION_FAILED' }, { ok: true }, { ok: false }],
    });
    expect((await run(...args, '--media', 'b')).code).toBe(0);
  });

  test('tells a wrong checksum from damaged media', async () => {
    const manifest = files.read('pkcs7.json').toString();
    files.write(
      'sum.json',
      manifest.replace(/"checksum": "gmac0:./, (sum) => sum.slice(0, -1) + (sum.endsWith('0') ? '1' : '0')),
    );
    const { code, text } = await run('envelope', 'verify', 'sum.json', '--key', 'one.key');
    expect(code).toBe(1);
    expect(text).toContain('The media is whole');
  });

  test('with a certificate that is none of the recipients is refused', async () => {
    const args = ['envelope', 'verify', 'pkcs7.json', '--key', 'two.key', '--cert', 'two.crt'];
    expect(await run(...args)).toMatchObject({
      code: 1,
      text: '',
      stderr: expect.stringContaining('CN=one'),
    });
  });
});

describe.each(SUITES)('envelope splice of suite %s', (suite) => {
  const opened = (file: string): Buffer =>
    files.openssl('cms', '-decrypt', '-binary', '-inform', 'DER', '-in', file, '-inkey', 'one.key');

  test('makes a file of manifest and ciphertext that OpenSSL opens', async () => {
    const out = `${suite}.p7m`;
    const { code, json } = await run('envelope', 'splice', `${suite}.json`, '--out', out, '--json');
    expect(code).toBe(0);
    expect(json()).toEqual([{ file: at(out), bytes: files.read(out).length }]);
    expect(opened(out).equals(content)).toBe(true);
    expect(await run('envelope', 'splice', out, '--out', 'again.p7m')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unsplice'),
    });
  });

  test('makes one of a detached envelope and ciphertext, and takes it apart again', async () => {
    const out = `${suite}-detached.p7m`;
    expect(
      (await run('envelope', 'splice', `${suite}.pem`, '--content', `${suite}.enc`, '--out', out)).code,
    ).toBe(0);
    expect(opened(out).equals(content)).toBe(true);

    expect((await run('envelope', 'unsplice', out, '--out', `${suite}-apart`)).code).toBe(0);
    expect(files.read(`${suite}-apart/content.enc`).equals(files.read(`${suite}.enc`))).toBe(true);
    expect(files.read(`${suite}-apart/envelope.pem`).equals(files.read(`${suite}.pem`))).toBe(true);
    expect((await run('envelope', 'unsplice', out, '--out', `${suite}-apart`)).code).toBe(1);
  });

  test('refuses a ciphertext that is not the one of the manifest', async () => {
    files.damage(`${suite}.enc`, 'damaged.enc', 300_000);
    const args = ['envelope', 'splice', `${suite}.json`, '--content', 'damaged.enc', '--out', 'damaged.p7m'];
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('not the one that the manifest describes');
    expect(readdirSync(files.path)).not.toContain('damaged.p7m');
  });
});

test('envelope unsplice wants a place for each of the two', async () => {
  await run('envelope', 'splice', 'cms.json', '--out', 'two.p7m');
  for (const places of [
    [],
    ['--envelope', 'x'],
    ['--envelope', 'x', '--content', 'x'],
    ['--out', 'y', '--content', 'x'],
  ])
    expect(await run('envelope', 'unsplice', 'two.p7m', ...places)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out'),
    });
  expect(await run('envelope', 'unsplice', 'cms.pem', '--out', 'y')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('without its ciphertext'),
  });
});

describe('envelope inspect', () => {
  test('shows a manifest', async () => {
    const [shown] = (await run('envelope', 'inspect', 'cms-double.json', '--json')).json();
    expect(shown).toMatchObject({
      kind: 'manifest',
      recordingId: 'call-1',
      attributes: { agent: '7' },
      media: [
        {
          plaintextSize: 600_000,
          ciphertextSize: 600_000,
          segments: 3,
          verified: 'segment tags',
          envelope: {
            suite: 'cms',
            contentEncryption: 'AES-256-GCM',
            recipients: [
              { keyBits: 2048, keyEncryption: 'RSAES-OAEP with SHA-256', isSupported: true },
              { issuer: expect.stringMatching(/^CN=(one|two)$/) },
            ],
          },
        },
      ],
    });
    const { text } = await run('envelope', 'inspect', 'several.json');
    expect(text).toContain('3 segments');
    expect(text).toContain('sealtrack envelope open several.json --media screen --key KEY.pem --out OUT');
  });

  test('shows an envelope, and its ciphertext when that is given', async () => {
    const args = ['envelope', 'inspect', 'pkcs7.pem', '--json'];
    const [shown] = (await run(...args)).json();
    expect(shown).toMatchObject({
      kind: 'envelope',
      isDetached: true,
      ciphertextSize: null,
      envelope: { suite: 'pkcs7', attachedContent: null },
    });
    const [withContent] = (await run(...args, '--content', 'pkcs7.enc')).json();
    expect(withContent).toMatchObject({ ciphertextSize: 600_000 + 16 - (600_000 % 16), plaintextSize: null });
  });

  test('says what is wrong with what is neither', async () => {
    files.write('other.json', '{"format":"something else"}');
    files.write('noise', randomBytes(100));
    files.write('empty', '');
    expect((await run('envelope', 'inspect', 'other.json')).stderr).toContain('manifest is not usable');
    expect(await run('envelope', 'inspect', 'noise')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('fix:'),
    });
    expect(await run('envelope', 'inspect', 'empty')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('empty'),
    });
  });
});
