import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Interrupted } from '../io.ts';
import { cli } from '../testing/run-cli.ts';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run } = files;
const content = randomBytes(600_000);
const SUITES = ['pkcs7', 'cms'] as const;

beforeAll(async () => {
  await Promise.all(['one', 'two', 'keys/lonely'].map((name) => files.createOwner(name)));
  for (const suite of SUITES) {
    await files.seal(`${suite}.json`, ['one'], [{ ciphertext: `${suite}.enc`, content, suite }]);
    await files.seal(
      `${suite}-double.json`,
      ['one', 'two'],
      [{ ciphertext: `${suite}-double.enc`, content, suite }],
    );
    await files.seal(
      `${suite}-away.json`,
      ['one', 'keys/lonely'],
      [{ ciphertext: `${suite}-away.enc`, content, suite }],
    );
  }
  rmSync(at('keys/lonely.crt'));
  await files.seal(
    'several.json',
    ['one'],
    [
      { ciphertext: 'sound.enc', content, mediaId: 'sound' },
      { ciphertext: 'screen.enc', content: content.subarray(7), mediaId: 'screen', suite: 'cms' },
    ],
  );
});

describe.each(SUITES)('envelope open of suite %s', (suite) => {
  test('decrypts with the key in hand', async () => {
    const opened = await run(
      'envelope',
      'open',
      `${suite}.json`,
      '--key',
      'one.key',
      '--out',
      `${suite}.wav`,
    );
    expect(opened).toMatchObject({ code: 0, stderr: '' });
    expect(opened.text).toContain('verified by its segment tags');
    expect(files.read(`${suite}.wav`).equals(content)).toBe(true);
  });

  test('into standard output, and says on standard error what was verified', async () => {
    const args = ['envelope', 'open', `${suite}.json`, '--key', 'one.key', '--out', '-'];
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(0);
    expect(stdout.equals(content)).toBe(true);
    expect(stderr).toContain('verified by its segment tags');
    const asJson = await run(...args, '--json');
    expect(asJson.stdout.equals(content)).toBe(true);
    expect(JSON.parse(asJson.stderr)).toMatchObject({ bytes: 600_000, verified: 'segment tags' });
  });

  test('of several recipients finds the certificate beside the key, and says so', async () => {
    const args = ['envelope', 'open', `${suite}-double.json`, '--key', 'two.key', '--out', '-'];
    const { stderr, stdout } = await run(...args);
    expect(stderr).toContain('certificate found beside the key: two.crt');
    expect(stdout.equals(content)).toBe(true);
    expect((await run(...args, '--cert', 'two.crt')).stdout.equals(content)).toBe(true);
    expect(await run(...args, '--cert', 'one.crt')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not the one of the certificate'),
    });
  });

  test('of several recipients wants to know which, and tries none', async () => {
    const args = ['envelope', 'open', `${suite}-away.json`, '--key', 'keys/lonely.key', '--out', '-'];
    const { code, stderr, stdout } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--cert.*CN=(one|lonely), serial number .*CN=(one|lonely), serial number/);
    expect(stdout.length).toBe(0);
  });

  test.each([
    ['the wrong key', [`${suite}.json`, '--key', 'two.key']],
    [
      'a ciphertext with more behind it',
      [`${suite}.json`, '--key', 'one.key', '--content', `${suite}-long.enc`],
    ],
    [
      'a ciphertext that is too short',
      [`${suite}.json`, '--key', 'one.key', '--content', `${suite}-short.enc`],
    ],
    ['the wrong ciphertext', [`${suite}.json`, '--key', 'one.key', '--content', `${suite}-double.enc`]],
  ])('with %s writes nothing', async (_, args) => {
    files.write(`${suite}-long.enc`, Buffer.concat([files.read(`${suite}.enc`), Buffer.alloc(16)]));
    files.write(`${suite}-short.enc`, files.read(`${suite}.enc`).subarray(0, -16));
    const before = readdirSync(files.path);
    const { code, stderr } = await run('envelope', 'open', ...args, '--out', 'wrong.wav');
    expect(code).toBe(1);
    expect((await run('envelope', 'verify', ...args)).code).toBe(1);
    expect(stderr).toContain('does not match its envelope');
    expect(stderr).toContain('envelope scrub');
    expect(readdirSync(files.path)).toEqual(before);
  });
});

