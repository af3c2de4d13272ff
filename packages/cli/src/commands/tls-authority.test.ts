import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTIES } from '@sealtrack/authority/bootstrap';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliOptions, cli } from '../testing/run-cli.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { cwd: folder.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

interface Made {
  readonly serial: string;
  readonly files: {
    readonly certificate: string;
    readonly leaf: string;
    readonly privateKey: string;
    readonly pfx: string;
  };
}

const run = (args: readonly string[], options: CliOptions = {}) =>
  cli(['tls', ...args], { cwd: folder.path, ...options });

/** Must succeed. */
async function made(args: readonly string[], options: CliOptions = {}): Promise<Made> {
  const result = await run([...args, '--json'], options);
  expect(result.stderr).toBe('');
  expect(result.code).toBe(0);
  return result.json()[0] as Made;
}

const QUICK = ['--key-type', 'p256'];
/** Beside that, a PFX that takes no quarter of a second of deriving keys. */
const QUICK_CERT = [...QUICK, '--pfx', 'windows-legacy'];
const text = (file: string): string => openssl('x509', '-in', file, '-noout', '-text');

beforeAll(async () => {
  await made(['create-ca', '--dir', 'pki', '--cn', 'Test CA', '--o', 'Example', '--c', 'de', ...QUICK]);
});
afterAll(folder.remove);

test('an authority and a certificate have the files of the Security Pack, and only their owner reads the keys', async () => {
  const { serial, files } = await made([
    'create-cert',
    '--dir',
    'pki',
    '--host',
    'a.example.com',
    '--host',
    '10.0.0.1',
    ...QUICK,
  ]);
  expect((await readdir(at('pki/ca_conf'))).filter((name) => !name.includes('.old'))).toEqual([
    'ca.conf',
    'ca.db',
    'ca_cert.pem',
    'ca_cert.pfx',
    'ca_priv_key.pem',
    'crl.num',
    'serial.num',
  ]);
  expect(await readdir(at('pki/repository'))).toEqual(
    [
      `${serial}.pem`,
      ...['cert.pem', 'cert.pfx', 'priv_key.pem'].map((end) => `${serial}_a.example.com_${end}`),
    ].toSorted(),
  );
  for (const secret of [files.privateKey, files.pfx, at('pki/ca_conf/ca_priv_key.pem')])
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  expect(
    openssl('verify', '-x509_strict', '-CAfile', 'pki/ca_conf/ca_cert.pem', files.certificate),
  ).toContain('OK');
  expect(openssl('pkcs12', '-in', files.pfx, '-passin', 'pass:', '-nokeys')).toContain('CN = a.example.com');
  expect(openssl('pkcs12', '-in', 'pki/ca_conf/ca_cert.pfx', '-passin', 'pass:')).toContain('CN = Test CA');
  const shown = text(files.leaf);
  for (const part of [
    'DNS:a.example.com, IP Address:10.0.0.1',
    'CA:FALSE',
    'E-mail Protection',
    'Subject: CN = a.example.com',
  ])
    expect(shown).toContain(part);
  expect(text('pki/ca_conf/ca_cert.pem')).toContain('Subject: C = DE, O = Example, CN = Test CA');
});

test.each<[string[], string[], string[]]>([
  [['--usage', 'client'], ['TLS Web Client Authentication'], ['Server Auth', 'E-mail']],
  [
    ['--usage', 'client', '--email-protection'],
    ['TLS Web Client Authentication, E-mail Protection'],
    ['Server Auth'],
  ],
  [['--usage', 'server'], ['TLS Web Server Authentication, E-mail Protection'], ['Client Auth']],
  [['--no-email-protection'], ['TLS Web Server Authentication, TLS Web Client Authentication\n'], ['E-mail']],
  [
    ['--cn', 'Nummer Eins', '--l', 'Köln', '--e', 'a@b.example'],
    ['CN = Nummer Eins, emailAddress = a@b.example'],
    [],
  ],
  [['--digest', 'sha512', '--days', '3'], ['ecdsa-with-SHA512'], []],
  [['--key-type', 'rsa', '--key-size', '2048'], ['Public-Key: (2048 bit)', 'Key Encipherment'], []],
  [['--key-type', 'p384'], ['NIST CURVE: P-384'], ['Key Encipherment']],
])('create-cert with %j', async (options, has, hasNot) => {
  const { files } = await made([
    'create-cert',
    '--dir',
    'pki',
    '--host',
    'a.example.com',
    ...QUICK_CERT,
    ...options,
  ]);
  const shown = text(files.leaf);
  for (const part of has) expect(shown).toContain(part);
  for (const part of hasNot) expect(shown).not.toContain(part);
});

