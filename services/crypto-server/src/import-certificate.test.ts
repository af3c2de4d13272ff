import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned, type SelfSignedOptions } from '@sealtrack/certificates/self-signed';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { oneAtATime } from '@sealtrack/sealed-store/one-at-a-time';
import { describe, expect, test } from 'vitest';
import { createCertificateTrust } from './domain/certificate-trust.ts';
import { createGetCertificate } from './get-certificate.ts';
import { createImportCertificate } from './import-certificate.ts';
import { createListCertificates } from './list-certificates.ts';
import { cryptoParts, noteAnnouncements } from './testing/crypto-parts.ts';

const { redis, folder, backup, backupPath, certificates, privateKeys } = await cryptoParts();
const { announced, announcer } = noteAnnouncements();
let now = new Date();
let roots: readonly X509[] = [];
const settings = { profile: 'strict', roots: () => roots, crls: () => [] } as const;
const trust = createCertificateTrust({ ...settings, accept: 'any' });
const judge = (certificate: Parameters<typeof trust.judge>[0]) => trust.judge(certificate, now);
const exclusive = oneAtATime();
const deps = { certificates, privateKeys, backup, trust, announcer, clock: () => now, exclusive };
const importIt = createImportCertificate(deps);
const get = createGetCertificate(certificates, privateKeys, judge);
const list = createListCertificates(certificates, privateKeys, judge);

const tenantId = 'demo' as TenantId;
const request = (certificate: string | Buffer, privateKey: Buffer, more = {}) => ({
  tenantId,
  certificate: Buffer.from(certificate),
  privateKey: Buffer.from(privateKey),
  password: Buffer.alloc(0),
  alias: '',
  dryRun: false,
  decryptOnly: false,
  ...more,
});
const all = {
  tenantId,
  pageSize: 0,
  pageToken: '',
  query: '',
  includeDeleted: false,
  expiresBefore: undefined,
};
const one = await createSelfSigned({ commonName: 'One' });
const other = await createSelfSigned({ commonName: 'Other' });
const fresh = async (commonName: string, more: Partial<SelfSignedOptions> = {}) => {
  const made = await createSelfSigned({ commonName, ...more });
  return { ...made, info: parseCertificate(made.certificatePem) };
};

