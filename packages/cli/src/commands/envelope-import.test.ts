import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { parseManifest } from '@sealtrack/envelope/manifest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run } = files;
const content = randomBytes(600_000);
const facts = ['--recording-id', 'call-7', '--profile', '101', '--started-at', '2026-03-01T15:05:00+01:00'];

/** Envelope and ciphertext, as OpenSSL encrypts and Genesys keeps them: NAME.pem and NAME.wav.enc. */
async function encrypt(
  name: string,
  options: readonly string[],
  recipients: readonly string[],
): Promise<void> {
  const to = recipients.flatMap((each) => ['-recip', `${each}.crt`]);
  const made = ['-in', 'content', '-outform', 'DER', '-out', `${name}.p7m`];
  files.openssl('cms', '-encrypt', '-binary', ...made, ...options, ...to);
  await run(
    'envelope',
    'unsplice',
    `${name}.p7m`,
    '--envelope',
    `${name}.pem`,
    '--content',
    `${name}.wav.enc`,
  );
}

const importing = (name: string, ...args: string[]) =>
  run('envelope', 'import', `${name}.pem`, '--content', `${name}.wav.enc`, ...facts, ...args);

beforeAll(async () => {
  await Promise.all(['keys/one', 'keys/two'].map((name) => files.createOwner(name)));
  files.write('content', content);
  files.write('alone/one.key', files.read('keys/one.key'));
  await encrypt('call', ['-aes256'], ['keys/one', 'keys/two']);
  await encrypt('single', ['-aes256'], ['keys/one']);
});

const idOf = (name: string): string => parseCertificate(files.read(`keys/${name}.crt`)).certificateId;

describe('envelope import', () => {
  test('makes a manifest with tags beside a ciphertext that stays as it is', async () => {
    const [envelope, ciphertext] = [files.read('call.pem'), files.read('call.wav.enc')];
    const certificates = ['--cert', 'keys/one.crt', '--cert', 'keys/two.crt'];
    const more = [
      '--attribute',
      'b=2',
      '--attribute',
      'a=1',
      '--tenant',
      'acme',
      '--out',
      'call.json',
      '--json',
    ];
    const { code, json, stderr } = await importing('call', '--key', 'keys/two.key', ...certificates, ...more);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(json()).toMatchObject([
      {
        file: at('call.json'),
        suite: 'pkcs7',
        plaintextSize: 600_000,
        verified: 'padding',
        unnamedRecipients: [],
      },
    ]);
    expect(files.read('call.wav.enc').equals(ciphertext)).toBe(true);
    expect(files.read('call.pem').equals(envelope)).toBe(true);

    const manifest = parseManifest(files.read('call.json'));
    expect(manifest).toMatchObject({
      tenantId: 'acme',
      recordingId: 'call-7',
      startedAt: '2026-03-01T14:05:00.000Z',
      attributes: { a: '1', b: '2' },
      media: [
        {
          mediaId: 'main',
          contentType: 'audio/wav',
          ciphertext: 'call.wav.enc',
          certificateIds: [idOf('one'), idOf('two')],
        },
      ],
    });
    const verified = await run('envelope', 'verify', 'call.json', '--key', 'keys/one.key', '--json');
    expect(verified.json()).toMatchObject([{ ok: true, media: [{ verified: 'segment tags' }] }]);
    expect((await run('envelope', 'scrub', 'call.json')).code).toBe(0);
    const opened = await run('envelope', 'open', 'call.json', '--key', 'keys/one.key', '--out', '-');
    expect(opened.stdout.equals(content)).toBe(true);

    // From now on, damage shows: the same bit before the import would only have changed two blocks of sound.
    files.damage('call.wav.enc', 'hurt.enc', 300_000);
    const hurt = ['open', 'call.json', '--content', 'hurt.enc', '--key', 'keys/one.key', '--out', '-'];
    expect((await run('envelope', ...hurt)).code).toBe(1);
  });

  test('names the recipients whose certificates it finds, and says which it cannot name', async () => {
    const { code, text, stderr } = await importing('call', '--key', 'keys/one.key', '--out', 'found.json');
    expect(code).toBe(0);
    expect(stderr).toContain('certificate found beside the key: one.crt');
    expect(text).toContain('CN=two');
    expect(text).not.toContain('CN=one');
    expect(parseManifest(files.read('found.json')).media[0]?.certificateIds).toEqual([idOf('one')]);
  });

  test('of one recipient finds its certificate beside the key', async () => {
    const { code } = await importing('single', '--key', 'keys/one.key', '--out', 'single.json');
    expect(code).toBe(0);
    expect(parseManifest(files.read('single.json')).media[0]?.certificateIds).toEqual([idOf('one')]);
  });

  test('takes what is of suite cms once it was re-wrapped', async () => {
    await encrypt('gcm', ['-aes-256-gcm'], ['keys/one']);
    const refused = await importing('gcm', '--key', 'keys/one.key', '--out', 'gcm.json');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('sealtrack envelope rewrap') });
    const rewrap = ['gcm.pem', '--content', 'gcm.wav.enc', '--key', 'keys/one.key', '--to', 'keys/one.crt'];
    expect((await run('envelope', 'rewrap', ...rewrap, '--out', 'gcm.pem', '--force')).code).toBe(0);
    const { code, json } = await importing('gcm', '--key', 'keys/one.key', '--out', 'gcm.json', '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject([{ suite: 'cms', verified: 'GCM tag' }]);
    expect((await run('envelope', 'verify', 'gcm.json', '--key', 'keys/one.key')).code).toBe(0);
  });
});