test.each<[string[], string]>([
  [['create-ca', '--dir', 'pki', '--cn', 'Again'], 'There is a certificate authority in'],
  [['create-ca', '--dir', 'none', '--cn', 'x', '--digest', 'sha1'], 'SHA-1 can be forged'],
  [['create-ca', '--dir', 'none', '--cn', 'x', '--digest', 'md5'], 'Allowed choices are'],
  [['create-ca', '--dir', 'none'], "required option '--cn <name>' not specified"],
  [['create-ca', '--dir', 'none', '--cn', 'x', '--encrypt'], 'nobody to ask'],
  [['create-cert', '--dir', 'none', '--host', 'a'], 'There is no certificate authority in'],
  [['create-cert', '--dir', 'pki'], 'A certificate is for 1 to 100 hosts'],
  [['create-cert', '--dir', 'pki', '--host', 'no_host'], '"no_host" is no host'],
  [['create-cert', '--dir', 'pki', '--host', 'a', '--days', '4000'], 'would outlive the CA CN=Test CA'],
  [['create-cert', '--dir', 'pki', '--host', 'a', '--key-size', '1024'], 'RSA key of 1024 bits'],
  [['revoke', 'FFFF', '--dir', 'pki'], 'has issued no certificate FFFF'],
  [['revoke', 'FFFF', '--dir', 'pki', '--reason', 'bored'], 'Give one of unspecified'],
  [['renew', 'no-such-file.pem', '--dir', 'pki'], 'has issued no certificate no-such-file.pem'],
  [['sign-csr', 'pki/ca_conf/ca_cert.pem', '--dir', 'pki'], 'holds a certificate'],
  [['import', '--dir', 'none'], 'There is no certificate to import'],
  [['import', '--dir', 'none', 'pki/ca_conf/ca.db'], 'no certificate'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await run(args);
  expect(stderr).toContain(message);
  expect(stderr).toContain('fix: ');
  expect([1, 2]).toContain(code);
  expect(await readdir(folder.path)).not.toContain('none');
});

test('SHA-1 is to be had by asking twice, with a warning', async () => {
  const { code, stderr } = await run([
    'create-ca',
    '--dir',
    'old',
    '--cn',
    'Old',
    ...QUICK,
    '--digest',
    'sha1',
    '--allow-sha1',
  ]);
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('WARNING: signatures over SHA-1 can be forged'),
  ]);
  expect(text('old/ca_conf/ca_cert.pem')).toContain('ecdsa-with-SHA1');
});

describe('with a password', () => {
  const AUTHORITY = { SEALTRACK_KEY_PASSWORD: 'of the authority' };
  const create = ['create-cert', '--dir', 'sealed', '--host', 'a.example.com', ...QUICK_CERT];
  beforeAll(async () => {
    writeFileSync(at('password'), 'of the authority\n');
    await made(['create-ca', '--dir', 'sealed', '--cn', 'Sealed', ...QUICK, '--password-file', 'password']);
  });

  test('the key of the authority is encrypted, and opens with a file, the environment, or what is typed', async () => {
    expect(readFileSync(at('sealed/ca_conf/ca_priv_key.pem'), 'utf8')).toContain(
      'BEGIN ENCRYPTED PRIVATE KEY',
    );
    await made([...create, '--password-file', 'password']);
    await made(create, { env: AUTHORITY });
    const typed = await run(create, { typed: 'wrong\rof the authority\r' });
    expect([typed.code, typed.stderr]).toEqual([0, expect.stringContaining('That does not open it.')]);
    const none = await run(create);
    expect([none.code, none.stderr]).toEqual([
      2 - 1,
      expect.stringContaining('is encrypted with a password'),
    ]);
  });

  test('a new key and its PFX are encrypted with another, which it is renewed with', async () => {
    const env = { ...AUTHORITY, SEALTRACK_NEW_KEY_PASSWORD: 'of the host' };
    const { serial, files } = await made(create, { env });
    const renewed = await made(['renew', serial.slice(0, 12), '--dir', 'sealed', '--pfx', 'windows-legacy'], {
      env,
    });
    for (const { privateKey, pfx } of [files, renewed.files]) {
      openssl('pkey', '-in', privateKey, '-passin', 'pass:of the host', '-noout');
      expect(() => openssl('pkey', '-in', privateKey, '-passin', 'pass:x', '-noout')).toThrow();
      openssl('pkcs12', '-in', pfx, '-passin', 'pass:of the host', '-legacy', '-noout');
    }
    const without = await run(['renew', serial, '--dir', 'sealed'], { env: AUTHORITY });
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('--new-password-file')]);
    const asked = await run([...create, '--encrypt'], { env: AUTHORITY, typed: 'one\rtwo\rsame\rsame\r' });
    expect([asked.code, asked.stderr]).toEqual([0, expect.stringContaining('They are not the same.')]);
  });
});

