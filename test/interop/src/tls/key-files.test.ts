import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { type Issued, sealtrackIn } from '../testing/pki.ts';
import { hasTool, keytool, tool } from '../testing/tools.ts';

/** PFX files and converted keys, as the programs of others read them. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string): string => join(folder.path, name);
const { make } = sealtrackIn(folder.path);
const PASSWORD = 'a long password';
writeFileSync(at('password'), `${PASSWORD}\n`);
await make('create-ca', '--cn', 'Interop CA', '--key-type', 'p256');
const [rsa, ec] = await Promise.all([
  make('create-cert', '--host', 'rsa.example.com'),
  make('create-cert', '--host', 'ec.example.com', '--key-type', 'p256'),
]);

const write = async (name: string, { files }: Issued, profile: string): Promise<string> => {
  const own = ['--cert', files.certificate, '--key', files.privateKey, '--chain', 'ca_conf/ca_cert.pem'];
  await make(
    'pfx',
    ...own,
    '--out',
    name,
    '--pfx',
    profile,
    '--name',
    'interop',
    '--new-password-file',
    'password',
  );
  return at(name);
};
const FILES = await Promise.all(
  (['modern', 'windows-legacy'] as const).flatMap((profile) =>
    Object.entries({ rsa, ec }).map(async ([kind, issued]) => ({
      profile,
      kind,
      issued,
      file: await write(`${kind}-${profile}.pfx`, issued, profile),
    })),
  ),
);

const keyOf = (pem: string | Buffer) => createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' });

test.each(FILES)('PFX, $profile, $kind: openssl pkcs12', async ({ file, issued }) => {
  const said = await tool('openssl', ['pkcs12', '-in', file, '-passin', `pass:${PASSWORD}`, '-nodes']);
  expect(said.code, said.text).toBe(0);
  expect(keyOf(said.stdout)).toBe(keyOf(readFileSync(issued.files.privateKey)));
  expect(said.text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test.skipIf(!hasTool('certtool')).each(FILES)('PFX, $profile, $kind: certtool', async ({ file }) => {
  const said = await tool('certtool', ['--p12-info', '--inder', '--infile', file, '--password', PASSWORD]);
  expect(said.code, said.text).toBe(0);
  expect(said.text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test.skipIf(!hasTool('pk12util')).each(FILES)(
  'PFX, $profile, $kind: NSS (pk12util)',
  async ({ file, kind }) => {
    const said = await tool('pk12util', ['-l', file, '-W', PASSWORD]);
    expect(said.text).toContain(`CN=${kind}.example.com`);
    expect(said.text).toMatch(/Key\(shrouded\)/);
  },
);

test.skipIf(!hasTool('keytool'))('PFX of both profiles: Java (keytool) takes them over', async () => {
  const taken = await Promise.all(
    FILES.filter(({ kind }) => kind === 'ec').map(({ file, profile }) =>
      keytool(
        ...[
          '-importkeystore',
          '-noprompt',
          '-srckeystore',
          file,
          '-srcstoretype',
          'PKCS12',
          '-srcstorepass',
          PASSWORD,
        ],
        ...['-destkeystore', at(`${profile}.java`), '-deststorepass', PASSWORD],
      ),
    ),
  );
  for (const { text } of taken) expect(text).toContain('1 entries successfully imported');
});

const convert = async (
  from: string,
  to: string,
  format: string,
  ...more: readonly string[]
): Promise<string> => {
  await make('convert-key', '--in', from, '--out', to, '--out-format', format, ...more);
  return at(to);
};

test('converted keys: openssl and certtool read each, and find them whole', async () => {
  const [pkcs1, pkcs8, sealed, fromPfx] = await Promise.all([
    convert(rsa.files.privateKey, 'pkcs1.pem', 'rsa'),
    convert(rsa.files.privateKey, 'pkcs8.pem', 'pkcs8'),
    convert(rsa.files.privateKey, 'sealed.pem', 'pkcs8', '--encrypt', '--new-password-file', 'password'),
    convert('rsa-windows-legacy.pfx', 'from-pfx.pem', 'pkcs8', '--password-file', 'password'),
  ]);
  for (const [file, begins] of [
    [pkcs1, '-----BEGIN RSA PRIVATE KEY-----'],
    [pkcs8, '-----BEGIN PRIVATE KEY-----'],
    [sealed, '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
    [fromPfx, '-----BEGIN PRIVATE KEY-----'],
  ] as const) {
    expect(readFileSync(file, 'latin1').startsWith(begins)).toBe(true);
    const checked = await tool('openssl', ['pkey', '-in', file, '-passin', `pass:${PASSWORD}`, '-check']);
    expect(checked.text).toContain('Key is valid');
    expect(keyOf(checked.stdout.subarray(checked.stdout.indexOf('-----')))).toBe(
      keyOf(readFileSync(rsa.files.privateKey)),
    );
    if (!hasTool('certtool')) continue;
    const shown = await tool('certtool', ['--key-info', '--infile', file, '--password', PASSWORD]);
    expect(shown.text).toMatch(/RSA/);
  }
});
