import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { run } = files;
const content = randomBytes(600_000);

beforeAll(async () => {
  await Promise.all(['old', 'new', 'archive'].map((name) => files.createOwner(name)));
  files.write('content', content);
  await files.seal(
    'recording.json',
    ['old'],
    [
      { ciphertext: 'sound.enc', content, mediaId: 'sound' },
      { ciphertext: 'screen.enc', content, mediaId: 'screen', suite: 'cms' },
    ],
  );
  for (const [name, cipher] of [
    ['cbc', '-aes256'],
    ['gcm', '-aes-256-gcm'],
    ['des', '-des3'],
  ] as const) {
    const to = ['-recip', 'old.crt', '-recip', 'archive.crt'];
    files.openssl(
      'cms',
      '-encrypt',
      '-binary',
      '-in',
      'content',
      cipher,
      '-outform',
      'DER',
      '-out',
      `${name}.p7m`,
      ...to,
    );
    await run('envelope', 'unsplice', `${name}.p7m`, '--envelope', `${name}.pem`, '--content', `${name}.enc`);
  }
});

const opened = async (...args: string[]): Promise<boolean> =>
  (await run('envelope', 'open', ...args, '--out', '-')).stdout.equals(content);

describe('envelope rewrap of a manifest', () => {
  test('gives all its media files to the new recipients, and changes nothing else', async () => {
    const before = ['sound.enc', 'screen.enc'].map((name) => files.read(name));
    const to = ['--to', 'new.crt', '--to', 'archive.crt', '--out', 'rewrapped.json', '--json'];
    const { code, json } = await run('envelope', 'rewrap', 'recording.json', '--key', 'old.key', ...to);
    expect(code).toBe(0);
    expect(json()).toMatchObject([{ mediaFiles: 2, recipientsBefore: 1, recipientsAfter: 2 }]);
    expect(['sound.enc', 'screen.enc'].map((name) => files.read(name))).toEqual(before);

    for (const media of ['sound', 'screen'])
      for (const name of ['new', 'archive'])
        expect(await opened('rewrapped.json', '--media', media, '--key', `${name}.key`)).toBe(true);
    const refused = await run(
      'envelope',
      'verify',
      'rewrapped.json',
      '--key',
      'old.key',
      '--cert',
      'old.crt',
    );
    expect(refused.code).toBe(1);

    const [was, is] = ['recording.json', 'rewrapped.json'].map((name) =>
      JSON.parse(files.read(name).toString()),
    );
    const others = ({ pkcs7: _, envelopeMac: __, certificateIds: ___, ...rest }: Record<string, unknown>) =>
      rest;
    const { manifestChecksum, ...same } = { ...was, media: was.media.map(others) };
    expect({ ...is, media: is.media.map(others) }).toMatchObject(same);
    const { rewrappedAt, ...rest } = is;
    expect(Object.keys(rest)).toEqual(Object.keys(was));
    expect(Date.parse(rewrappedAt)).toBeLessThanOrEqual(Date.now());
    expect(is.manifestChecksum).not.toBe(manifestChecksum);
    expect(is.media[0].envelopeMac).not.toBe(was.media[0].envelopeMac);
    expect(is.media[0].certificateIds).toHaveLength(2);
  });

  test('in its own place, when told to', async () => {
    await files.seal('own/recording.json', ['old'], [{ ciphertext: 'main.enc', content }]);
    const own = ['own/recording.json', '--key', 'old.key', '--to', 'new.crt', '--out', 'own/recording.json'];
    expect(await run('envelope', 'rewrap', ...own)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });
    // What is known of a call is nobody else's business, and the services read it as the user that they run as.
    chmodSync(files.at('own/recording.json'), 0o640);
    expect((await run('envelope', 'rewrap', ...own, '--force')).code).toBe(0);
    expect(statSync(files.at('own/recording.json')).mode & 0o777).toBe(0o640);
    expect(await opened('own/recording.json', '--key', 'new.key')).toBe(true);
  });

  test.each([
    ['the wrong key', ['--key', 'new.key', '--to', 'new.crt'], 'does not match its envelope'],
    ['the same certificate twice', ['--key', 'old.key', '--to', 'new.crt', 'new.crt'], 'given twice'],
    [
      'a key for a certificate',
      ['--key', 'old.key', '--to', 'new.key'],
      'new.key: The file holds a private key and no certificate',
    ],
  ])('with %s writes nothing', async (_, args, why) => {
    const before = readdirSync(files.path);
    const refused = await run('envelope', 'rewrap', 'recording.json', ...args, '--out', 'none.json');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(why);
    expect(readdirSync(files.path)).toEqual(before);
  });
});

describe.each(['cbc', 'gcm', 'des'])('envelope rewrap without a manifest: %s', (name) => {
  test('makes an envelope for the new recipients, in the same form', async () => {
    const out = `${name}-new.pem`;
    const args = [
      `${name}.pem`,
      '--content',
      `${name}.enc`,
      '--key',
      'old.key',
      '--to',
      'new.crt',
      '--out',
      out,
    ];
    const { code, text } = await run('envelope', 'rewrap', ...args);
    expect(code).toBe(0);
    expect(text).toContain('2 recipients before, 1 now');
    expect(files.read(out).toString()).toMatch(/^-----BEGIN (PKCS7|CMS)-----/);
    expect(await opened(out, '--content', `${name}.enc`, '--key', 'new.key')).toBe(true);
  });

  test('makes a whole file of a whole file, which OpenSSL opens', async () => {
    const out = `${name}-new.p7m`;
    const args = [`${name}.p7m`, '--key', 'old.key', '--to', 'new.crt', '--out', out];
    expect((await run('envelope', 'rewrap', ...args)).code).toBe(0);
    const decrypt = ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', out, '-inkey', 'new.key'];
    expect(files.openssl(...decrypt).equals(content)).toBe(true);
  });

  test('wants the ciphertext, and that it is whole', async () => {
    const args = [
      'envelope',
      'rewrap',
      `${name}.pem`,
      '--key',
      'old.key',
      '--to',
      'new.crt',
      '--out',
      'none.pem',
    ];
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--content') });
    files.write('short.enc', files.read(`${name}.enc`).subarray(1));
    expect((await run(...args, '--content', 'short.enc')).code).toBe(1);
    expect(readdirSync(files.path)).not.toContain('none.pem');
  });
});

test('a certificate that has expired is used, and that is said', async () => {
  const [notBefore, notAfter] = [new Date('2020-01-01'), new Date('2021-01-01')];
  const { certificatePem } = await createSelfSigned({ commonName: 'late', notBefore, notAfter });
  files.write('late.crt', certificatePem);
  const args = ['recording.json', '--key', 'old.key', '--to', 'late.crt', '--out', 'late.json'];
  const { code, stderr } = await run('envelope', 'rewrap', ...args);
  expect(code).toBe(0);
  expect(stderr).toContain('late.crt expired on 2021-01-01');
});