describe('after an import', () => {
  test('the key is held, sealed, and is the one that was given', async () => {
    const given = request(one.certificatePem, one.privateKeyPem, { alias: 'Sales 2026' });
    const { certificate, warnings, stored } = await importIt(given);
    expect({ warnings, stored }).toEqual({ warnings: [], stored: true });
    expect(certificate).toMatchObject({
      ...{ alias: 'Sales 2026', subject: 'CN=One', subjectName: 'One', keyBits: 2048, hasPrivateKey: true },
      ...{ publicExponent: '65537', signatureAlgorithm: 'sha256WithRSAEncryption' },
      ...{ trust: 'self-signed', decryptOnly: false, problem: '' },
    });
    expect(announced).toContain(`imported ${certificate?.certificateId}`);

    const info = parseCertificate(one.certificatePem);
    const held = await privateKeys.get(tenantId, info.keyId);
    const heldPem = held?.export({ type: 'pkcs8', format: 'pem' }) ?? '';
    expect(createPublicKey(heldPem).equals(info.publicKey)).toBe(true);
    expect(await redis.client.get(`st:{demo}:key:${info.keyId}`)).toMatch(/^eyJ[\w-]+(\.[\w-]+){4}$/);
    expect(given.privateKey.every((byte) => byte === 0)).toBe(true);
  });

  test('a sealed copy is in the backup folder, for its owner only, with the keyring beside it', async () => {
    const info = parseCertificate(one.certificatePem);
    const copy = JSON.parse(readFileSync(`${backupPath}/demo/${info.certificateId}.json`, 'utf8'));
    expect(copy.sealedKey).toBe(await redis.client.get(`st:{demo}:key:${info.keyId}`));
    expect(copy.certificate).toMatchObject({ certificateId: info.certificateId, alias: 'Sales 2026' });
    expect(readFileSync(`${backupPath}/keyring.json`, 'utf8').trim()).toBe(
      await redis.client.get('st:{_}:keyring'),
    );
    expect(readdirSync(`${backupPath}/demo`).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  test('importing it again is confirmed by a write, since the import before may not have been', async () => {
    await importIt(request(one.certificatePem, one.privateKeyPem));
    const writes = async () =>
      Number(/rdb_changes_since_last_save:(\d+)/.exec(await redis.client.info('persistence'))?.[1]);
    const before = await writes();
    await importIt(request(one.certificatePem, one.privateKeyPem));
    expect(await writes()).toBeGreaterThan(before);
  });

  test('importing it again changes nothing', async () => {
    const first = await importIt(request(one.certificatePem, one.privateKeyPem));
    now = new Date(now.getTime() + 1000);
    const revision = () => redis.client.get('st:{demo}:certificate-revision');
    const before = await revision();
    const again = await importIt(request(one.certificatePem, one.privateKeyPem, { alias: 'another name' }));
    expect(again.certificate).toEqual(first.certificate);
    expect(await revision()).toBe(before);
    expect((await list(all)).total).toBe(1);
  });
});

test('key files are opened one after the other, however much work they ask for', async () => {
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  const encrypted = Buffer.from(other.privateKey.export(cipher));
  const ended: string[] = [];
  // Work on another thread, which one that asks for none would overtake.
  const slow = slowed(encrypted);
  const more = { password: Buffer.from('secret'), dryRun: true };
  await Promise.allSettled([
    importIt(request(other.certificatePem, slow, more)).finally(() => ended.push('slow')),
    importIt(request(one.certificatePem, one.privateKeyPem, { dryRun: true })).finally(() =>
      ended.push('quick'),
    ),
  ]);
  expect(ended).toEqual(['slow', 'quick']);
});

/** The same file with sixteen times the rounds: it does not open any more, and takes longer to say so. */
function slowed(pem: Buffer): Buffer {
  const der = Buffer.from(pem.toString().replace(/-----[^-]+-----|\n/g, ''), 'base64');
  const rounds = der.indexOf(Buffer.from('02020800', 'hex'));
  if (rounds === -1) throw new Error('the file asks for other rounds than 2048');
  der.set(Buffer.from('02027fff', 'hex'), rounds);
  return der;
}

test('importing it again puts back a copy that was lost', async () => {
  const copy = `${backupPath}/demo/${parseCertificate(one.certificatePem).certificateId}.json`;
  rmSync(copy);
  await importIt(request(one.certificatePem, Buffer.alloc(0)));
  expect(JSON.parse(readFileSync(copy, 'utf8')).certificate.alias).toBe('Sales 2026');
});

test('of two imports at once the first counts, in the copy as well', async () => {
  const made = await fresh('Twice');
  const given = (alias: string) => request(made.certificatePem, made.privateKeyPem, { alias });
  await importIt(given('first'));
  now = new Date(now.getTime() + 1000);
  // The second had looked before the first was there.
  const late = { ...certificates, get: async () => undefined };
  const { certificate } = await createImportCertificate({ ...deps, certificates: late })(given('second'));
  expect(certificate?.alias).toBe('first');
  const copy = readFileSync(`${backupPath}/demo/${made.info.certificateId}.json`, 'utf8');
  expect(JSON.parse(copy).certificate.alias).toBe('first');
});

test('of several certificates in a file the one counts that the key is of', async () => {
  const made = await fresh('Mine');
  const files = `${one.certificatePem}${made.certificatePem}`;
  const { certificate } = await importIt(request(files, made.privateKeyPem, { dryRun: true }));
  expect(certificate?.certificateId).toBe(made.info.certificateId);
});

test('a key that is held in the place of another is noticed, in a dry run as well', async () => {
  const made = await fresh('Swapped');
  const { keyId, certificateId } = made.info;
  await privateKeys.add(tenantId, keyId, certificateId, one.privateKey);
  for (const [key, dryRun] of [
    [Buffer.alloc(0), true],
    [Buffer.alloc(0), false],
    [made.privateKeyPem, false],
  ] as const)
    await expect(importIt(request(made.certificatePem, key, { dryRun }))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_MISMATCH',
    });
  expect(await certificates.get(tenantId, certificateId)).toBeUndefined();
});

describe('an import is refused, and nothing is kept,', () => {
  const expectNothing = async (pem: string) => {
    const info = parseCertificate(pem, { allowWeak: true });
    expect(await certificates.get(tenantId, info.certificateId)).toBeUndefined();
    expect(await privateKeys.has(tenantId, info.keyId)).toBe(false);
    expect(existsSync(`${backupPath}/demo/${info.certificateId}.json`)).toBe(false);
  };

  test('with a key of another certificate', async () => {
    await expect(importIt(request(other.certificatePem, one.privateKeyPem))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_MISMATCH',
    });
    await expectNothing(other.certificatePem);
  });

  test('without a key that is not held', async () => {
    await expect(importIt(request(other.certificatePem, Buffer.alloc(0)))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('missing'),
    });
    await expectNothing(other.certificatePem);
  });

  test('with neither certificate nor PKCS#12', async () => {
    await expect(importIt(request('', one.privateKeyPem))).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
    });
  });

  test('in a dry run, which shows everything all the same', async () => {
    const key = request(other.certificatePem, other.privateKeyPem, { dryRun: true, alias: 'Later' });
    const { certificate, stored } = await importIt(key);
    expect({ stored, ...certificate }).toMatchObject({
      ...{ stored: false, alias: 'Later', subject: 'CN=Other', trust: 'self-signed', hasPrivateKey: true },
    });
    await expectNothing(other.certificatePem);
    const without = await importIt(request(other.certificatePem, Buffer.alloc(0), { dryRun: true }));
    expect(without.certificate?.hasPrivateKey).toBe(false);
    expect(without.warnings).toEqual(['The private key was not given, and so not checked.']);
  });

  test('when the copy cannot be written', async () => {
    const made = await fresh('No room');
    rmSync(backupPath, { recursive: true });
    writeFileSync(backupPath, 'in the way');
    const given = () => request(made.certificatePem, made.privateKeyPem);
    await expect(importIt(given())).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
    expect(await certificates.get(tenantId, made.info.certificateId)).toBeUndefined();
    rmSync(backupPath);
    expect((await importIt(given())).stored).toBe(true);
    chmodSync(backupPath, 0o700);
  });
});

