import { execFileSync } from 'node:child_process';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { oid, sequence, setOf, utf8String } from '@sealtrack/certificates/der';
import { encodePem } from '@sealtrack/certificates/pem';
import { issue, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { expect, test } from 'vitest';
import { isSameName } from './lenient-names.ts';

const keys = rsaKeys();
const attribute = (type: string, value: string) => sequence(oid(type), utf8String(value));
const [C, O, OU, CN, EMAIL] = ['2.5.4.6', '2.5.4.10', '2.5.4.11', '2.5.4.3', '1.2.840.113549.1.9.1'];
const NAME = sequence(
  setOf(attribute(C, 'DE')),
  setOf(attribute(O, 'Müller, Söhne + Co; "GmbH"')),
  setOf(attribute(OU, 'Voice / Screen')),
  setOf(attribute(OU, '#1 東京')),
  setOf(attribute(CN, 'Recording\\CA'), attribute(EMAIL, 'ca@example.com')),
);
const der = issue({ subject: 'x', issuer: NAME, keys, issuerKeys: keys });
const { issuer } = parseCertificate(der);

const byOpenssl = (...options: string[]) =>
  execFileSync('openssl', ['x509', '-noout', '-issuer', ...options.flatMap((each) => ['-nameopt', each])], {
    input: encodePem('CERTIFICATE', der),
    encoding: 'utf8',
  })
    .trim()
    .replace(/^issuer= ?/, '');

test.each([
  [[]],
  [['RFC2253']],
  [['RFC2253', '-esc_msb', 'utf8']],
  [['oneline']],
  [['compat']],
  [['oneline', '-esc_msb', 'utf8', 'lname']],
  [['RFC2253', 'dump_all']],
  [['sep_comma_plus_space', 'esc_2253', 'utf8']],
])('what OpenSSL prints with %j is the same name', (options) => {
  const printed = byOpenssl(...options);
  expect([printed, isSameName(printed, issuer)]).toEqual([printed, true]);
  expect(isSameName(printed.replace('Screen', 'Screens'), issuer)).toBe(options.includes('dump_all'));
});
