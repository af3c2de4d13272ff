import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { certificateFields } from '../certificate-fields.ts';
import { distinguishedName } from '../distinguished-name.ts';
import { encodePem } from '../pem.ts';
import { createWorkshop } from '../testing/workshop.ts';
import { parseCrl } from '../x509/crl.ts';
import { parseX509 } from '../x509/parse-x509.ts';
import type { ChainPolicy } from '../x509/policy.ts';
import { validateChain } from '../x509/validate-chain.ts';
import {
  authorityKeyIdentifier,
  caConstraints,
  crlDistributionPoint,
  extendedKeyUsage,
  keyIdentifierOf,
  keyUsage,
  type NamedFor,
  nameConstraints,
  noCa,
  REVOCATION_REASONS,
  type RevocationReason,
  subjectAltNames,
  subjectKeyIdentifier,
} from './extensions.ts';
import { issueCertificate } from './issue-certificate.ts';
import { issueCrl } from './issue-crl.ts';
import { encodeName } from './name.ts';
import type { Digest } from './sign.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const ec = (namedCurve = 'P-256'): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const DAY = 24 * 3600 * 1000;
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const inDays = (days: number): Date => new Date(now.getTime() + days * DAY);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const POLICY: ChainPolicy = {
  profile: 'strict',
  maxIntermediates: 8,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
  revocation: 'required',
  legacy: ['sha1'],
  peerName: { kind: 'ip', value: bytes('20010db8000000000000000000000007') },
};

const ROOT = encodeName({
  country: 'DE',
  state: 'Bayern',
  locality: 'München',
  organization: 'Example, Inc.',
  organizationalUnit: 'Recording',
  commonName: 'Root',
  email: 'pki@example.com',
});
const SUB = encodeName({ organization: 'Example, Inc.', commonName: 'Sub' });

const permitted: NamedFor[] = [
  { kind: 'dns', value: 'example.com' },
  { kind: 'ip', value: bytes('20010db8000000000000000000000000ffffffff000000000000000000000000') },
  { kind: 'email', value: '.example.com' },
];
const excluded: NamedFor[] = [
  { kind: 'dns', value: 'secret.example.com' },
  { kind: 'directory', value: encodeName({ organization: 'Others' }) },
];

/** A root, a CA below it that may not issue for everybody, and a certificate for servers and clients; and both CAs' CRLs. */
function makeChain(caKey: KeyObject, digest: Digest, revoked: readonly RevocationReason[] = []) {
  const [subKey, leafKey] = [ec(), ec()];
  const keyIdentifier = keyIdentifierOf(createPublicKey(caKey));
  const ca = (key: KeyObject, ...more: readonly Buffer[]): Buffer[] => [
    ...more,
    keyUsage('keyCertSign', 'cRLSign'),
    subjectKeyIdentifier(keyIdentifierOf(createPublicKey(key))),
    authorityKeyIdentifier(keyIdentifier),
  ];
  const byRoot = { issuer: { name: ROOT, privateKey: caKey }, digest, notBefore: now };
  const root = issueCertificate({
    ...byRoot,
    subject: ROOT,
    publicKey: createPublicKey(caKey),
    serial: bytes('01'),
    notAfter: inDays(3650),
    extensions: ca(caKey, caConstraints()),
  });
  const sub = issueCertificate({
    ...byRoot,
    subject: SUB,
    publicKey: createPublicKey(subKey),
    serial: bytes('00ff'),
    notAfter: inDays(365),
    extensions: ca(subKey, caConstraints(0), nameConstraints(permitted, excluded)),
  });
  const bySub = { name: SUB, privateKey: subKey };
  const leaf = issueCertificate({
    subject: encodeName({ commonName: 'nats' }),
    publicKey: createPublicKey(leafKey),
    issuer: bySub,
    serial: bytes('7fabcdef0123456789abcdef01234567'),
    notBefore: now,
    notAfter: inDays(100),
    digest: 'sha256',
    extensions: [
      noCa(),
      keyUsage('digitalSignature'),
      extendedKeyUsage('serverAuth', 'clientAuth', 'emailProtection'),
      subjectKeyIdentifier(keyIdentifierOf(createPublicKey(leafKey))),
      authorityKeyIdentifier(keyIdentifierOf(createPublicKey(subKey))),
      subjectAltNames(
        { kind: 'dns', value: '*.media.example.com' },
        { kind: 'ip', value: bytes('20010db8000000000000000000000007') },
        { kind: 'email', value: 'ops@mail.example.com' },
      ),
      crlDistributionPoint('http://pki.example.com/sub.crl'),
    ],
  });
  const period = { thisUpdate: now, nextUpdate: inDays(7) };
  const rootCrl = issueCrl({
    ...period,
    issuer: { ...byRoot.issuer, keyIdentifier },
    number: 300n,
    revoked: [],
    digest,
  });
  const subCrl = issueCrl({
    ...period,
    issuer: { ...bySub, keyIdentifier: keyIdentifierOf(createPublicKey(subKey)) },
    number: 0x1_00000000_00000000n,
    // Those of others that were revoked, and in the last place perhaps the leaf.
    revoked: revoked.map((reason, i) => ({
      serial: i === revoked.length - 1 ? bytes('7fabcdef0123456789abcdef01234567') : Buffer.of(0x80 + i),
      at: now,
      reason,
    })),
    digest: 'sha384',
  });
  return { root, sub, leaf, rootCrl, subCrl };
}