test('an encrypted key needs its password, and gets in with it', async () => {
  const key = createPrivateKey(other.privateKeyPem);
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const;
  const encrypted = Buffer.from(key.export(options));
  const withPassword = async (text: string) => {
    const password = Buffer.from(text);
    try {
      return await importIt(request(other.certificatePem, encrypted, { password }));
    } finally {
      expect(password.every((byte) => byte === 0)).toBe(true);
    }
  };
  await expect(withPassword('')).rejects.toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_MISSING' });
  await expect(withPassword('wrong')).rejects.toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_WRONG' });
  expect((await withPassword('open sesame')).certificate?.subject).toBe('CN=Other');
});

test('whether the key is held is looked up, not remembered', async () => {
  const info = parseCertificate(one.certificatePem);
  const { certificateId } = info;
  expect((await get({ tenantId, certificateId })).certificate?.hasPrivateKey).toBe(true);
  await redis.client.del(`st:{demo}:key:${info.keyId}`);
  expect((await get({ tenantId, certificateId })).certificate?.hasPrivateKey).toBe(false);
  await expect(get({ tenantId, certificateId: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'CERTIFICATE_NOT_FOUND',
  });
});

describe('a certificate', () => {
  test('that has expired is taken for opening, with a warning', async () => {
    const old = await fresh('Old', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') });
    const { certificate, warnings } = await importIt(request(old.certificatePem, old.privateKeyPem));
    expect(warnings).toEqual([expect.stringContaining('expired on 2021-01-01')]);
    expect(certificate).toMatchObject({ problem: 'expired', trust: 'self-signed', decryptOnly: false });
  });

  test('that is not valid yet is taken, and is no good until then', async () => {
    const [notBefore, notAfter] = [new Date('2040-01-01'), new Date('2041-01-01')];
    const next = await fresh('Next', { notBefore, notAfter });
    const { certificate, warnings } = await importIt(request(next.certificatePem, next.privateKeyPem));
    expect(warnings).toEqual([expect.stringContaining('not valid before 2040-01-01')]);
    expect(certificate?.problem).toBe('not-yet-valid');
    const before = now;
    const { certificateId } = next.info;
    expect((await get({ tenantId, certificateId })).certificate?.problem).toBe('not-yet-valid');
    now = notBefore;
    expect((await get({ tenantId, certificateId })).certificate?.problem).toBe('');
    now = before;
  });

  test('that is too weak opens old recordings only', async () => {
    const path = folder.path;
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:1024', '-sha1', '-nodes', '-days', '30', '-subj', '/CN=Weak'],
        ...['-keyout', `${path}/weak.key`, '-out', `${path}/weak.pem`],
      ],
      { stdio: 'ignore' },
    );
    const { certificate, warnings } = await importIt(
      request(readFileSync(`${path}/weak.pem`), readFileSync(`${path}/weak.key`)),
    );
    expect(certificate).toMatchObject({
      keyBits: 1024,
      decryptOnly: true,
      trust: 'none',
      problem: 'decrypt-only',
    });
    expect(warnings.join()).toMatch(/weak .*1024 bits only.*opens old recordings, and encrypts no new ones/);
  });
});

