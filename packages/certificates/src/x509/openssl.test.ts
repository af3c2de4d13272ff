import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChainPolicy, RECORDING_POLICY } from './policy.ts';
import { validateChain } from './validate-chain.ts';

/** Chains as administrators make them, with `openssl req`, `x509` and `ca`. */

const dir = mkdtempSync(join(tmpdir(), 'x509-'));
afterAll(() => rmSync(dir, { recursive: true }));

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

const AS_CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
const AS_LEAF = 'basicConstraints=CA:FALSE\nkeyUsage=critical,keyEncipherment,dataEncipherment\n';
const IDS = 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n';

const DAY = 24 * 3600 * 1000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY);
/** Of the one PEM block in a file. */
const der = (name: string): Buffer =>
  Buffer.from(readFileSync(join(dir, `${name}.pem`), 'latin1').replaceAll(/-----.*-----/g, ''), 'base64');

function key(name: string, ...algorithm: string[]): void {
  openssl('genpkey', ...algorithm, '-out', `${name}.key`);
}

/** `file` is the certificate; `owner` and `issuer` are whose keys and names it is on. */
function certify(file: string, owner: string, issuer: string, extensions: string, days = 30): void {
  writeFileSync(join(dir, 'extensions.cnf'), `${IDS}${extensions}`);
  openssl('req', '-new', '-key', `${owner}.key`, '-subj', `/O=Example/CN=${owner}`, '-out', 'request.pem');
  const signer =
    owner === issuer ? ['-signkey', `${owner}.key`] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'request.pem',
      ...signer,
      '-set_serial',
      String(serial++),
      '-days',
      String(days),
    ],
    ...['-extfile', 'extensions.cnf', '-out', `${file}.pem`],
  );
}
let serial = 100;

