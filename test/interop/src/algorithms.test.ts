import { describe, expect, test } from 'vitest';
import { plaintextOf, seal, spliced } from './testing/media.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 3072]);

/** What OpenSSL prints of a structure, without spaces at the ends of lines. */
async function print(...args: readonly string[]): Promise<string> {
  return (await bench.openssl(...args)).toString().replace(/ +$/gm, '');
}

describe.each(['detached', 'spliced'])('what OpenSSL says is in an envelope, %s', (form) => {
  const show = async (suite: 'pkcs7' | 'cms'): Promise<string> => {
    const sealed = await seal(suite, plaintextOf(100), owners);
    const file = bench.write(form === 'detached' ? sealed.envelope : spliced(sealed));
    return print('cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', file);
  };
  const count = (text: string, part: string): number => text.split(part).length - 1;

  test('of suite pkcs7', async () => {
    const shown = await show('pkcs7');
    expect(shown).toContain('contentType: pkcs7-envelopedData (1.2.840.113549.1.7.3)\n');
    expect(shown).toContain('  d.envelopedData:\n    version: 0\n    originatorInfo: <ABSENT>\n');
    expect(count(shown, '      d.ktri:\n        version: 0\n        d.issuerAndSerialNumber:\n')).toBe(2);
    const rsa = 'keyEncryptionAlgorithm:\n          algorithm: rsaEncryption (1.2.840.113549.1.1.1)\n';
    expect(count(shown, `${rsa}          parameter: NULL\n`)).toBe(2);
    expect(shown).toContain('      contentType: pkcs7-data (1.2.840.113549.1.7.1)\n');
    expect(shown).toMatch(
      /algorithm: aes-256-cbc \(2\.16\.840\.1\.101\.3\.4\.1\.42\)\n +parameter: OCTET STRING:/,
    );
    expect(shown).toContain('unprotectedAttrs:\n      <ABSENT>\n');
    expect(shown.includes('encryptedContent: <ABSENT>')).toBe(form === 'detached');
  });

  test('of suite cms', async () => {
    const shown = await show('cms');
    expect(shown).toContain('contentType: id-smime-ct-authEnvelopedData (1.2.840.113549.1.9.16.1.23)\n');
    expect(shown).toContain('  d.authEnvelopedData:\n    version: 0\n    originatorInfo: <ABSENT>\n');
    expect(count(shown, '      d.ktri:\n        version: 0\n        d.issuerAndSerialNumber:\n')).toBe(2);
    expect(count(shown, 'algorithm: rsaesOaep (1.2.840.113549.1.1.7)\n')).toBe(2);
    expect(shown).toContain('      contentType: pkcs7-data (1.2.840.113549.1.7.1)\n');
    expect(shown).toMatch(
      /algorithm: aes-256-gcm \(2\.16\.840\.1\.101\.3\.4\.1\.46\)\n +parameter: SEQUENCE:/,
    );
    expect(shown).toMatch(/prim: +OCTET STRING +\[HEX DUMP\]:[0-9A-F]{24}\n.* INTEGER +:10\n/);
    expect(shown).toContain('authAttrs:\n      <ABSENT>\n');
    expect(shown).toMatch(/ {4}mac:\n {6}0000 - ([0-9a-f]{2}[ -]){15}[0-9a-f]{2} /);
    expect(shown).toContain('unauthAttrs:\n      <ABSENT>\n');
    expect(shown.includes('encryptedContent: <ABSENT>')).toBe(form === 'detached');
  });
});

test('OAEP has SHA-256 for its hash and for MGF1, with NULL parameters, and no label', async () => {
  const { envelope } = await seal('cms', plaintextOf(0), owners.slice(0, 1));
  const lines = (await print('asn1parse', '-inform', 'DER', '-in', bench.write(envelope))).split('\n');
  const at = lines.findIndex((line) => line.includes(':rsaesOaep'));
  const names = lines
    .slice(at, at + 12)
    .map((line) => line.replace(/^.*(cons|prim): */, '').replace(/ +/g, ' '));
  expect(names).toEqual([
    ...['OBJECT :rsaesOaep', 'SEQUENCE'],
    ...['cont [ 0 ]', 'SEQUENCE', 'OBJECT :sha256', 'NULL'],
    ...['cont [ 1 ]', 'SEQUENCE', 'OBJECT :mgf1', 'SEQUENCE', 'OBJECT :sha256', 'NULL'],
  ]);
  expect(lines[at + 12]).toContain('OCTET STRING');
});
