import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID, type StubServices, startStubServices } from '../testing/stub-services.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
let services: StubServices;

beforeAll(async () => {
  services = await startStubServices();
  const { certificatePem, certificateDer, privateKeyPem } = await createSelfSigned({ commonName: 'test' });
  writeFileSync(at('cert.pem'), certificatePem);
  writeFileSync(at('cert.der'), certificateDer);
  writeFileSync(at('key.pem'), privateKeyPem);
  writeFileSync(at('both.pem'), Buffer.concat([privateKeyPem, Buffer.from(certificatePem)]));
  writeFileSync(at('password'), 'correct horse\r\n');
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await folder.remove();
});

const run = (...args: string[]) => cli(args, { env: services.env });
const importWith = async (args: string[], env: Record<string, string> = {}) => {
  const result = await cli(['certificates', 'import', ...args], { env: { ...services.env, ...env } });
  return { ...result, request: services.imported.at(-1) };
};
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe('certificates import', () => {
  test('sends certificate, key, alias and tenant, and says the id and what comes next', async () => {
    const given = ['--cert', at('cert.pem'), '--key', at('key.pem'), '--alias', 'sales', '--tenant', 'acme'];
    const { code, text: out, stderr, request } = await importWith(given);
    expect(code).toBe(0);
    expect(request).toMatchObject({ tenantId: 'acme', alias: 'sales' });
    expect(text(request?.privateKey)).toBe(readFileSync(at('key.pem'), 'utf8'));
    expect(text(request?.certificate).trim()).toBe(readFileSync(at('cert.pem'), 'utf8').trim());
    expect(out).toContain(CERTIFICATE_ID);
    expect(out).toContain('profiles assign <profile> 3fa9c1d2');
    expect(stderr).toBe('warning: It expires soon\n');
  });

  test('takes DER, which OpenSSL reads the same certificate from', async () => {
    const { request } = await importWith(['--cert', at('cert.der'), '--key', at('key.pem')]);
    const der = execFileSync('openssl', ['x509', '-outform', 'DER'], { input: request?.certificate });
    expect(der.equals(readFileSync(at('cert.der')))).toBe(true);
  });

  test('takes both from one file, and never sends the key as part of the certificate', async () => {
    const { code, request } = await importWith(['--cert', at('both.pem')]);
    expect(code).toBe(0);
    expect(text(request?.certificate)).not.toContain('PRIVATE KEY');
    expect(text(request?.privateKey).trim()).toBe(readFileSync(at('key.pem'), 'utf8').trim());
  });

  test('says when there is no key', async () => {
    const { code, stderr } = await importWith(['--cert', at('cert.pem')]);
    expect(code).toBe(2);
    expect(stderr).toContain('--key');
  });

  test('takes the password from a file without its line break, or from the environment', async () => {
    const args = ['--cert', at('cert.pem'), '--key', at('key.pem')];
    const fromFile = await importWith([...args, '--password-file', at('password')]);
    expect(text(fromFile.request?.password)).toBe('correct horse');
    const fromEnv = await importWith(args, { SEALTRACK_KEY_PASSWORD: 'pässword' });
    expect(text(fromEnv.request?.password)).toBe('pässword');
    expect(fromEnv.text + fromEnv.stderr).not.toContain('pässword');
  });

  test('--json is the certificate and the warnings', async () => {
    const { json } = await importWith(['--cert', at('both.pem'), '--json']);
    expect(json()).toEqual([
      expect.objectContaining({
        certificateId: CERTIFICATE_ID,
        keyBits: 3072,
        warnings: ['It expires soon'],
      }),
    ]);
  });
});

describe('profiles', () => {
  test('are created, assigned by prefix or alias, and listed', async () => {
    expect((await run('profiles', 'list')).text).toContain('No profiles yet');
    expect((await run('profiles', 'create', '101', '--name', 'Sales')).text).toContain('no certificate yet');
    expect((await run('profiles', 'list')).text).toContain('its recordings are refused');
    expect((await run('profiles', 'assign', '101', '3fa9c1d2')).code).toBe(0);
    expect((await run('profiles', 'assign', '101', 'sales')).code).toBe(0);
    expect((await run('profiles', 'list')).text).toContain('3fa9c1d2 (sales)');
    expect((await run('profiles', 'list', '--json')).json()).toEqual([
      expect.objectContaining({
        profileId: '101',
        revision: 1,
        certificates: [expect.objectContaining({ certificateId: CERTIFICATE_ID })],
      }),
    ]);
  });

  test("that do not exist are the service's error, exit code 1", async () => {
    const { code, stderr } = await run('profiles', 'assign', '999', CERTIFICATE_ID);
    expect(code).toBe(1);
    expect(stderr).toBe('error: There is no IVR profile 999\nfix: Create it.\n');
  });
});

test('certificates list is a table, and one object a line', async () => {
  expect((await run('certificates', 'list')).text).toMatch(
    /^CERTIFICATE +ALIAS .*\n3fa9c1d200000000 +sales +3072 .* held\n$/,
  );
  expect((await run('certificates', 'list', '--json')).json()).toEqual([
    expect.objectContaining({ certificateId: CERTIFICATE_ID, hasPrivateKey: true }),
  ]);
});

describe('doctor', () => {
  test('is not content with a service that runs and cannot look anything up', async () => {
    const about = async () => {
      const findings = (await run('doctor', '--json')).json() as { what: string; state: string }[];
      return (name: string) => findings.find(({ what }) => what === name);
    };
    const well = await about();
    for (const name of ['media-encryptor', 'metadata-processor', 'crypto-server', 'profile-config'])
      expect(well(name)).toMatchObject({ state: 'ok' });
    services.storesAway = true;
    const ill = await about();
    services.storesAway = false;
    const facts = expect.stringContaining('The index cannot be reached');
    expect(ill('metadata-processor')).toMatchObject({ state: 'problem', facts, fix: 'Check Redis.' });
    expect(ill('crypto-server')).toMatchObject({ state: 'ok' });
  });
});
