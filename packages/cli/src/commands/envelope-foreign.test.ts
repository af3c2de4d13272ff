import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

/** Files that OpenSSL makes, and the way Genesys keeps them: no manifest, and no segment tags. */
const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run, openssl } = files;
const content = randomBytes(300_001);
const PADDING = 'no segment tags: verified only by padding';
const GCM = 'no segment tags: verified by the GCM tag';
const OAEP = ['-keyopt', 'rsa_padding_mode:oaep'];

beforeAll(async () => {
  await Promise.all(['one', 'two', 'three'].map((name) => files.createOwner(name)));
  files.write('content', content);
});

/** Makes a file to these certificates. */
function encrypt(
  out: string,
  form: string,
  options: readonly string[],
  recipients: readonly string[][],
): void {
  const to = recipients.flatMap(([name, ...more]) => ['-recip', `${name}.crt`, ...more]);
  openssl('cms', '-encrypt', '-binary', '-in', 'content', '-outform', form, '-out', out, ...options, ...to);
}

const all = (...options: string[]): string[][] => ['one', 'two', 'three'].map((name) => [name, ...options]);

describe.each([
  ['DER', 'DER', ['-aes256'], [['two']], PADDING],
  ['PEM', 'PEM', ['-aes256'], [['two']], PADDING],
  ['S/MIME', 'SMIME', ['-aes256'], [['two']], PADDING],
  ['BER of unknown length', 'DER', ['-aes256', '-stream'], all(), PADDING],
  ['BER of unknown length in PEM', 'PEM', ['-aes-128-gcm', '-stream'], all(), GCM],
  ['BER of unknown length in S/MIME', 'SMIME', ['-aes256', '-stream'], all(), PADDING],
  ['three recipients', 'DER', ['-aes256'], all(), PADDING],
  ['recipients by key identifier', 'DER', ['-aes256', '-keyid'], all(), PADDING],
  ['OAEP with SHA-1', 'DER', ['-aes-256-gcm'], all(...OAEP), GCM],
  ['OAEP with SHA-256', 'DER', ['-aes256'], all(...OAEP, '-keyopt', 'rsa_oaep_md:sha256'), PADDING],
  ['AES-128-CBC', 'DER', ['-aes128'], all(), PADDING],
  ['AES-192-CBC', 'DER', ['-aes192'], all(), PADDING],
  ['DES-EDE3-CBC', 'DER', ['-des3'], all(), PADDING],
  ['AES-192-GCM', 'DER', ['-aes-192-gcm'], all(), GCM],
  ['AES-256-GCM', 'DER', ['-aes-256-gcm'], all(), GCM],
])('a file of OpenSSL: %s', (name, form, options, recipients, verification) => {
  const file = `${name.replaceAll(/\W/g, '-')}.p7m`;
  beforeAll(() => encrypt(file, form, options, recipients));

  test('opens, and says by what it was verified', async () => {
    const { code, stdout, stderr } = await run('envelope', 'open', file, '--key', 'two.key', '--out', '-');
    expect(code).toBe(0);
    expect(stdout.equals(content)).toBe(true);
    expect(stderr).toContain(verification);
    const [verified] = (await run('envelope', 'verify', file, '--key', 'two.key', '--json')).json();
    expect(verified).toMatchObject({ ok: true, media: [{ bytes: 300_001, verification }] });
  });

  test('is shown with its recipients and sizes, and without a key', async () => {
    const [shown] = (await run('envelope', 'inspect', file, '--json')).json();
    expect(shown).toMatchObject({ kind: 'envelope', isDetached: false, verification });
    const { envelope, ciphertextSize } = shown as Shown;
    expect(envelope.recipients).toHaveLength(recipients.length);
    expect(envelope.recipients.every((each) => each.isSupported && each.keyBits === 2048)).toBe(true);
    expect(envelope.attachedContent).toBe(ciphertextSize);
    expect(ciphertextSize).toBeGreaterThanOrEqual(300_001);
  });

  test('is taken apart, and opens as envelope and ciphertext, here and with OpenSSL', async () => {
    const [envelope, ciphertext] = [`${file}.pem`, `${file}.enc`];
    const apart = await run('envelope', 'unsplice', file, '--envelope', envelope, '--content', ciphertext);
    expect(apart.code).toBe(0);
    const parts = [envelope, '--content', ciphertext, '--key', 'two.key'];
    expect((await run('envelope', 'open', ...parts, '--out', '-')).stdout.equals(content)).toBe(true);
    const keys = ['-inkey', 'two.key', '-recip', 'two.crt'];
    const opened = openssl(
      ...['cms', '-decrypt', '-binary', '-inform', 'PEM', '-in', envelope, '-content', ciphertext, ...keys],
    );
    expect(opened.equals(content)).toBe(true);

    expect((await run('envelope', 'splice', ...parts.slice(0, 3), '--out', `${file}.der`)).code).toBe(0);
    const again = openssl('cms', '-decrypt', '-binary', '-inform', 'DER', '-in', `${file}.der`, ...keys);
    expect(again.equals(content)).toBe(true);
  });
});

