import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { afterAll, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { createTlsWorld } from '../testing/tls-world.ts';

const world = await createTlsWorld();
afterAll(() => world.folder.remove());
const { make, write, writeKey, writeCrl, at, ca, trusted, top, below } = world;
const SERVER = '1.3.6.1.5.5.7.3.1';
const CLIENT = '1.3.6.1.5.5.7.3.2';
const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000);

const good = make();
const goodSerial = world.lastSerial();
const other = make({ name: 'nats' });
const files = {
  root: write('root.pem', trusted),
  both: write('both.pem', trusted, ca),
  good: write('good.pem', good, ca),
  alone: write('alone.pem', good),
  ca: write('ca.pem', ca),
  caFirst: write('ca-first.pem', ca, good),
  rootBetween: write('root-between.pem', good, trusted, ca),
  stray: write('stray.pem', good, ca, other),
  noNames: write('no-names.pem', make({ dns: [] }), ca),
  serverOnly: write('server-only.pem', make({ usages: [SERVER] }), ca),
  clientOnly: write('client-only.pem', make({ usages: [CLIENT] }), ca),
  noUsage: write('no-usage.pem', make({ usages: undefined }), ca),
  expired: write('expired.pem', make({ notAfter: inDays(-0.5) }), ca),
  early: write('early.pem', make({ notBefore: inDays(2) }), ca),
  soon: write('soon.pem', make({ notAfter: inDays(20.5) }), ca),
  short: write('short.pem', make({ keys: rsaKeys(1024) }), ca),
  key: writeKey('good.key', good),
  otherKey: writeKey('other.key', other),
  openKey: writeKey('open.key', good, 0o644),
  rootList: writeCrl('root.crl', top),
  list: writeCrl('ca.crl', below),
  revoking: writeCrl('revoking.crl', below, [goodSerial]),
  revokingCa: writeCrl('revoking-ca.crl', top, [2]),
  stale: writeCrl('stale.crl', below, [], -1),
  ending: writeCrl('ending.crl', below, [], 1),
  strange: writeCrl('strange.crl', { name: 'Somebody', keys: good.keys }),
};
writeFileSync(at('garbage.crl'), 'no list');

const verify = (...args: readonly string[]) =>
  cli(['tls', 'verify', '--trusted-ca', files.root, ...args, '--json'], { cwd: world.folder.path });
const lists = (...names: readonly string[]) => names.flatMap((name) => ['--crl', name]);

interface Row {
  readonly what: string;
  readonly state: string;
  readonly facts: string;
  readonly fix?: string;
}