test('a certificate is renewed, the one before revoked, the list published, and all of it listed', async () => {
  await made(['create-ca', '--dir', 'life', '--cn', 'Life', ...QUICK]);
  const create = ['create-cert', '--dir', 'life', ...QUICK_CERT];
  const first = await made([...create, '--host', 'a.example.com', '--days', '20']);
  const other = await made([...create, '--host', 'b.example.com', '--days', '50']);
  const same = await made(['renew', first.files.certificate, '--dir', 'life', '--pfx', 'windows-legacy']);
  const fresh = await made([
    'renew',
    first.serial.toLowerCase(),
    '--dir',
    'life',
    '--new-key',
    '--revoke-old',
    ...['--pfx', 'windows-legacy'],
    '--days',
    '90',
  ]);
  const keyOf = (file: string) => openssl('x509', '-in', file, '-noout', '-pubkey');
  expect(keyOf(same.files.leaf)).toBe(keyOf(first.files.leaf));
  expect(keyOf(fresh.files.leaf)).not.toBe(keyOf(first.files.leaf));
  expect(openssl('pkey', '-in', fresh.files.privateKey, '-pubout')).toBe(keyOf(fresh.files.leaf));
  expect(text(fresh.files.leaf)).toContain('DNS:a.example.com');

  expect((await run(['revoke', other.serial, '--dir', 'life', '--reason', 'cacompromise'])).text).toContain(
    'sealtrack tls crl',
  );
  const twice = await run(['revoke', other.serial, '--dir', 'life']);
  expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('was revoked already')]);
  const again = await run(['renew', other.serial, '--dir', 'life']);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('its key is not to be used again')]);

  const published = await run(['crl', '--dir', 'life', '--days', '3', '--der', '--json']);
  expect(published.json()).toEqual([expect.objectContaining({ number: 1, revoked: 2 })]);
  expect(openssl('crl', '-in', 'life/ca_conf/ca_crl.der', '-inform', 'DER', '-noout', '-text')).toContain(
    'CA Compromise',
  );
  const verify = (file: string) =>
    openssl(
      'verify',
      '-crl_check',
      '-CRLfile',
      'life/ca_conf/ca_crl.pem',
      '-CAfile',
      'life/ca_conf/ca_cert.pem',
      file,
    );
  for (const { files } of [same, fresh]) expect(verify(files.leaf)).toContain('OK');
  for (const { files } of [first, other]) expect(() => verify(files.leaf)).toThrow('certificate revoked');

  const list = async (...args: string[]) =>
    (await run(['list', '--dir', 'life', '--json', ...args]))
      .json()
      .map((one) => (one as { serial: string }).serial);
  expect(await list()).toEqual([first.serial, same.serial, other.serial, fresh.serial]);
  expect(await list('--revoked')).toEqual([first.serial, other.serial]);
  expect(await list('--expiring', '30d')).toEqual([same.serial]);
  expect((await run(['list', '--dir', 'life'])).text).toMatch(
    /revoked \S+Z superseded .* DNS a\.example\.com/,
  );
});

test('a request is signed for what it may be for, and never becomes an authority', async () => {
  const request = (name: string, ...args: string[]): string => {
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      ...args,
    );
    return `${name}.csr`;
  };
  const evil = request(
    'evil',
    ...['-subj', '/O=Appliance/CN=box', '-addext', 'subjectAltName=DNS:box.example.com,IP:10.0.0.9'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign,cRLSign'],
    ...['-addext', 'extendedKeyUsage=clientAuth,codeSigning'],
  );
  const { files } = await made(['sign-csr', evil, '--dir', 'pki']);
  const shown = text(files.leaf);
  for (const part of [
    'Subject: O = Appliance, CN = box',
    'DNS:box.example.com, IP Address:10.0.0.9',
    'CA:FALSE',
    'TLS Web Client Authentication\n',
  ])
    expect(shown).toContain(part);
  for (const part of ['Certificate Sign', 'Code Signing', 'Server Auth']) expect(shown).not.toContain(part);
  expect(Object.keys(files)).toEqual(['certificate', 'leaf']);
  const renewed = await made(['renew', files.leaf, '--dir', 'pki']);
  expect(text(renewed.files.leaf)).toContain('DNS:box.example.com');

  const plain = request('plain', '-subj', '/CN=only.a.name');
  const without = await run(['sign-csr', plain, '--dir', 'pki']);
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('has no subjectAltName')]);
  const told = await made([
    'sign-csr',
    plain,
    '--dir',
    'pki',
    '--host',
    'b.example.com',
    '--usage',
    'server',
    '--cn',
    'b',
  ]);
  expect(text(told.files.leaf)).toMatch(
    /Subject: CN = b\n[\s\S]*TLS Web Server Authentication\n[\s\S]*DNS:b\.example\.com/,
  );
  const odd = request(
    'odd',
    '-subj',
    '/CN=x',
    '-addext',
    'subjectAltName=DNS:a.example.com,URI:https://a.example.com',
  );
  expect((await run(['sign-csr', odd, '--dir', 'pki'])).stderr).toContain(
    'asks for URI https://a.example.com',
  );
  // A party of NATS, and a whole domain.
  for (const name of ['administrator', '*.example.com']) {
    const bold = request(`bold${name.length}`, '-subj', '/CN=x', '-addext', `subjectAltName=DNS:${name}`);
    expect((await run(['sign-csr', bold, '--dir', 'pki'])).stderr).toContain(`asks for DNS ${name}`);
  }
});