interface Shown {
  readonly ciphertextSize: number;
  readonly envelope: {
    readonly attachedContent: number;
    readonly recipients: readonly { readonly isSupported: boolean; readonly keyBits: number }[];
  };
}

describe('no byte comes out of', () => {
  const nothing = async (...args: string[]): Promise<string> => {
    const before = readdirSync(files.path);
    const piped = await run('envelope', 'open', ...args, '--out', '-');
    expect(piped).toMatchObject({ code: 1, text: '' });
    expect((await run('envelope', 'open', ...args, '--out', 'wrong')).code).toBe(1);
    expect(readdirSync(files.path)).toEqual(before);
    expect((await run('envelope', 'verify', ...args)).code).toBe(1);
    return piped.stderr;
  };

  test('a file with one bit turned under GCM, wherever that is', async () => {
    encrypt('gcm.p7m', 'DER', ['-aes-256-gcm'], [['one']]);
    for (const position of [-1, -17, -200_000, -300_000]) {
      files.damage('gcm.p7m', 'turned.p7m', position);
      await nothing('turned.p7m', '--key', 'one.key');
    }
  });

  test('a ciphertext that was cut short', async () => {
    encrypt('cbc.p7m', 'DER', ['-aes256'], [['one']]);
    await run('envelope', 'unsplice', 'cbc.p7m', '--envelope', 'cbc.pem', '--content', 'cbc.enc');
    files.write('short.enc', files.read('cbc.enc').subarray(0, -1));
    files.write('none.enc', '');
    files.write('short.p7m', files.read('cbc.p7m').subarray(0, -1));
    await nothing('cbc.pem', '--content', 'short.enc', '--key', 'one.key');
    await nothing('cbc.pem', '--content', 'none.enc', '--key', 'one.key');
    expect(await run('envelope', 'open', 'short.p7m', '--key', 'one.key')).toMatchObject({
      code: 1,
      text: '',
    });
  });

  test('a file with the wrong key, for which the fix says what to look at', async () => {
    // OAEP fails for certain; PKCS#1 v1.5 gives random bytes, of which padding takes one in 256 for right.
    encrypt('oaep.p7m', 'DER', ['-aes256'], [['one', ...OAEP]]);
    expect(await nothing('oaep.p7m', '--key', 'two.key')).toContain('envelope inspect');
  });
});

describe('envelope and ciphertext as Genesys keeps them', () => {
  beforeAll(async () => {
    encrypt('attached.p7m', 'DER', ['-aes256'], [['one']]);
    await run('envelope', 'unsplice', 'attached.p7m', '--envelope', 'call.pem', '--content', 'call.enc');
  });

  test('open, named after the envelope', async () => {
    const args = ['envelope', 'open', 'call.pem', '--content', 'call.enc', '--key', 'one.key', '--json'];
    const { code, json } = await run(...args);
    expect(code).toBe(0);
    expect(json()).toEqual([
      { file: at('call'), bytes: 300_001, verified: 'padding', verification: PADDING },
    ]);
    expect(files.read('call').equals(content)).toBe(true);
  });

  test.each([
    ['with lines ended by CR LF', (pem: string) => pem.replaceAll('\n', '\r\n')],
    ['with the other label', (pem: string) => pem.replaceAll('PKCS7', 'CMS')],
    ['on one line', (pem: string) => pem.replaceAll(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, '')],
    ['with spaces around', (pem: string) => `\n  ${pem}\n\n`],
  ])('open %s', async (_, change) => {
    files.write('changed.pem', change(files.read('call.pem').toString()));
    const args = ['changed.pem', '--content', 'call.enc', '--key', 'one.key', '--out', '-'];
    expect((await run('envelope', 'open', ...args)).stdout.equals(content)).toBe(true);
  });

  test('open with the envelope in DER', async () => {
    openssl('pkcs7', '-in', 'call.pem', '-outform', 'DER', '-out', 'call.der');
    const args = ['call.der', '--content', 'call.enc', '--key', 'one.key', '--out', '-'];
    expect((await run('envelope', 'open', ...args)).stdout.equals(content)).toBe(true);
  });

  test('are not taken for what they are not', async () => {
    const open = (...args: string[]) => run('envelope', 'open', ...args, '--key', 'one.key', '--out', '-');
    const attached = await open('attached.p7m', '--content', 'call.enc');
    expect(attached).toMatchObject({ code: 2, stderr: expect.stringContaining('Leave --content out') });
    const media = await open('call.pem', '--content', 'call.enc', '--media', 'main');
    expect(media).toMatchObject({ code: 2, stderr: expect.stringContaining('Leave --media out') });
  });
});

