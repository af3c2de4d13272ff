import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { children, element, octetString, oid, readOnly, sequence, setOf, TAG, utf8String } from './der.ts';
import { distinguishedName } from './distinguished-name.ts';

const dir = mkdtempSync(join(tmpdir(), 'distinguished-name-'));
afterAll(() => rmSync(dir, { recursive: true }));

const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), value);
const commonName = (value: Buffer): Buffer => sequence(setOf(attribute('2.5.4.3', value)));

test('writes what OpenSSL writes', () => {
  writeFileSync(
    join(dir, 'request.cnf'),
    `oid_section = oids
[oids]
ourOwn = 1.2.3.4.123456789
[req]
prompt = no
utf8 = yes
string_mask = MASK:0x2806
distinguished_name = name
[name]
C = DE
ST = Bayern
L = München
1.O = Ex, "ample"
1.+OU = A + B
street = 1 Main St\\\\2
postalCode = 80331
SN = Sur
GN = Given
title = Dr
initials = ab
name = n
description = d = e
businessCategory = b
generationQualifier = III
dnQualifier = q
pseudonym = p
organizationIdentifier = VATDE-1
serialNumber = 123
emailAddress = a@example.com
UID = u1
1.DC = com
2.DC = example
ourOwn = odd
CN = "#<x>; 日本 "
`,
  );
  const openssl = (...args: string[]): string =>
    execFileSync('openssl', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'k'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-config',
    'request.cnf',
    '-addext',
    'keyUsage=keyEncipherment',
    '-out',
    'c',
  );
  const printed = openssl('x509', '-in', 'c', '-noout', '-issuer', '-nameopt', 'RFC2253,-esc_msb,utf8');
  const expected = printed.replace('issuer=', '').replace('\n', '');
  expect(distinguishedName(issuerOf(openssl('x509', '-in', 'c')))).toBe(expected);
  expect(expected).toContain('1.2.3.4.123456789=#');
});

/** Of TBSCertificate the fourth (RFC 5280, 4.1). */
function issuerOf(pem: string): Buffer {
  const [body] = children(readOnly(parseCertificate(pem).der, TAG.sequence));
  return children(body ?? expect.fail())[3]?.raw ?? expect.fail();
}

test.each([
  ['PrintableString', element(19, Buffer.from('Tenant')), 'CN=Tenant'],
  ['TeletexString', element(20, Buffer.from('Zürich', 'latin1')), 'CN=Zürich'],
  ['BMPString', element(30, Buffer.from('Zürich', 'utf16le').swap16()), 'CN=Zürich'],
  ['UniversalString', element(28, Buffer.from('0000005a0001f600', 'hex')), 'CN=Z😀'],
  ['an OCTET STRING', octetString(Buffer.of(1, 0xab)), 'CN=#040201AB'],
  ['what is not UTF-8', element(TAG.utf8String, Buffer.of(0xff)), 'CN=#0C01FF'],
  ['half a character of UTF-16', element(30, Buffer.of(0xd8, 0)), 'CN=#1E02D800'],
  ['half of four bytes', element(28, Buffer.of(0, 0)), 'CN=#1C020000'],
  ['no character', element(28, Buffer.of(0xff, 0, 0, 0)), 'CN=#1C04FF000000'],
  ['nothing', utf8String(''), 'CN='],
  ['a space', utf8String(' '), String.raw`CN=\ `],
  ['spaces', utf8String('  a  '), String.raw`CN=\  a \ `],
  ['a number sign', utf8String('#a#'), String.raw`CN=\#a#`],
  ['separators', utf8String('a,b+c"d\\e<f>g;h=i'), String.raw`CN=a\,b\+c\"d\\e\<f\>g\;h=i`],
  ['control characters', utf8String('a\u0000\n\u001b[2J\u007f\u009b'), String.raw`CN=a\00\0A\1B[2J\7F\C2\9B`],
  ['turned text', utf8String('\u202eabc\u2066\u200f'), String.raw`CN=\E2\80\AEabc\E2\81\A6\E2\80\8F`],
  ['a line separator', utf8String('a\u2028b\ufeff'), String.raw`CN=a\E2\80\A8b\EF\BB\BF`],
])('a value: %s', (_name, value, expected) => {
  expect(distinguishedName(commonName(value))).toBe(expected);
});

test('an empty name is empty', () => {
  expect(distinguishedName(sequence())).toBe('');
});

describe('shows as hex', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['something else', octetString(Buffer.from('x'))],
    ['a name that is cut short', commonName(utf8String('x')).subarray(0, -1)],
    ['a name with something behind it', Buffer.concat([sequence(), Buffer.of(0)])],
    ['a type without value', sequence(setOf(sequence(oid('2.5.4.3'))))],
    ['two values', sequence(setOf(sequence(oid('2.5.4.3'), utf8String('x'), utf8String('y'))))],
    ['an empty type', sequence(setOf(sequence(element(TAG.oid), utf8String('x'))))],
    [
      'a type that is cut short',
      sequence(setOf(sequence(element(TAG.oid, Buffer.of(0x55, 0x84)), utf8String('x')))),
    ],
    [
      'a huge type',
      sequence(setOf(sequence(element(TAG.oid, Buffer.alloc(10, 0xff), Buffer.of(1)), utf8String('x')))),
    ],
  ])('%s', (_name, der) => {
    expect(distinguishedName(der)).toBe(`#${der.toString('hex').toUpperCase()}`);
  });
});

test('is never long', () => {
  const many = sequence(...Array.from({ length: 900 }, () => setOf(attribute('2.5.4.3', utf8String('x')))));
  const long = commonName(utf8String(`a${'😀'.repeat(5000)}`));
  const other = sequence(setOf(attribute('1.2.3.4', octetString(Buffer.alloc(60_000)))));
  const tooLong = commonName(utf8String('x'.repeat(2 ** 20)));
  const tooMany = sequence(...Array.from({ length: 5000 }, () => setOf()));
  for (const name of [many, long, other, tooLong, tooMany, Buffer.alloc(2 ** 20)].map(distinguishedName)) {
    expect(name.length).toBeGreaterThan(990);
    expect(name.length).toBeLessThanOrEqual(1000);
    expect(name.endsWith('…') && name.isWellFormed()).toBe(true);
  }
});

test('gives one printable line for any bytes', () => {
  const types = fc.constantFrom('2.5.4.3', '2.5.4.10', '1.2.3.4', '2.999.1');
  const tag = fc.constantFrom(TAG.utf8String, 18, 19, 20, 22, 26, 28, 30, TAG.octetString);
  const value = fc.tuple(types, tag, fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(
      fc.array(value),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
      (values, damage) => {
        const name = sequence(
          ...values.map(([type, tag, bytes]) => setOf(attribute(type, element(tag, bytes)))),
        );
        for (const [at, byte] of damage) name[at % name.length] = byte;
        expect(distinguishedName(name)).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{0,1000}$/u);
      },
    ),
    { numRuns: 5000 },
  );
});