type Made = ReturnType<typeof makeChain>;

function write(made: Made): void {
  for (const [name, der] of Object.entries(made))
    shop.write(`${name}.pem`, encodePem(name.endsWith('Crl') ? 'X509 CRL' : 'CERTIFICATE', der));
}

const openssl = (): string =>
  shop.openssl(
    'verify -x509_strict -auth_level 0 -crl_check_all -purpose sslserver -verify_ip 2001:db8::7 -CAfile root.pem -untrusted sub.pem -CRLfile rootCrl.pem -CRLfile subCrl.pem leaf.pem',
  );

const judge = ({ root, sub, leaf, rootCrl, subCrl }: Made) =>
  validateChain(
    { leaf, intermediates: [sub], anchors: [root], crls: [rootCrl, subCrl] },
    POLICY,
    new Date(now.getTime() + 1000),
  );

describe('a chain with its CRLs holds here by every rule, and for openssl verify -x509_strict', () => {
  test.each<[string, Digest, KeyObject, string]>([
    ['RSA', 'sha256', rsa, 'sha256WithRSAEncryption'],
    ['RSA', 'sha384', rsa, 'sha384WithRSAEncryption'],
    ['RSA', 'sha512', rsa, 'sha512WithRSAEncryption'],
    ['RSA', 'sha224', rsa, 'sha224WithRSAEncryption'],
    ['RSA', 'sha1', rsa, 'sha1WithRSAEncryption'],
    ['P-256', 'sha256', ec(), 'ecdsa-with-SHA256'],
    ['P-384', 'sha384', ec('P-384'), 'ecdsa-with-SHA384'],
    ['P-521', 'sha512', ec('P-521'), 'ecdsa-with-SHA512'],
    ['P-256', 'sha224', ec(), 'ecdsa-with-SHA224'],
    ['P-256', 'sha1', ec(), 'ecdsa-with-SHA1'],
  ])('%s, signed with %s', (_kind, digest, key, algorithm) => {
    const made = makeChain(key, digest);
    write(made);
    expect(judge(made)).toMatchObject({ ok: true });
    expect(openssl()).toContain('leaf.pem: OK');
    expect(certificateFields(made.sub).signatureAlgorithm.name).toBe(algorithm);
  });

  test('and neither when the certificate is revoked', () => {
    const made = makeChain(ec(), 'sha256', ['keyCompromise']);
    write(made);
    expect(judge(made)).toMatchObject({ ok: false, problem: 'revoked' });
    expect(openssl).toThrow('certificate revoked');
  });
});

test('OpenSSL shows what was asked for', () => {
  write(makeChain(ec(), 'sha256'));
  const text = (name: string): string =>
    shop.openssl(`x509 -in ${name}.pem -noout -text -nameopt RFC2253,-esc_msb,utf8`);
  const lines = (name: string): string[] =>
    text(name)
      .split('\n')
      .map((line) => line.trim());
  expect(lines('root')).toContain(
    'Subject: emailAddress=pki@example.com,CN=Root,OU=Recording,O=Example\\, Inc.,L=München,ST=Bayern,C=DE',
  );
  expect(shop.openssl('asn1parse -in root.pem')).toMatch(
    /countryName\n.*PRINTABLESTRING *:DE[\s\S]*stateOrProvinceName\n.*UTF8STRING *:Bayern[\s\S]*emailAddress\n.*IA5STRING *:pki@/,
  );
  expect(lines('root')).toEqual(expect.arrayContaining(['X509v3 Basic Constraints: critical', 'CA:TRUE']));
  expect(lines('sub')).toEqual(
    expect.arrayContaining([
      'CA:TRUE, pathlen:0',
      'Certificate Sign, CRL Sign',
      'X509v3 Name Constraints: critical',
      'DNS:example.com',
      'IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0',
      'email:.example.com',
      'DNS:secret.example.com',
      'DirName:O = Others',
      'Serial Number: 255 (0xff)',
    ]),
  );
  expect(lines('leaf')).toEqual(
    expect.arrayContaining([
      '7f:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67',
      'TLS Web Server Authentication, TLS Web Client Authentication, E-mail Protection',
      'DNS:*.media.example.com, IP Address:2001:DB8:0:0:0:0:0:7, email:ops@mail.example.com',
      'URI:http://pki.example.com/sub.crl',
    ]),
  );
  // Method 1 of the RFC is what OpenSSL calls "hash" too.
  shop.write('ext.cnf', 'subjectKeyIdentifier=hash');
  shop.openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem');
  shop.openssl('req -x509 -new -key k.pem -subj /CN=k -addext subjectKeyIdentifier=hash -out k.crt');
  const theirs = shop.openssl('x509 -in k.crt -noout -ext subjectKeyIdentifier').split('\n')[1]?.trim();
  const ours = keyIdentifierOf(createPublicKey(shop.read('k.pem'))).toString('hex');
  expect(theirs?.replaceAll(':', '').toLowerCase()).toBe(ours);
});

