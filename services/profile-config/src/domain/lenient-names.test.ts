import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAlias, parseAlias, serialsOf } from './genesys-alias.ts';
import { isSameName } from './lenient-names.ts';

const SAME = 'CN=Recording CA,OU=Voice\\, Screen,O=Example,C=DE';

test.each([
  ['RFC 4514', SAME],
  ['the order of the encoding', 'C=DE,O=Example,OU=Voice\\, Screen,CN=Recording CA'],
  ['Java', 'CN=Recording CA, OU="Voice, Screen", O=Example, C=DE'],
  ['OpenSSL, one line', '/C=DE/O=Example/OU=Voice, Screen/CN=Recording CA'],
  ['OpenSSL, since 1.1', 'C = DE, O = Example, OU = "Voice, Screen", CN = Recording CA'],
  ['other cases and spaces', 'cn=recording  ca;ou=VOICE\\2C Screen; o=example;c=de'],
  ['other names of types', '2.5.4.3=Recording CA,OID.2.5.4.11=Voice\\, Screen,organizationName=Example,C=DE'],
  ['a value in hex', 'CN=#0C0C5265636F7264696E67204341,OU=Voice\\, Screen,O=Example,C=DE'],
])('a name in the form of %s is the same', (_, name) => {
  expect(isSameName(SAME, name)).toBe(true);
});

test.each([
  ['a part less', 'CN=Recording CA,O=Example,C=DE'],
  ['a part more', `${SAME},L=Berlin`],
  ['another value', SAME.replace('Example', 'Exampel')],
  ['another type', SAME.replace('O=Example', 'L=Example')],
  ['parts in another order', 'O=Example,CN=Recording CA,OU=Voice\\, Screen,C=DE'],
  ['a part that is none', `${SAME},nonsense`],
  ['nothing', ''],
])('a name with %s is another one', (_, name) => {
  expect(isSameName(SAME, name)).toBe(false);
});

test('nothing is the same as nothing', () => {
  expect(isSameName('', '')).toBe(false);
  expect(isSameName('nonsense', 'nonsense')).toBe(false);
});

const type = fc.constantFrom('CN', 'O', 'OU', 'C', 'ST', 'emailAddress', 'DC');
const value = fc.stringMatching(
  /^[A-Za-zäß0-9+,;"\\=<>#/.-]([A-Za-zäß0-9+,;"\\=<>#/. -]{0,10}[A-Za-z0-9])?$/,
);
const escaped = (text: string) => text.replaceAll(/["+,;<>\\]|^#/g, '\\$&');

test('whatever is in a name, its forms are the same, and with another value it is another one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(type, value), { minLength: 1, maxLength: 6 }), (attributes) => {
      const rfc = attributes.map(([of, is]) => `${of}=${escaped(is)}`).join(',');
      const java = attributes.map(([of, is]) => `${of}="${is.replaceAll(/["\\]/g, '\\$&')}"`).join(', ');
      const hex = attributes
        .map(([of, is]) => `${of}=${Buffer.from(is).toString('hex').replaceAll(/../g, '\\$&')}`)
        .toReversed()
        .join(' , ');
      expect([isSameName(rfc, java), isSameName(rfc, hex)]).toEqual([true, true]);
      expect(isSameName(rfc, `${rfc}x`)).toBe(false);
    }),
  );
});

test('an alias is read back, colons in its issuer and all', async () => {
  const { certificateDer } = await createSelfSigned({ commonName: 'a:1:b', organization: 'x' });
  const { issuer, serialNumber } = parseCertificate(certificateDer);
  const alias = parseAlias(formatAlias('demo', 3, issuer, serialNumber));
  expect(alias).toEqual({ tenant: 'demo', issuer, serial: serialNumber });
  for (const text of ['', 'sales', 'rcs_1:1:CN=a', 'rcs_1:x:CN=a:01', 'rcs_1:1:CN=a:xyz'])
    expect(parseAlias(text)).toBeUndefined();
});

test('a serial number of digits alone may be hex or decimal', () => {
  expect(serialsOf('0A1B')).toEqual(['a1b']);
  expect(serialsOf('0016')).toEqual(['16', '10']);
  expect(serialsOf('00')).toEqual(['0']);
});