test('all that a peer looks at is well', async () => {
  const args = ['--cert', files.good, '--key', files.key, '--host', 'crypto-server'];
  const done = await verify(...args, ...lists(files.rootList, files.list), '--strict');
  const [report] = done.json() as [{ findings: Row[]; chain: { names: string[]; fingerprint: string }[] }];
  expect(report.findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(report.findings.map(({ what }) => what)).toEqual([
    'chain',
    'host',
    'revocation',
    'CRL',
    'CRL',
    'key',
  ]);
  expect(report.chain).toMatchObject([
    {
      subject: 'CN=crypto-server',
      names: ['DNS crypto-server', 'IP 127.0.0.1'],
      daysLeft: 89,
      key: 'EC, P-256',
    },
    { subject: 'CN=Test CA' },
    { subject: 'CN=Test Root' },
  ]);
  expect(done.code).toBe(0);
  const fingerprint = execFileSync('openssl', [
    'x509',
    '-in',
    at(files.good),
    '-noout',
    '-fingerprint',
    '-sha256',
  ]);
  expect(String(fingerprint).trim().replaceAll(':', '').toLowerCase()).toContain(
    report.chain[0]?.fingerprint,
  );
});

test('what a service has in its environment need not be told', async () => {
  const env = {
    SEALTRACK_TLS_CERTIFICATE: files.good,
    SEALTRACK_TLS_CERTIFICATE_KEY: files.key,
    SEALTRACK_TLS_TRUSTED_CA: `${files.both}, ${files.root}`,
    SEALTRACK_TLS_CRL: `${files.rootList},${files.revoking}`,
  };
  const done = await cli(['tls', 'verify', '--json'], { cwd: world.folder.path, env });
  const [{ findings }] = done.json() as [{ findings: Row[] }];
  expect(findings.map(({ what, state }) => `${what} ${state}`)).toEqual([
    'chain ok',
    'revocation problem',
    'CRL ok',
    'CRL ok',
    'key ok',
  ]);
});

const good2 = ['--cert', files.good];
test.each<readonly [string, readonly string[], 'problem' | 'warning', string, string]>([
  [
    'another host',
    [...good2, '--host', 'nats'],
    'problem',
    'host',
    'is not for nats, but for DNS crypto-server, IP 127.0.0.1',
  ],
  ['another address', [...good2, '--host', '::1'], 'problem', 'host', 'is not for 0000:'],
  [
    'names only in its common name',
    ['--cert', files.noNames, '--host', 'crypto-server'],
    'problem',
    'host',
    'no subjectAltName',
  ],
  ['no names', ['--cert', files.noNames], 'warning', 'names', 'common name alone is looked at by nobody'],
  ['a client as a server', ['--cert', files.clientOnly], 'problem', 'chain', 'has no serverAuth'],
  [
    'a server as a client',
    ['--cert', files.serverOnly, '--usage', 'client'],
    'problem',
    'chain',
    'has no clientAuth',
  ],
  ['no extended key usage', ['--cert', files.noUsage], 'warning', 'usage', 'no extendedKeyUsage'],
  ['expired', ['--cert', files.expired], 'problem', 'chain', 'expired at'],
  ['not valid yet', ['--cert', files.early], 'problem', 'chain', 'is not valid before'],
  [
    'expired on a day to come',
    [...good2, '--at', inDays(100).toISOString()],
    'problem',
    'chain',
    'expired at',
  ],
  ['about to expire', ['--cert', files.soon], 'warning', 'dates', '20 days left'],
  ['a short key', ['--cert', files.short], 'problem', 'chain', 'RSA of 1024 bits'],
  ['without its CA', ['--cert', files.alone], 'problem', 'chain', 'its issuer is CN=Test CA'],
  [
    'its CA trusted here alone',
    ['--cert', files.alone, '--trusted-ca', files.both],
    'warning',
    'order',
    'not sent along: CN=Test CA',
  ],
  ['after its CA', ['--cert', files.caFirst], 'problem', 'order', 'comes as number 2'],
  ['the root in between', ['--cert', files.rootBetween], 'warning', 'order', 'not in the order'],
  ['a stray certificate', ['--cert', files.stray], 'warning', 'order', 'not of this chain: CN=nats'],
  [
    "another's key",
    [...good2, '--key', files.otherKey],
    'problem',
    'key',
    'is the key of another certificate',
  ],
  ['a key that all may read', [...good2, '--key', files.openKey], 'warning', 'key', 'can be read by others'],
  [
    'revoked',
    [...good2, ...lists(files.rootList, files.revoking)],
    'problem',
    'revocation',
    'CN=crypto-server was revoked',
  ],
  [
    'its CA revoked',
    [...good2, ...lists(files.revokingCa, files.list)],
    'problem',
    'revocation',
    'CN=Test CA was revoked',
  ],
  [
    'a list too few',
    [...good2, ...lists(files.list)],
    'problem',
    'revocation',
    'no CRL that says whether CN=Test CA',
  ],
  ['a list that ran out', [...good2, ...lists(files.rootList, files.stale)], 'problem', 'CRL', 'ran out at'],
  ['a list about to', [...good2, ...lists(files.rootList, files.ending)], 'warning', 'CRL', 'runs out soon'],
  [
    "somebody else's list",
    [...good2, ...lists(files.rootList, files.list, files.strange)],
    'warning',
    'CRL',
    'CN=Somebody, says nothing',
  ],
  ['what is no list', [...good2, ...lists('garbage.crl')], 'problem', 'CRL', 'garbage.crl is no CRL'],
])('%s', async (_, args, state, what, facts) => {
  const done = await verify(...args);
  const [{ findings, ok }] = done.json() as [{ findings: Row[]; ok: boolean }];
  expect(findings).toContainEqual({
    what,
    state,
    facts: expect.stringContaining(facts),
    fix: expect.stringMatching(/./),
  });
  const isWrong = findings.some((each) => each.state === 'problem');
  expect({ code: done.code, ok }).toEqual({ code: isWrong ? 1 : 0, ok: !isWrong });
  if (state === 'warning') expect((await verify(...args, '--strict')).code).toBe(1);
});

test('a signature with SHA-1 is refused, and a CA that may not revoke is pointed out, as OpenSSL makes them', async () => {
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: world.folder.path, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout'];
  openssl(
    'req',
    '-x509',
    ...ec,
    'o-ca.key',
    '-out',
    'o-ca.pem',
    '-subj',
    '/CN=Old CA',
    '-addext',
    'keyUsage=critical,keyCertSign',
  );
  openssl('req', ...ec, 'o.key', '-out', 'o.csr', '-subj', '/CN=old', '-sha256');
  for (const digest of ['sha1', 'sha256'])
    openssl(
      'x509',
      '-req',
      `-${digest}`,
      '-in',
      'o.csr',
      '-CA',
      'o-ca.pem',
      '-CAkey',
      'o-ca.key',
      '-CAcreateserial',
      '-out',
      `${digest}.pem`,
    );
  const weak = await verify('--cert', 'sha1.pem', '--trusted-ca', 'o-ca.pem');
  expect(weak.json()).toMatchObject([
    { ok: false, findings: [{ what: 'chain', facts: expect.stringContaining('too weak') }, {}, {}, {}] },
  ]);
  const [{ findings }] = (await verify('--cert', 'sha256.pem', '--trusted-ca', 'o-ca.pem')).json() as [
    { findings: Row[] },
  ];
  expect(findings).toContainEqual(
    expect.objectContaining({
      what: 'revocation',
      state: 'warning',
      facts: expect.stringContaining('no cRLSign'),
    }),
  );
});

test('an encrypted key opens with its password only, and other files are said to be what they are', async () => {
  const key = good.keys.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'right',
  });
  writeFileSync(at('locked.key'), key, { mode: 0o600 });
  const open = (env: Record<string, string>) =>
    cli(['tls', 'verify', '--trusted-ca', files.root, ...good2, '--key', 'locked.key', '--json'], {
      cwd: world.folder.path,
      env,
    });
  expect((await open({ SEALTRACK_KEY_PASSWORD: 'right' })).code).toBe(0);
  expect((await open({ SEALTRACK_KEY_PASSWORD: 'wrong' })).stderr).toContain('PRIVATE_KEY_PASSWORD_WRONG');
  expect((await open({})).stderr).toContain('PRIVATE_KEY_PASSWORD_MISSING');
  expect((await verify(...good2, '--key', files.good)).stderr).toContain('PRIVATE_KEY_INVALID');
  expect((await verify('--cert', files.key)).stderr).toMatch(/CERTIFICATE_INVALID.*holds a private key/);
  writeFileSync(at('broken.pem'), readFileSync(at(files.ca), 'latin1').replace(/M[A-Z]/, 'AA'));
  expect((await verify('--cert', 'broken.pem')).stderr).toContain('CERTIFICATE_INVALID');
  expect(await cli(['tls', 'verify', '--cert', at(files.good)])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('which CAs'),
  });
  expect(await verify()).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to verify') });
});