describe('envelope import refuses, and writes nothing:', () => {
  test.each([
    [
      'a manifest away from its ciphertext',
      ['--out', 'keys/recording.json'],
      2,
      /folder of its ciphertext.*--out \/.*\/recording.json/s,
    ],
    [
      'the ciphertext as its own manifest',
      ['--out', 'single.wav.enc', '--force'],
      2,
      /replace the ciphertext/,
    ],
    ['a file that is there', ['--out', 'content'], 1, /--force/],
    [
      'a certificate that is no recipient',
      ['--out', 'x.json', '--cert', 'keys/two.crt'],
      1,
      /not encrypted to this certificate/,
    ],
    ['what no manifest can hold', ['--out', 'x.json', '--content-type', 'x'.repeat(300)], 2, /contentType/],
    ['an id that is none', ['--out', 'x.json', '--recording-id', '../up'], 2, /fix:/],
    ['a time without its offset', ['--out', 'x.json', '--started-at', '2026-03-01T15:05:00'], 2, /offset/],
  ] as const)('%s', async (_, args, exitCode, why) => {
    const before = readdirSync(files.path, { recursive: true }).sort();
    const refused = await importing('single', '--key', 'keys/one.key', ...args);
    expect(refused.stderr).toMatch(why);
    expect(refused.code).toBe(exitCode);
    expect(readdirSync(files.path, { recursive: true }).sort()).toEqual(before);
  });

  test('what has no certificate that a manifest could name', async () => {
    files.write('apart/single.pem', files.read('single.pem'));
    files.write('apart/single.wav.enc', files.read('single.wav.enc'));
    const refused = await importing(
      'apart/single',
      '--key',
      'alone/one.key',
      '--out',
      'apart/recording.json',
    );
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/--cert.*CN=one/) });
  });

  test('other ciphers, with the way round', async () => {
    await encrypt('des', ['-des3'], ['keys/one']);
    const refused = await importing('des', '--key', 'keys/one.key', '--out', 'des.json');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('sealtrack recordings put') });
  });

  test('a whole file, and a manifest', async () => {
    const args = ['--content', 'single.wav.enc', '--key', 'keys/one.key', ...facts, '--out', 'x.json'];
    const whole = await run('envelope', 'import', 'single.p7m', ...args);
    expect(whole).toMatchObject({ code: 2, stderr: expect.stringContaining('unsplice') });
    await files.seal('ours.json', ['keys/one'], [{ ciphertext: 'ours.enc', content }]);
    const manifest = await run('envelope', 'import', 'ours.json', ...args);
    expect(manifest).toMatchObject({ code: 2, stderr: expect.stringContaining('manifest already') });
  });

  test('a ciphertext of another name than a manifest may have', async () => {
    files.write('the call.enc', files.read('single.wav.enc'));
    const args = ['--content', 'the call.enc', '--key', 'keys/one.key', ...facts, '--out', 'x.json'];
    const refused = await run('envelope', 'import', 'single.pem', ...args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Rename') });
  });
});