describe('envelope open', () => {
  test('takes the key with a password', async () => {
    const args = ['-in', 'one.key', '-aes256', '-passout', 'pass:secret', '-out', 'locked.key'];
    files.openssl('pkey', ...args);
    files.write('password', 'secret\n');
    const opened = ['envelope', 'open', 'pkcs7.json', '--key', 'locked.key', '--out', '-'];
    expect((await run(...opened, '--password-file', 'password')).stdout.equals(content)).toBe(true);
    const { code, stderr } = await run(...opened);
    expect(code).toBe(1);
    expect(stderr).toContain('--password-file');
  });

  test('takes the key out of a PKCS#12 file, and its certificate to find the recipient by', async () => {
    files.openssl(
      ...['pkcs12', '-export', '-inkey', 'one.key', '-in', 'one.crt'],
      ...['-passout', 'pass:secret', '-out', 'elsewhere.pfx'],
    );
    files.write('elsewhere/one.pfx', files.read('elsewhere.pfx'));
    files.write('password', 'secret\n');
    const opened = ['envelope', 'open', 'pkcs7-double.json', '--key', 'elsewhere/one.pfx', '--out', '-'];
    const { stdout, stderr } = await run(...opened, '--password-file', 'password');
    expect(stdout.equals(content)).toBe(true);
    expect(stderr).toContain('certificate found in the key file');
  });

  test('names the file after the recording, and replaces none unless told', async () => {
    const args = ['envelope', 'open', 'pkcs7.json', '--key', 'one.key'];
    expect(await run(...args)).toMatchObject({ code: 0, text: expect.stringContaining('call-1.wav') });
    expect(files.read('call-1.wav').equals(content)).toBe(true);
    expect(await run(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect((await run(...args, '--force')).code).toBe(0);
  });

  test('that is interrupted leaves nothing behind', async () => {
    const before = readdirSync(files.path);
    const signal = AbortSignal.abort(new Interrupted('Stopped by SIGINT', 130));
    const args = ['envelope', 'open', 'pkcs7.json', '--key', 'one.key', '--out', 'half.wav'];
    expect(await cli(args, { cwd: files.path, signal })).toMatchObject({ code: 130, text: '', stderr: '' });
    expect(readdirSync(files.path)).toEqual(before);
  });

  test('nor does unsplice that is interrupted', async () => {
    await run('envelope', 'splice', 'pkcs7.json', '--out', 'to-stop.p7m');
    const before = readdirSync(files.path);
    const signal = AbortSignal.abort(new Interrupted('Stopped by SIGINT', 130));
    const args = ['to-stop.p7m', '--envelope', 'half.pem', '--content', 'half.enc'];
    const stopped = await cli(['envelope', 'unsplice', ...args], { cwd: files.path, signal });
    expect(stopped).toMatchObject({ code: 130, text: '', stderr: '' });
    expect(readdirSync(files.path)).toEqual(before);
  });

  test('of several media files wants to know which', async () => {
    const args = ['envelope', 'open', 'several.json', '--key', 'one.key', '--out', '-'];
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('sound, screen') });
    const { stdout } = await run(...args, '--media', 'screen');
    expect(stdout.equals(content.subarray(7))).toBe(true);
  });

  test('says what is missing', async () => {
    const open = (...args: string[]) => run('envelope', 'open', ...args, '--key', 'one.key', '--out', '-');
    expect(await open('pkcs7.pem')).toMatchObject({ code: 2, stderr: expect.stringContaining('--content') });
    expect(await open('none.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no such file'),
    });
    expect(await open('/dev/null')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Save it as a file'),
    });
  });
});