test('what another CA issued is imported from whatever it was sent in', async () => {
  await made(['create-intermediate', '--dir', 'pki', '--cn', 'Site CA', '--name', 'site', ...QUICK]);
  const { serial, files } = await made([
    'create-cert',
    '--dir',
    'pki/site',
    '--host',
    'web.example.com',
    ...QUICK_CERT,
  ]);
  const chain = 'pki/site/ca_conf/ca_chain.pem';
  openssl(
    'crl2pkcs7',
    '-nocrl',
    '-certfile',
    files.leaf,
    '-certfile',
    chain,
    '-out',
    'chain.p7b',
    '-outform',
    'DER',
  );
  openssl('x509', '-in', files.leaf, '-outform', 'DER', '-out', 'web.cer');
  openssl(
    'pkcs12',
    '-export',
    '-in',
    files.leaf,
    '-inkey',
    files.privateKey,
    '-certfile',
    chain,
    '-out',
    'web.pfx',
    '-passout',
    'pass:geheim',
  );
  const env = { SEALTRACK_KEY_PASSWORD: 'geheim' };
  for (const [dir, given] of [
    ['from-pfx', ['web.pfx']],
    ['from-p7b', ['chain.p7b', files.privateKey]],
    ['from-der', ['--cert', 'web.cer', '--cert', chain, '--key', files.privateKey]],
  ] as const) {
    const imported = await made(['import', '--dir', dir, ...given], { env });
    expect(imported.serial).toBe(serial);
    expect(
      openssl(
        'verify',
        '-CAfile',
        'pki/ca_conf/ca_cert.pem',
        '-untrusted',
        imported.files.certificate,
        imported.files.leaf,
      ),
    ).toContain('OK');
    expect(readFileSync(imported.files.certificate, 'utf8').match(/BEGIN CERT/g)).toHaveLength(2);
    expect(openssl('pkey', '-in', imported.files.privateKey, '-pubout')).toBe(
      openssl('x509', '-in', files.leaf, '-noout', '-pubkey'),
    );
    expect((await run(['list', '--dir', dir])).text).toContain('valid (imported)');
  }
  expect((await run(['import', '--dir', 'from-pfx', 'web.pfx'], { env })).stderr).toContain('already');
  const alone = await run(['import', '--dir', 'alone', 'web.cer']);
  expect([alone.code, alone.stderr]).toEqual([0, expect.stringContaining('does not come to its root')]);
  const wrong = await run(['import', '--dir', 'wrong', 'web.cer', 'pki/ca_conf/ca_priv_key.pem']);
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringContaining('None of the certificates is on this private key'),
  ]);
});

test('constraints on names that leave others open are pointed out', async () => {
  const { stderr } = await run([
    'create-ca',
    '--dir',
    'limited',
    '--cn',
    'L',
    ...QUICK,
    '--permit',
    'example.com',
    '--path-length',
    '0',
  ]);
  expect(stderr).toContain('Its IP addresses are not limited');
  expect(text('limited/ca_conf/ca_cert.pem')).toMatch(/pathlen:0[\s\S]*Permitted:\s+DNS:example\.com/);
});

test('bootstrap makes a folder for each party, and says that there is nothing to do', async () => {
  const first = await run(['bootstrap', '--dir', 'dev', '--host', 'me.example.com', '--json']);
  expect((first.json()[0] as { issued: string[] }).issued).toEqual(PARTIES);
  expect(
    openssl(
      'verify',
      '-CAfile',
      'dev/trusted_ca.pem',
      '-verify_hostname',
      'me.example.com',
      'dev/nats/cert.pem',
    ),
  ).toContain('OK');
  expect((await run(['bootstrap', '--dir', 'dev'])).text).toContain('valid for more than 30 days');
});
