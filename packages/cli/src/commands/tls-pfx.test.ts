import { createPrivateKey } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readAnyPrivateKey } from '@sealtrack/certificates/any-private-key';
import { createWorkshop } from '@sealtrack/certificates/testing/workshop';
import { afterAll, expect, test } from 'vitest';
import { type CliOptions, cli } from '../testing/run-cli.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const EC = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const issue = (name: string, by: string, more = ''): void => {
  shop.openssl(`req -new ${EC} -keyout ${name}.key -subj /O=Example/CN=${name} -out ${name}.csr`);
  const signer = `-CA ${by}.crt -CAkey ${by}.key -CAcreateserial -days 30`;
  shop.openssl(`x509 -req -in ${name}.csr ${signer} -out ${name}.crt${more}`);
};
shop.write('ca.ext', 'basicConstraints=critical,CA:TRUE');
shop.openssl(`req -x509 ${EC} -keyout root.key -subj /CN=root -days 30 -out root.crt`);
issue('sub', 'root', ' -extfile ca.ext');
issue('nats', 'sub');
issue('stranger', 'root');
shop.openssl('crl2pkcs7 -nocrl -certfile root.crt -certfile stranger.crt -certfile sub.crt -out chain.p7b');
shop.openssl('pkcs8 -topk8 -in nats.key -passout pass:secret -out sealed.key');
shop.openssl('pkcs12 -export -in nats.crt -inkey nats.key -passout pass:secret -out locked.pfx');
shop.write('password', 'secret\n');
shop.write('long', 'a long one\n');

const pfx = (args: string, options: CliOptions = {}) =>
  cli(['tls', 'pfx', ...args.split(' ')], { cwd: shop.path, ...options });
const opened = (file: string, password = 'secret') =>
  readAnyPrivateKey(shop.read(file), Buffer.from(password));
const names = (file: string, password = 'secret'): string[] =>
  [
    ...shop
      .run('openssl', ['pkcs12', '-in', file, '-nokeys', '-passin', `pass:${password}`])
      .matchAll(/subject=.*CN = (\S+)/g),
  ].map(([, name = '']) => name);

test('tls pfx puts key, certificate and chain into a file that only its owner reads', async () => {
  const args = '--cert nats.crt --key nats.key --chain chain.p7b --out a.pfx --password-file password --json';
  const { code, json, stderr } = await pfx(args);
  expect({ code, json: json() }).toEqual({
    code: 0,
    json: [
      {
        file: join(shop.path, 'a.pfx'),
        profile: 'modern',
        name: 'nats',
        subject: 'CN=nats,O=Example',
        certificates: 3,
      },
    ],
  });
  expect(stderr).toMatch(
    /^\{"note":"Left out, for they have no part in the chain: CN=stranger,O=Example"\}\n$/,
  );
  expect(names('a.pfx')).toEqual(['nats', 'sub', 'root']);
  expect((await opened('a.pfx')).privateKey.equals(createPrivateKey(shop.read('nats.key')))).toBe(true);
  expect(statSync(join(shop.path, 'a.pfx')).mode & 0o777).toBe(0o600);
  expect((await pfx(args)).stderr).toContain('already there');

  // For an old Windows, out of the one for a new one, with another password.
  const old = await pfx(
    '--key a.pfx --out old.pfx --pfx windows-legacy --password-file password --new-password-file long --name NATS',
  );
  expect(old.text).toMatch(/^Wrote .*old\.pfx \(CN=nats,O=Example, with 2 above it\)\n$/);
  expect(old.stderr).toMatch(/3DES and SHA-1/);
  expect(names('old.pfx', 'a long one')).toEqual(['nats', 'sub', 'root']);
  const info = 'openssl pkcs12 -in old.pfx -passin file:long -nodes -info 2>&1';
  const text = shop.run('sh', ['-c', info]);
  for (const fact of ['MAC: sha1, ', 'TripleDES', 'friendlyName: NATS']) expect(text).toContain(fact);
});

test('tls pfx opens the key with one password and takes another one that is typed', async () => {
  const args = '--cert nats.crt --key sealed.key --out typed.pfx --pfx windows-legacy';
  const { code, stderr } = await pfx(args, { typed: 'secret\rgrün\rgrün\r' });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Password of .*sealed\.key: \nNew password of .*typed\.pfx: \nThe same again: \n/);
  expect(stderr).toMatch(/Who issued the last certificate in it is not there.*--chain/);
  expect(stderr).toMatch(/Java opens no file/);
  expect((await opened('typed.pfx', 'grün')).certificates).toHaveLength(1);
});

test.each([
  ['of another key', '--cert stranger.crt --key nats.key', 'None of the certificates is on this private key'],
  ['of a key without a certificate', '--key nats.key', 'no certificate in the file of the private key'],
  [
    'of two keys for a certificate',
    '--cert nats.key --key nats.key',
    'holds a private key and no certificate',
  ],
  [
    'of a PFX for a certificate',
    '--cert locked.pfx --key nats.key',
    'are encrypted with a password\nfix: If their private key is in it too, give it as --key',
  ],
  ['of a certificate for a key', '--cert nats.crt --key nats.crt', 'holds a certificate and no private key'],
  ['for a profile that there is not', '--cert nats.crt --key nats.key --pfx older', 'Allowed choices'],
])('tls pfx writes nothing %s', async (_what, args, message) => {
  const { code, stderr } = await pfx(`${args} --out none.pfx --password-file password`);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/\nfix: ./);
  expect(readdirSync(shop.path)).not.toContain('none.pfx');
});

test('tls pfx wants a password', async () => {
  const { stderr } = await pfx('--cert nats.crt --key nats.key --out none.pfx');
  expect(stderr).toMatch(/no password to encrypt .*\nfix: .*SEALTRACK_NEW_KEY_PASSWORD/);
  expect(readdirSync(shop.path)).not.toContain('none.pfx');
});
