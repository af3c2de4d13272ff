import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID } from '../testing/stub-certificates.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';
import { atTerminal, hasTerminals } from '../testing/terminal.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const openssl = (...args: string[]): Buffer =>
  execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' });
let services: StubServices;
let certificate = '';

beforeAll(async () => {
  services = await startStubServices();
  const { certificatePem, certificateDer, privateKeyPem } = await createSelfSigned({ commonName: 'test' });
  const above = await createSelfSigned({ commonName: 'above' });
  certificate = certificatePem;
  writeFileSync(at('cert.pem'), certificatePem);
  writeFileSync(at('utf16.pem'), `\ufeff${certificatePem}`, 'utf16le');
  writeFileSync(at('empty'), '');
  writeFileSync(at('cert.der'), certificateDer);
  writeFileSync(at('above.pem'), above.certificatePem);
  writeFileSync(at('key.pem'), privateKeyPem);
  writeFileSync(at('both.pem'), Buffer.concat([privateKeyPem, Buffer.from(certificatePem)]));
  const mixed = `bag attributes\n${certificatePem}\n${privateKeyPem}\nmore\n${above.certificatePem}`;
  writeFileSync(at('chain.pem'), mixed);
  writeFileSync(at('password'), 'correct horse\r\n');
  openssl('pkey', '-in', 'key.pem', '-outform', 'DER', '-out', 'key.der');
  openssl('pkcs8', '-topk8', '-in', 'key.pem', '-passout', 'pass:x', '-out', 'encrypted.pem');
  openssl('pkcs12', '-export', '-inkey', 'key.pem', '-in', 'cert.pem', '-passout', 'pass:x', '-out', 'a.pfx');
  const p7b = ['crl2pkcs7', '-nocrl', '-certfile', 'cert.pem', '-certfile', 'above.pem'];
  openssl(...p7b, '-out', 'p7b.pem');
  openssl(...p7b, '-outform', 'DER', '-out', 'p7b.der');
});
afterEach(() => {
  services.certificates.keyPassword = '';
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await folder.remove();
});

const importWith = async (
  args: readonly string[],
  { env = {}, typed }: { readonly env?: Record<string, string>; readonly typed?: string } = {},
) => {
  services.certificates.imported.length = 0;
  const options = { env: { ...services.env, ...env }, ...(typed === undefined ? {} : { typed }) };
  const result = await cli(['certificates', 'import', ...args], options);
  return { ...result, request: services.certificates.imported.at(-1) };
};
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const certificates = (bytes: Uint8Array | undefined): number =>
  text(bytes).split('BEGIN CERTIFICATE').length - 1;