test('a CRL says what was revoked, when and why, to OpenSSL and to us', () => {
  const reasons = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  const made = makeChain(ec(), 'sha256', reasons);
  write(made);
  const text = shop.openssl('crl -in subCrl.pem -noout -text');
  expect(text).toContain('Version 2');
  expect(text.match(/CRL Number: *\n *(\S+)/)?.[1]).toMatch(/^(0x10+|18446744073709551616)$/);
  expect(text.match(/Serial Number: /g)).toHaveLength(reasons.length);
  // It is said of those that say something.
  expect(text.match(/CRL Reason Code/g)).toHaveLength(reasons.length - 1);
  expect(text).toContain('Key Compromise');
  expect(shop.openssl('crl -in rootCrl.pem -noout -text')).toContain('No Revoked Certificates');
  const crl = parseCrl(made.subCrl);
  expect(crl).toMatchObject({ unsupported: undefined, notConforming: undefined, isDelta: false });
  expect([...crl.revoked.values()].map(({ reason }) => reason.toLowerCase())).toEqual(
    reasons.map((reason) => (reason === 'unspecified' ? 'no reason given' : reason.toLowerCase())),
  );
  expect([...crl.revoked.values()].every(({ at }) => at === now.getTime())).toBe(true);
});

const key = ec();
/** One in which nothing else matters. */
const plain = (wanted: Partial<Parameters<typeof issueCertificate>[0]>): Buffer =>
  issueCertificate({
    subject: SUB,
    publicKey: createPublicKey(key),
    issuer: { name: SUB, privateKey: key },
    serial: Buffer.of(1),
    notBefore: now,
    notAfter: inDays(1),
    digest: 'sha256',
    extensions: [noCa()],
    ...wanted,
  });

describe('whatever is asked for comes back', () => {
  test('names', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(text, text, (organization, commonName) => {
        const subject = encodeName({ country: 'DE', organization, commonName });
        const { subject: read } = parseX509(plain({ subject }));
        expect(read.der.equals(subject)).toBe(true);
        expect(read.parts).toHaveLength(3);
        expect(distinguishedName(subject)).toMatch(/^CN=.*,C=DE$/su);
      }),
      { numRuns: 50 },
    );
  });

  test('serial numbers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 19 }), (serial) => {
        const read = BigInt(`0x${parseX509(plain({ serial: Buffer.from(serial) })).serial}`);
        expect(read).toBe(BigInt(`0x${Buffer.from(serial).toString('hex')}`));
      }),
      { numRuns: 100 },
    );
  });

  test('dates, in whole seconds', () => {
    const date = fc.date({
      min: new Date('1900-01-01'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, date, (notBefore, notAfter) => {
        const read = parseX509(plain({ notBefore, notAfter }));
        const seconds = (at: Date): number => Math.floor(at.getTime() / 1000) * 1000;
        expect([read.notBefore, read.notAfter]).toEqual([seconds(notBefore), seconds(notAfter)]);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['1949-12-31T23:59:59Z', 0x18],
    ['1950-01-01T00:00:00Z', 0x17],
    ['2049-12-31T23:59:59.999Z', 0x17],
    ['2050-01-01T00:00:00Z', 0x18],
    ['9999-12-31T23:59:59Z', 0x18],
  ])('%s has the tag that the RFC wants', (text, tag) => {
    const der = plain({ notAfter: new Date(text) });
    const digits = text.replaceAll(/[-:T]|\.\d+/g, '');
    const value = Buffer.from(tag === 0x17 ? digits.slice(2) : digits);
    expect(der.indexOf(Buffer.concat([Buffer.of(tag, value.length), value]))).toBeGreaterThan(0);
    shop.write('dated.der', der);
    expect(shop.openssl('x509 -inform DER -in dated.der -noout -enddate')).toContain(
      ` ${text.slice(0, 4)} GMT`,
    );
  });

  test.each([new Date(Number.NaN), new Date('+010000-01-01T00:00:00Z'), new Date('-000001-01-01T00:00:00Z')])(
    'no date that cannot be written: %s',
    (notAfter) => {
      expect(() => plain({ notAfter })).toThrow(RangeError);
    },
  );
});

test('a CA signs with RSA and EC keys only', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  expect(() => plain({ issuer: { name: SUB, privateKey } })).toThrowError(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
