import { mkdir } from 'node:fs/promises';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { createPki, sealtrackIn } from '../testing/pki.ts';
import { hasTool, keytool, tool } from '../testing/tools.ts';
import { createNss, NSS_WORDS, type Question, type Refusal, VERIFIERS } from '../testing/verifiers.ts';

/** What `sealtrack tls` issues, as the programs of others read and judge it. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const pki = await createPki(folder.path);
const { root, crls } = pki;

type Case = readonly [
  what: string,
  chain: string,
  usage: Question['usage'],
  host: string | undefined,
  Refusal | 'ok',
];
const CASES: readonly Case[] = [
  ['a server', pki.server.files.certificate, 'server', 'media.example.com', 'ok'],
  ['a server as a client', pki.server.files.certificate, 'client', undefined, 'ok'],
  ['a client', pki.client.files.certificate, 'client', undefined, 'ok'],
  ['a client as a server', pki.client.files.certificate, 'server', undefined, 'wrong usage'],
  ['for another host', pki.server.files.certificate, 'server', 'other.example.com', 'wrong host'],
  ['revoked', pki.revoked.files.certificate, 'server', 'old.example.com', 'revoked'],
  ['outside of the name constraints', pki.outside, 'server', 'media.example.org', 'name constraints'],
  ['below a CA that may have none below it', pki.tooDeep, 'server', 'media.example.com', 'path length'],
];

const together = VERIFIERS.flatMap((verifier) =>
  CASES.map((each) => ({ verifier, each, needs: verifier.needs, what: each[0], expected: each[4] })),
);

for (const { verifier, each, needs, what, expected } of together)
  test.skipIf(!hasTool(needs))(`${needs}: ${what}: ${expected}`, async () => {
    const [, chain, usage, host] = each;
    const verdict = await verifier.verify({ chain, root, crls, usage, ...(host !== undefined && { host }) });
    expect(verdict.ok, verdict.text).toBe(expected === 'ok');
    if (expected !== 'ok') expect(verdict.text).toMatch(verifier.words[expected] ?? /^$/);
  });

test.each(CASES)('sealtrack tls verify: %s', async (_, chain, usage, host, expected) => {
  const lists = ['--crl', crls];
  const done = await pki.run(
    'verify',
    '--cert',
    chain,
    '--trusted-ca',
    root,
    ...lists,
    '--usage',
    usage,
    ...(host === undefined ? [] : ['--host', host]),
  );
  expect(done.code, done.text).toBe(expected === 'ok' ? 0 : 1);
});

test.skipIf(!hasTool('certutil') || !hasTool('crlutil'))(
  'NSS (certutil, crlutil): all of these, but for hosts',
  async () => {
    const nss = await createNss(folder.path);
    await nss.addRoot('root', root);
    await nss.add('media', pki.media);
    await nss.add('deep', pki.deep);
    for (const crl of pki.crlsInDer) await nss.addCrl(crl);
    const added = new Set<string>();
    for (const [what, chain, usage, , expected] of CASES.filter(
      ([, , , , refusal]) => refusal !== 'wrong host',
    )) {
      if (!added.has(chain)) await nss.add(chain, chain);
      added.add(chain);
      const verdict = await nss.verify(chain, usage);
      expect(verdict.ok, `${what}: ${verdict.text}`).toBe(expected === 'ok');
      if (expected !== 'ok') expect(verdict.text).toMatch(NSS_WORDS[expected] ?? /^$/);
    }
  },
);

test.skipIf(!hasTool('keytool'))(
  'Java (keytool) reads certificates and lists, and builds the chain',
  async () => {
    const store = ['-keystore', `${folder.path}/java.p12`, '-storepass', 'changeit'];
    const trusting = keytool('-importcert', '-noprompt', '-alias', 'root', '-file', root, ...store);
    const [certificate, crl] = await Promise.all([
      keytool('-printcert', '-file', pki.server.files.certificate),
      keytool('-printcrl', '-file', crls),
      trusting,
    ]);
    expect(certificate.text.replaceAll(':', '').toLowerCase()).toContain(pki.server.fingerprint);
    expect(certificate.text).toContain('DNSName: media.example.com');
    expect(crl.text.replaceAll(/[\s:]/g, '').toLowerCase()).toContain(
      `serialnumber${pki.revoked.serial.toLowerCase()}`,
    );
    // Without a chain to the root it would ask whether this is to be trusted, and nobody says yes.
    const media = await keytool('-importcert', '-alias', 'media', '-file', pki.media, ...store);
    expect(media.text).toMatch(/was (added|installed)/);
  },
);

test('an authority refuses what others would refuse then', async () => {
  const outside = await pki.run(
    'create-cert',
    '--dir',
    'root/media',
    '--key-type',
    'p256',
    '--host',
    'media.example.org',
  );
  expect(outside).toMatchObject({ code: 2, stderr: expect.stringContaining('media.example.org') });
  const deeper = await pki.run(
    'create-intermediate',
    '--dir',
    'root/media',
    '--name',
    'deeper',
    '--cn',
    'Deeper',
    '--key-type',
    'p256',
  );
  expect(deeper.code).not.toBe(0);
});

test('with RSA of 3072 bits and SHA-384: openssl and certtool', async () => {
  await mkdir(`${folder.path}/rsa`);
  const { make } = sealtrackIn(`${folder.path}/rsa`);
  await make('create-ca', '--cn', 'RSA Root', '--digest', 'sha384');
  const { files } = await make('create-cert', '--host', 'rsa.example.com', '--digest', 'sha384');
  await make('crl');
  const own = {
    root: `${folder.path}/rsa/ca_conf/ca_cert.pem`,
    crls: `${folder.path}/rsa/ca_conf/ca_crl.pem`,
  };
  for (const verifier of VERIFIERS.filter(({ needs }) => hasTool(needs))) {
    const verdict = await verifier.verify({
      ...own,
      chain: files.certificate,
      usage: 'server',
      host: 'rsa.example.com',
    });
    expect(verdict.ok, verdict.text).toBe(true);
  }
  const shown = await tool('openssl', ['x509', '-in', files.certificate, '-noout', '-text']);
  expect(shown.text).toMatch(/sha384WithRSAEncryption[\s\S]*\(3072 bit\)/);
});