describe('certificates import', () => {
  test('sends certificate, key, alias and tenant, and says the id and what comes next', async () => {
    const given = ['--cert', at('cert.pem'), '--key', at('key.pem'), '--alias', 'sales', '--tenant', 'acme'];
    const { code, text: out, stderr, request } = await importWith(given);
    expect(code).toBe(0);
    expect(request).toMatchObject({ tenantId: 'acme', alias: 'sales', dryRun: false, decryptOnly: false });
    expect(text(request?.privateKey)).toBe(readFileSync(at('key.pem'), 'utf8'));
    expect(text(request?.certificate).trim()).toBe(readFileSync(at('cert.pem'), 'utf8').trim());
    expect(out).toContain(CERTIFICATE_ID);
    expect(out).toContain('profiles assign <profile> 3fa9c1d2');
    expect(stderr).toBe('warning: It expires soon\n');
  });

  test('sends the whole chain, and never the key as part of it', async () => {
    const { code, request } = await importWith(['--cert', at('chain.pem')]);
    expect(code).toBe(0);
    expect(certificates(request?.certificate)).toBe(2);
    expect(text(request?.certificate)).not.toContain('PRIVATE KEY');
    expect(text(request?.privateKey).trim()).toBe(readFileSync(at('key.pem'), 'utf8').trim());
    const chain = at('sent.pem');
    writeFileSync(chain, request?.certificate ?? '');
    expect(openssl('crl2pkcs7', '-nocrl', '-certfile', chain).toString()).toContain('BEGIN PKCS7');
  });

  test.each(['cert.der', 'p7b.der'])('sends %s as it is', async (name) => {
    const { request } = await importWith(['--cert', at(name), '--key', at('key.der')]);
    expect(request?.certificate.equals(readFileSync(at(name)))).toBe(true);
    expect(request?.privateKey.equals(readFileSync(at('key.der')))).toBe(true);
  });

  test('takes PKCS#7 in PEM', async () => {
    const { request } = await importWith(['--cert', at('p7b.pem'), '--key', at('key.pem')]);
    expect(text(request?.certificate).trim()).toBe(readFileSync(at('p7b.pem'), 'utf8').trim());
  });

  test('takes PKCS#12, which has both, and its password', async () => {
    const { request } = await importWith(['--pfx', at('a.pfx'), '--password-file', at('password')]);
    expect(request?.privateKey.equals(readFileSync(at('a.pfx')))).toBe(true);
    expect(request?.certificate.length).toBe(0);
    expect(text(request?.password)).toBe('correct horse');
  });

  test.each([
    ['key.der', 'a private key'],
    ['key.pem', 'a private key'],
    ['encrypted.pem', 'an encrypted private key'],
    ['a.pfx', 'an encrypted PKCS#12'],
    ['password', 'nothing in PEM or DER'],
  ])('never sends %s as a certificate, and says that it is %s', async (name, what) => {
    const { code, stderr, request } = await importWith(['--cert', at(name)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`The file holds ${what}`);
    expect(request).toBeUndefined();
  });

  test('does not take an empty file for a key that was not given', async () => {
    const { code, stderr, request } = await importWith(['--cert', at('cert.pem'), '--key', at('empty')]);
    expect(code).toBe(1);
    expect(stderr).toContain('nothing at all');
    expect(request).toBeUndefined();
  });

  test('takes the text that Windows writes with two bytes a character', async () => {
    const { code, request } = await importWith(['--cert', at('utf16.pem')]);
    expect(code).toBe(0);
    expect(text(request?.certificate).replaceAll(/\s/g, '')).toBe(certificate.replaceAll(/\s/g, ''));
  });

  test('sends no key where there is none: the crypto server may hold it', async () => {
    const { code, request } = await importWith(['--cert', at('cert.pem')]);
    expect(code).toBe(0);
    expect(request?.privateKey.length).toBe(0);
  });

  test.each([
    [[], '--pfx'],
    [['--key', 'k'], '--cert'],
    [['--pfx', 'p', '--key', 'k'], '--pfx alone'],
    [['--cert', 'c', '--pfx', 'p'], '--pfx alone'],
  ])('refuses %j', async (args, fix) => {
    const { code, stderr } = await importWith(args);
    expect(code).toBe(2);
    expect(stderr.split('\n')[1]).toContain(fix);
  });

  test('takes the password from a file without its line break, or from the environment', async () => {
    const args = ['--cert', at('cert.pem'), '--key', at('key.pem')];
    const fromFile = await importWith([...args, '--password-file', at('password')]);
    expect(text(fromFile.request?.password)).toBe('correct horse');
    const fromEnv = await importWith(args, { env: { SEALTRACK_KEY_PASSWORD: 'pässword' } });
    expect(text(fromEnv.request?.password)).toBe('pässword');
    expect(fromEnv.text + fromEnv.stderr).not.toContain('pässword');
  });

  test('a dry run shows everything, and says that nothing was stored', async () => {
    const { text: out, request } = await importWith(['--cert', at('both.pem'), '--dry-run']);
    expect(request).toMatchObject({ dryRun: true });
    const lines = out.split('\n').map((line) => line.replace(/ {2,}/, ': '));
    expect(lines[0]).toBe('Nothing was stored: this is what would be.');
    for (const line of [
      'subject name: Sales',
      'serial number: 0a1b',
      'subject: CN=Sales,O=Example',
      'issuer: CN=Example CA',
      'valid from: 2026-01-01T00:00:00Z',
      'key: RSA, 3072 bits, exponent 65537',
      `key id: ${'ab'.repeat(32)}`,
      `certificate id: ${CERTIFICATE_ID} (SHA-256)`,
      'signature: sha256WithRSAEncryption',
      'trust: private CA: its root came along with it',
      'used for: encrypting and opening recordings',
      'private key: belongs to it',
      'chain: none above it',
      'warning: It expires soon',
    ])
      expect(lines).toContain(line);
    expect(out).toMatch(/^valid until +2126-01-01T00:00:00Z \(\d+ days left\)$/m);
    expect(out).not.toContain('Imported');
  });

  test('says when it was imported before, under another name', async () => {
    services.certificates.alias = 'old name';
    const { stderr } = await importWith(['--cert', at('both.pem'), '--alias', 'new name']);
    services.certificates.alias = '';
    expect(stderr).toContain('warning: It was imported before, and goes on being called old name.');
  });

  test('--decrypt-only is sent, and no profile is suggested', async () => {
    const { text: out, request } = await importWith(['--cert', at('both.pem'), '--decrypt-only']);
    expect(request).toMatchObject({ decryptOnly: true });
    expect(out).not.toContain('profiles assign');
  });

  test('--json is the certificate, the warnings and whether it is stored', async () => {
    const { json } = await importWith(['--cert', at('both.pem'), '--json', '--dry-run']);
    expect(json()).toEqual([
      expect.objectContaining({
        certificateId: CERTIFICATE_ID,
        keyBits: 3072,
        publicExponent: '65537',
        stored: false,
        warnings: ['It expires soon'],
      }),
    ]);
  });
});

describe('a password that is missing', () => {
  test('is an error that says how to give it, where nobody can be asked', async () => {
    services.certificates.keyPassword = 'secret';
    const { code, stderr } = await importWith(['--cert', at('cert.pem'), '--key', at('key.pem')]);
    expect(code).toBe(1);
    expect(stderr).toContain('--password-file');
  });

  test('is asked for, and once more when it was wrong', async () => {
    services.certificates.keyPassword = 'secret';
    const args = ['--cert', at('cert.pem'), '--key', at('key.pem')];
    const { code, stderr, request } = await importWith(args, { typed: 'sceret\rsecret\r' });
    expect(code).toBe(0);
    expect(text(request?.password)).toBe('secret');
    expect(stderr.match(/Password of /g)?.length).toBe(2);
    expect(stderr).not.toMatch(/sceret|secret/);
  });

  test('is asked for three times at most', async () => {
    services.certificates.keyPassword = 'secret';
    const args = ['--cert', at('cert.pem'), '--key', at('key.pem')];
    const { code, stderr } = await importWith(args, { typed: 'a\rb\rc\rsecret\r' });
    expect(code).toBe(1);
    expect(stderr).toContain('The password is wrong');
  });

  test('is not asked for when the one that was given is wrong', async () => {
    services.certificates.keyPassword = 'secret';
    const args = ['--pfx', at('a.pfx'), '--password-file', at('password')];
    const { code, stderr } = await importWith(args, { typed: 'secret\r' });
    expect(code).toBe(1);
    expect(stderr).not.toContain('Password of');
  });

  test('and is not typed is an error', async () => {
    services.certificates.keyPassword = 'secret';
    const { code, stderr } = await importWith(['--pfx', at('a.pfx')], { typed: '\r' });
    expect(code).toBe(1);
    expect(stderr).toContain('--password-file');
  });

  test('is interrupted with Ctrl-C', async () => {
    services.certificates.keyPassword = 'secret';
    const { code, text: out, stderr } = await importWith(['--pfx', at('a.pfx')], { typed: 'sec\x03' });
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(stderr).not.toContain('error');
  });
});

describe.skipIf(!hasTerminals)('at a terminal', () => {
  const args = () => ['certificates', 'import', '--pfx', at('a.pfx')];

  test('the password is not shown, and the terminal shows again what is typed', async () => {
    services.certificates.keyPassword = 'correct horse';
    const typing = [{ after: 'Password of', type: 'korrect horse\r' }];
    typing.push({ after: 'Password of', type: 'correct horse\r' });
    const { screen, code } = await atTerminal(args(), typing, services.env);
    expect(code).toBe(0);
    expect(screen).toContain('Imported');
    expect(screen).not.toContain('horse');
    expect(screen).toMatch(/[^-]icanon/);
    expect(screen).toMatch(/[^-]echo /);
  });

  test('Ctrl-C ends it, and the terminal shows again what is typed', async () => {
    services.certificates.keyPassword = 'correct horse';
    const { screen, code } = await atTerminal(
      args(),
      [{ after: 'Password of', type: 'correct\x03' }],
      services.env,
    );
    expect(code).toBe(130);
    expect(screen).not.toMatch(/Imported|correct|error/);
    expect(screen).toMatch(/[^-]icanon/);
    expect(screen).toMatch(/[^-]echo /);
  });
});