test("a recipient of another kind beside an RSA key is shown as such, and in nobody's way", async () => {
  encrypt('mixed.p7m', 'DER', ['-aes256', '-pwri_password', 'secret'], [['two']]);
  expect((await run('envelope', 'inspect', 'mixed.p7m')).text).toContain('cannot be opened here');
  files.write('alone/two.key', files.read('two.key'));
  for (const key of ['two.key', 'alone/two.key']) {
    const { stdout } = await run('envelope', 'open', 'mixed.p7m', '--key', key, '--out', '-');
    expect(stdout.equals(content)).toBe(true);
  }
});

test.each([
  ['a cipher', ['-camellia256', 'one.crt']],
  [
    'an OAEP of two hashes',
    [
      '-aes256',
      '-recip',
      'one.crt',
      ...'-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1'.split(' '),
    ],
  ],
  ['a password', ['-aes256', '-pwri_password', 'secret']],
])('%s that is not known here is said, with what opens it', async (_, options) => {
  openssl(
    'cms',
    '-encrypt',
    '-binary',
    '-in',
    'content',
    '-outform',
    'DER',
    '-out',
    'unknown.p7m',
    ...options,
  );
  const { code, stderr } = await run('envelope', 'open', 'unknown.p7m', '--key', 'one.key', '--out', '-');
  expect(code).toBe(1);
  expect(stderr).toContain('not known here');
  expect(stderr).toContain('openssl cms -decrypt');
  expect(stderr).not.toContain('manifest');
});

test('the command lines that inspect shows open a file, whatever it is called', async () => {
  const name = "it's $HOME; -- a.p7m";
  encrypt(name, 'SMIME', ['-aes256'], all());
  await run('envelope', 'unsplice', name, '--envelope', '-e.pem', '--content', 'the ciphertext');
  const bin = join(import.meta.dirname, '../../bin/sealtrack.mjs');
  const sealtrack = `sealtrack() { '${process.execPath}' '${bin}' "$@"; }`;
  const shown = [
    ...(await run('envelope', 'inspect', name, '--json')).json(),
    ...(await run('envelope', 'inspect', '--json', '--content', 'the ciphertext', '--', '-e.pem')).json(),
  ];
  const lines = shown.flatMap((each) => (each as { opensWith: string[] }).opensWith);
  expect(lines).toHaveLength(4);
  for (const [n, line] of lines.entries()) {
    const ready = line
      .replace('KEY.pem', 'two.key')
      .replace('CERT.pem', 'two.crt')
      .replace('OUT', `out-${n}`);
    execFileSync('sh', ['-c', `${sealtrack}; ${ready}`], { cwd: files.path, stdio: 'pipe' });
    expect(files.read(`out-${n}`).equals(content)).toBe(true);
  }
  const piped = `${lines[0]?.replace('KEY.pem', 'two.key').replace('CERT.pem', 'two.crt').replace('OUT', '-')}`;
  execFileSync('sh', ['-c', `${sealtrack}; ${piped} | cmp - content`], { cwd: files.path, stdio: 'pipe' });
});

test('names in a certificate do not steer the terminal', async () => {
  const subject = '/CN=\u001b[2Jred\u001b[31m/O=x';
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-utf8',
    '-subj',
    subject,
    '-keyout',
    'evil.key',
    '-out',
    'evil.crt',
  );
  encrypt('evil.p7m', 'DER', ['-aes256'], [['evil'], ['one']]);
  const { text } = await run('envelope', 'inspect', 'evil.p7m');
  expect(text).toContain('red');
  expect(text).not.toContain('\u001b');
  const { stderr } = await run('envelope', 'open', 'evil.p7m', '--key', 'three.key', '--cert', 'three.crt');
  expect(stderr).toContain('red');
  expect(stderr).not.toContain('\u001b');
});

test('a pipe is refused with what to do', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  for (const args of [
    ['open', 'pipe', '--key', 'one.key'],
    ['inspect', 'pipe'],
  ])
    expect(await run('envelope', ...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Save it as a file'),
    });
  const content = ['call.pem', '--content', 'pipe', '--key', 'one.key', '--out', '-'];
  expect(await run('envelope', 'open', ...content)).toMatchObject({ code: 2, text: '' });
});
