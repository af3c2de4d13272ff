import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntermediate } from './create-intermediate.ts';
import { layoutOf } from './layout.ts';
import { listCertificates } from './list-certificates.ts';
import { openAuthority, openAuthorityKey } from './open-authority.ts';
import { publishCrl } from './publish-crl.ts';
import { revokeCertificate } from './revoke-certificate.ts';
import { newAuthority, newCertificate, openssl } from './testing/authority.ts';

const now = new Date();
const NO_PASSWORD = new Uint8Array();
const folder = await temporaryFolder();
const dir = join(folder.path, 'an authority, #1 ($)');
const { certificate: ca, opensslConfig, crl, privateKey } = layoutOf(dir);
const run = (...args: string[]): string => openssl(folder.path, ...args);

beforeAll(async () => {
  await newAuthority(dir, { permitted: ['example.com', '10.0.0.0/8'], excluded: ['secret.example.com'] });
});
afterAll(folder.remove);

async function publish(from: string): Promise<string> {
  const authority = await openAuthority(from);
  const key = await openAuthorityKey(authority, NO_PASSWORD);
  const { files } = await publishCrl(authority, key, { days: 7, digest: 'sha256', now });
  return files.pem;
}

function request(host: string): string {
  const csr = join(folder.path, `${host}.csr`);
  run(
    ...[
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${host}`,
    ],
    ...['-keyout', `${csr}.key`, '-out', csr, '-addext', `subjectAltName=DNS:${host}`],
  );
  return csr;
}

const statesOf = async () =>
  Object.fromEntries(
    (await listCertificates(layoutOf(dir), now)).map(({ names, state, reason }) => [
      names[0],
      reason ?? state,
    ]),
  );

test("the keys are its owner's alone", async () => {
  expect((await stat(privateKey)).mode & 0o777).toBe(0o600);
  expect((await stat(layoutOf(dir).config)).mode & 0o777).toBe(0o700);
});

test('OpenSSL goes on where we stopped, and we where it stopped', async () => {
  const { files } = await newCertificate(dir, { hosts: ['ours.example.com', '10.1.2.3'] });
  const theirs = join(folder.path, 'theirs.pem');
  run(
    'ca',
    '-batch',
    '-config',
    opensslConfig,
    '-in',
    request('theirs.example.com'),
    '-notext',
    '-out',
    theirs,
  );
  for (const file of [theirs, files.certificate ?? ''])
    expect(run('verify', '-x509_strict', '-CAfile', ca, file)).toContain('OK');
  expect(await statesOf()).toEqual({ 'DNS ours.example.com': 'valid', 'DNS theirs.example.com': 'valid' });

  run('ca', '-config', opensslConfig, '-revoke', theirs, '-crl_reason', 'CACompromise');
  await revokeCertificate(layoutOf(dir), files.leaf ?? '', { reason: 'keyCompromise', cwd: '/', now });
  expect(await statesOf()).toEqual({
    'DNS ours.example.com': 'keyCompromise',
    'DNS theirs.example.com': 'CACompromise',
  });

  const kept = await newCertificate(dir, { hosts: ['kept.example.com'] });
  const byThem = join(folder.path, 'by-openssl.pem');
  run('ca', '-config', opensslConfig, '-gencrl', '-out', byThem);
  const byUs = await publish(dir);
  for (const [list, number] of [
    [byThem, '0x01'],
    [byUs, '0x02'],
  ] as const) {
    expect(run('crl', '-in', list, '-noout', '-crlnumber')).toContain(`crlNumber=${number}\n`);
    const check = (file: string) =>
      run('verify', '-x509_strict', '-crl_check', '-CAfile', ca, '-CRLfile', list, file);
    expect(check(kept.files.certificate ?? '')).toContain('OK');
    for (const file of [theirs, files.certificate ?? ''])
      expect(() => check(file)).toThrow('certificate revoked');
  }
});

test('OpenSSL refuses to give a serial number twice, and we see to it that it need not', async () => {
  const { serial } = await newCertificate(dir);
  await writeFile(layoutOf(dir).serial, `${serial}\n`);
  const sign = () =>
    run('ca', '-batch', '-config', opensslConfig, '-in', request('again.example.com'), '-out', '/dev/null');
  expect(sign).toThrow('already been issued');
  await listCertificates(layoutOf(dir), now);
  sign();
});

test('an authority below signs with it, and its chain verifies with both their lists', async () => {
  const above = await openAuthority(dir);
  const below = await createIntermediate(above, await openAuthorityKey(above, NO_PASSWORD), {
    ...{ name: 'site', subject: { commonName: 'Site' }, key: { type: 'p384' }, digest: 'sha384', days: 500 },
    ...{ pathLength: 0, password: Buffer.from('pässword'), now },
  });
  const password = join(folder.path, 'password');
  await writeFile(password, 'pässword\n');
  const leaf = join(folder.path, 'leaf.pem');
  const config = below.layout.opensslConfig;
  run(
    ...['ca', '-batch', '-config', config, '-passin', `file:${password}`],
    ...['-in', request('site.example.com'), '-notext', '-out', leaf],
  );
  const key = await openAuthorityKey(below, Buffer.from('pässword'));
  const { files } = await publishCrl(below, key, { days: 7, digest: 'sha256', now });
  const lists = join(folder.path, 'lists.pem');
  await writeFile(lists, (await readFile(files.pem, 'utf8')) + (await readFile(await publish(dir), 'utf8')));
  expect(
    run(
      ...['verify', '-x509_strict', '-crl_check_all', '-CAfile', ca, '-CRLfile', lists],
      ...[
        '-untrusted',
        below.layout.chain,
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'site.example.com',
        leaf,
      ],
    ),
  ).toContain('OK');
});

test('a folder that was moved goes on working, and a database that OpenSSL lost in a crash comes back', async () => {
  const moved = join(folder.path, 'moved');
  await rename(dir, moved);
  const layout = layoutOf(moved);
  await rename(layout.database, `${layout.database}.new`);
  const before = (await listCertificates(layout, now)).length;
  expect(before).toBeGreaterThan(4);
  run('ca', '-config', layout.opensslConfig, '-gencrl', '-out', join(folder.path, 'moved.pem'));
  await rename(layout.database, `${layout.database}.lost`);
  await expect(listCertificates(layout, now)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await rename(moved, dir);
  expect(crl).toContain(dir);
});

test('a certificate whose line is lost comes back into ca.db', async () => {
  const layout = layoutOf(dir);
  await rename(`${layout.database}.lost`, layout.database);
  const { serial } = await newCertificate(dir);
  const lines = (await readFile(layout.database, 'latin1')).split('\n');
  await writeFile(layout.database, lines.filter((line) => !line.includes(serial)).join('\n'));
  expect((await listCertificates(layout, now)).map((one) => one.serial)).toContain(serial);
  expect(await readFile(layout.database, 'latin1')).toContain(serial);
});