/** Lists those certificates that are given, of everything that the CA issued. */
function list(file: string, ca: string, ...revoked: string[]): void {
  writeFileSync(join(dir, 'index.txt'), '');
  writeFileSync(join(dir, 'index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(join(dir, 'crlnumber'), '01\n');
  writeFileSync(
    join(dir, 'ca.cnf'),
    '[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid\n',
  );
  const as = ['-config', 'ca.cnf', '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`];
  for (const each of revoked) openssl('ca', ...as, '-revoke', `${each}.pem`, '-crl_reason', 'keyCompromise');
  openssl('ca', ...as, '-gencrl', '-crldays', '7', '-out', `${file}.pem`);
}

interface Given {
  readonly between?: readonly string[];
  readonly anchors?: readonly string[];
  readonly crls?: readonly string[];
  readonly at?: Date;
}

function outcome(leaf: string, given: Given, policy: Partial<ChainPolicy> = {}): string {
  const { between = [], anchors = ['Root'], crls = [], at = new Date() } = given;
  const chain = {
    leaf: der(leaf),
    intermediates: between.map(der),
    anchors: anchors.map(der),
    crls: crls.map(der),
  };
  const result = validateChain(chain, { ...RECORDING_POLICY, ...policy }, at);
  return result.ok ? result.path.length.toString() : `${result.problem} ${result.subject.split(',')[0]}`;
}

beforeAll(() => {
  const ec = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  for (const ca of ['Root', 'Other', 'Sub', 'Low']) key(ca, ...ec);
  key('Tenant', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
  certify('Root', 'Root', 'Root', AS_CA, 3650);
  certify('Other', 'Other', 'Other', AS_CA, 3650);
  certify('Sub', 'Sub', 'Root', AS_CA, 365);
  certify('Low', 'Low', 'Sub', AS_CA, 365);
  certify('Tenant', 'Tenant', 'Low', AS_LEAF);
  certify(
    'Named',
    'Tenant',
    'Low',
    `${AS_LEAF}subjectAltName=DNS:a.example.com,email:a@example.com,IP:10.1.2.3\n`,
  );
});

describe('a chain', () => {
  test('of four', () => {
    expect(outcome('Tenant', { between: ['Low', 'Sub'] })).toBe('4');
    expect(outcome('Tenant', { between: ['Low'], anchors: ['Sub'] })).toBe('3');
    expect(outcome('Tenant', { between: ['Low'] })).toBe('issuer-unknown CN=Low');
    expect(outcome('Tenant', { between: ['Low', 'Sub', 'Root'], anchors: ['Other'] })).toBe(
      'root-untrusted CN=Root',
    );
  });

  test('in its time', () => {
    const between = ['Low', 'Sub'];
    expect(outcome('Tenant', { between, at: inDays(29) })).toBe('4');
    expect(outcome('Tenant', { between, at: inDays(31) })).toBe('expired CN=Tenant');
    expect(outcome('Tenant', { between, at: inDays(-1) })).toBe('not-yet-valid CN=Tenant');
  });

  test('with CAs that certify each other, and another root', () => {
    certify('SubByLow', 'Sub', 'Low', AS_CA);
    certify('LowByOther', 'Low', 'Other', AS_CA);
    certify('SubByOther', 'Sub', 'Other', AS_CA, 10);
    const between = ['SubByLow', 'Low', 'SubByOther', 'LowByOther'];
    expect(outcome('Tenant', { between })).toMatch(/^root-untrusted|^issuer-unknown/);
    expect(outcome('Tenant', { between: [...between, 'Sub'] })).toBe('4');
    expect(outcome('Tenant', { between, anchors: ['Other'], at: inDays(20) })).toBe('3');
  });

  test('with every algorithm that OpenSSL signs with', () => {
    const algorithms = [
      ['-algorithm', 'ED25519'],
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
      ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
      [
        '-algorithm',
        'RSA-PSS',
        '-pkeyopt',
        'rsa_keygen_bits:2048',
        '-pkeyopt',
        'rsa_pss_keygen_md:sha256',
        '-pkeyopt',
        'rsa_pss_keygen_mgf1_md:sha256',
      ],
    ];
    for (const [i, algorithm] of algorithms.entries()) {
      key(`Signer${i}`, ...algorithm);
      certify(`Signer${i}`, `Signer${i}`, `Signer${i}`, AS_CA);
      certify(`Signed${i}`, 'Tenant', `Signer${i}`, AS_LEAF);
      expect(outcome(`Signed${i}`, { anchors: [`Signer${i}`] })).toBe('2');
      expect(outcome(`Signed${i}`, { anchors: ['Root'] })).toBe('issuer-unknown CN=Tenant');
    }
  });
});

describe('what a CA may', () => {
  test('pathlen, CA:FALSE, keyUsage', () => {
    certify('Short', 'Sub', 'Root', AS_CA.replace('CA:TRUE', 'CA:TRUE,pathlen:0'));
    expect(outcome('Tenant', { between: ['Low', 'Short'] })).toBe('path-length-exceeded CN=Sub');
    certify('NoCa', 'Low', 'Sub', AS_LEAF);
    expect(outcome('Tenant', { between: ['NoCa', 'Sub'] })).toBe('not-a-ca CN=Low');
    certify('NoSign', 'Low', 'Sub', AS_CA.replace('keyCertSign,', ''));
    expect(outcome('Tenant', { between: ['NoSign', 'Sub'] })).toBe('ca-may-not-sign CN=Low');
  });

  test.each([
    ['permitted;dirName:only', '[only]\nO=Example', '4'],
    ['permitted;dirName:only', '[only]\nO=Else', 'name-forbidden CN=Tenant'],
    ['excluded;dirName:only', '[only]\nO=Example', 'name-forbidden CN=Tenant'],
    ['permitted;DNS:example.com', '', '4'],
    ['excluded;DNS:example.com', '', 'name-forbidden CN=Tenant'],
    ['permitted;email:example.com', '', '4'],
    ['permitted;email:.example.com', '', 'name-forbidden CN=Tenant'],
    ['permitted;IP:10.0.0.0/255.0.0.0', '', '4'],
    ['excluded;IP:10.1.0.0/255.255.0.0', '', 'name-forbidden CN=Tenant'],
  ])('nameConstraints=critical,%s %s', (constraint, section, expected) => {
    certify('Bound', 'Sub', 'Root', `${AS_CA}nameConstraints=critical,${constraint}\n${section}`);
    expect(outcome('Named', { between: ['Low', 'Bound'] })).toBe(expected);
  });
});

describe('what a certificate says of itself', () => {
  test('a use: extendedKeyUsage of all but the root', () => {
    const wanted = { extendedKeyUsage: ['1.3.6.1.5.5.7.3.4'] };
    certify('Mail', 'Tenant', 'Low', `${AS_LEAF}extendedKeyUsage=emailProtection\n`);
    certify('Web', 'Tenant', 'Low', `${AS_LEAF}extendedKeyUsage=serverAuth\n`);
    certify('WebCa', 'Low', 'Sub', `${AS_CA}extendedKeyUsage=serverAuth\n`);
    expect(outcome('Mail', { between: ['Low', 'Sub'] }, wanted)).toBe('4');
    expect(outcome('Web', { between: ['Low', 'Sub'] }, wanted)).toBe('extended-key-usage-missing CN=Tenant');
    expect(outcome('Mail', { between: ['WebCa', 'Sub'] }, wanted)).toBe('extended-key-usage-missing CN=Low');
  });

  test('something critical that nobody knows', () => {
    certify('Odd', 'Tenant', 'Low', `${AS_LEAF}1.2.3.4=critical,ASN1:NULL\n`);
    expect(outcome('Odd', { between: ['Low', 'Sub'] })).toBe('critical-extension-unknown CN=Tenant');
    certify('Even', 'Tenant', 'Low', `${AS_LEAF}1.2.3.4=ASN1:NULL\n`);
    expect(outcome('Even', { between: ['Low', 'Sub'] })).toBe('4');
  });
});

test('CRLs', () => {
  for (const ca of ['Root', 'Sub', 'Low']) list(`${ca}-crl`, ca);
  list('Low-revokes', 'Low', 'Tenant');
  list('Sub-revokes', 'Sub', 'Low');
  const between = ['Low', 'Sub'];
  const required = { revocation: 'required' } as const;
  const with_ = (...crls: string[]) => outcome('Tenant', { between, crls }, required);
  expect(with_('Root-crl', 'Sub-crl', 'Low-crl')).toBe('4');
  expect(with_('Root-crl', 'Low-crl')).toBe('crl-missing CN=Low');
  expect(with_('Root-crl', 'Sub-crl', 'Low-revokes')).toBe('revoked CN=Tenant');
  expect(with_('Root-crl', 'Sub-revokes', 'Low-crl')).toBe('revoked CN=Low');
  const late = { between, crls: ['Root-crl', 'Sub-crl', 'Low-crl'], at: inDays(8) };
  expect(outcome('Tenant', late, required)).toBe('crl-expired CN=Tenant');
});