describe('a certificate of a private CA', () => {
  const at = (name: string) => `${folder.path}/${name}`;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=Root',
    '-keyout',
    at('root.key'),
    '-out',
    at('root.pem'),
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  writeFileSync(
    at('leaf.ext'),
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=Of a CA',
    '-keyout',
    at('leaf.key'),
    '-out',
    at('leaf.csr'),
  );
  openssl(
    'x509',
    '-req',
    '-in',
    at('leaf.csr'),
    '-CA',
    at('root.pem'),
    '-CAkey',
    at('root.key'),
    '-days',
    '20',
    '-extfile',
    at('leaf.ext'),
    '-out',
    at('leaf.pem'),
  );
  now = new Date();
  const [leaf, root, key] = ['leaf.pem', 'root.pem', 'leaf.key'].map((name) => readFileSync(at(name)));
  const given = (files: (Buffer | undefined)[], more = {}) =>
    request(Buffer.concat(files.filter((file) => file !== undefined)), key ?? Buffer.alloc(0), more);

  test('alone is refused with what is missing, unless it shall only open', async () => {
    await expect(importIt(given([leaf]))).rejects.toMatchObject({
      code: 'CERTIFICATE_UNTRUSTED',
      details: { problem: 'issuer-unknown' },
      fix: expect.stringContaining('into the same file. Or import it'),
    });
    const { certificate, warnings } = await importIt(given([leaf], { decryptOnly: true }));
    expect(certificate).toMatchObject({ decryptOnly: true, trust: 'none', problem: 'decrypt-only' });
    expect(warnings).toContain('It opens old recordings, and encrypts no new ones.');
  });

  test('with its root in the file, in any order, is taken, and better than before', async () => {
    const { certificate } = await importIt(given([root, leaf]));
    expect(certificate).toMatchObject({
      subject: 'CN=Of a CA',
      trust: 'private-ca',
      decryptOnly: false,
      problem: '',
    });
    expect(certificate?.chain).toHaveLength(1);
    // And it is not made worse again.
    expect((await importIt(given([leaf], { decryptOnly: true }))).certificate?.trust).toBe('private-ca');
  });

  test('gets the chain of a renewed root when it is imported again with that', async () => {
    openssl(
      ...['req', '-x509', '-key', at('root.key'), '-days', '60', '-subj', '/CN=Root', '-out', at('next.pem')],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
    const next = readFileSync(at('next.pem'));
    now = new Date();
    const { certificate } = await importIt(given([leaf, next]));
    const ders = [root, next].map((pem) => pem && new X509Certificate(pem).raw);
    expect(certificate?.chain).toEqual([ders[1]]);
    await importIt(given([leaf, root]));
    expect((await certificates.get(tenantId, certificate?.certificateId as CertificateId))?.chain).toEqual([
      ders[0],
    ]);
  });

  test('may have its chain in the file of its key', async () => {
    const files = ['-in', at('leaf.pem'), '-inkey', at('leaf.key'), '-certfile', at('root.pem')];
    openssl('pkcs12', '-export', ...files, '-out', at('leaf.p12'), '-passout', 'pass:secret');
    const more = { password: Buffer.from('secret'), dryRun: true };
    const { certificate } = await importIt(request(leaf ?? '', readFileSync(at('leaf.p12')), more));
    expect(certificate).toMatchObject({ trust: 'private-ca', alias: 'CN=Of a CA', problem: '' });
  });

  test('is taken without its root where that is configured, and is only good as long as it is', async () => {
    roots = [parseRoot()];
    const dry = await importIt(given([leaf], { dryRun: true }));
    expect(dry.certificate).toMatchObject({ trust: 'trusted-root', problem: '' });
    const strict = createCertificateTrust({ ...settings, accept: 'roots' });
    const importStrictly = createImportCertificate({ ...deps, trust: strict });
    expect((await importStrictly(given([leaf], { dryRun: true }))).certificate?.trust).toBe('trusted-root');
    roots = [];
    await expect(importStrictly(given([leaf, root], { dryRun: true }))).rejects.toMatchObject({
      code: 'CERTIFICATE_UNTRUSTED',
    });
    expect(dry.certificate && trust.judge(dry.certificate, now).problem).not.toBe('');
  });

  const parseRoot = () =>
    parseX509(execFileSync('openssl', ['x509', '-in', at('root.pem'), '-outform', 'DER']));
});

test('certificate and key come from one PKCS#12 file', async () => {
  const made = await fresh('In one file');
  const at = (name: string) => `${folder.path}/${name}`;
  writeFileSync(at('c.pem'), made.certificatePem);
  writeFileSync(at('k.pem'), made.privateKeyPem);
  execFileSync('openssl', [
    'pkcs12',
    '-export',
    '-in',
    at('c.pem'),
    '-inkey',
    at('k.pem'),
    '-out',
    at('c.p12'),
    '-passout',
    'pass:secret',
  ]);
  const { certificate } = await importIt(
    request('', readFileSync(at('c.p12')), { password: Buffer.from('secret') }),
  );
  expect(certificate?.certificateId).toBe(made.info.certificateId);
});
