import { contextTag, element, octetString, oid, readOnly, sequence, TAG } from '@sealtrack/certificates/der';
import { describe, expect, test } from 'vitest';
import {
  decryptKeySync,
  encodeKeyTransport,
  encryptKey,
  type KeyTransport,
  parseKeyTransport,
} from './key-transport.ts';
import { createOwner } from './test-media.ts';

const owner = await createOwner('owner');

const TRANSPORTS: readonly KeyTransport[] = [
  { name: 'RSAES-PKCS1-v1_5' },
  ...(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const).flatMap((hash) =>
    [Buffer.alloc(0), Buffer.from('label')].map((label) => ({ name: 'RSAES-OAEP', hash, label }) as const),
  ),
];

describe.each(TRANSPORTS)('$name $hash $label', (transport) => {
  test('comes back from its encoding', () => {
    const der = encodeKeyTransport(transport);
    expect(parseKeyTransport(readOnly(der, TAG.sequence))).toEqual(transport);
  });

  test('takes a key there and back', () => {
    const dek = Buffer.alloc(32, 7);
    const encrypted = encryptKey(transport, owner.certificate.publicKey, dek);
    expect(decryptKeySync(transport, owner.privateKey, encrypted).equals(dek)).toBe(true);
  });

  test('gives nothing, and no reason, for what is no number below the modulus', () => {
    for (const wrong of [Buffer.alloc(257), Buffer.alloc(256, 0xff)])
      expect(decryptKeySync(transport, owner.privateKey, wrong)).toHaveLength(0);
  });
});

test('OAEP that does not decrypt gives nothing', () => {
  const oaep = { name: 'RSAES-OAEP', hash: 'sha256', label: Buffer.alloc(0) } as const;
  const encrypted = encryptKey(
    { ...oaep, label: Buffer.of(1) },
    owner.certificate.publicKey,
    Buffer.alloc(32),
  );
  expect(decryptKeySync(oaep, owner.privateKey, encrypted)).toHaveLength(0);
});

const parse = (...parts: readonly Buffer[]) => parseKeyTransport(readOnly(sequence(...parts), TAG.sequence));
const explicit = (n: number, content: Buffer): Buffer => element(contextTag(n, true), content);
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'));
const OAEP = oid('1.2.840.113549.1.1.7');
const mgf1 = (hash: Buffer): Buffer => sequence(oid('1.2.840.113549.1.1.8'), hash);

test('rsaEncryption may leave its NULL out', () => {
  expect(parse(oid('1.2.840.113549.1.1.1'))).toEqual({ name: 'RSAES-PKCS1-v1_5' });
});

test('OAEP without parameters is SHA-1, and hashes may have a NULL or none', () => {
  const sha1 = { name: 'RSAES-OAEP', hash: 'sha1', label: Buffer.alloc(0) };
  expect(parse(OAEP)).toEqual(sha1);
  expect(parse(OAEP, sequence())).toEqual(sha1);
  const bare = sequence(explicit(0, SHA256), explicit(1, mgf1(SHA256)));
  expect(parse(OAEP, bare)).toMatchObject({ hash: 'sha256' });
});

test.each([
  ['another algorithm', [oid('1.2.840.113549.1.1.10')]],
  // What Java has as its default, and Node cannot decrypt.
  ['MGF1 with another hash', [OAEP, sequence(explicit(0, SHA256))]],
  ['a hash not known', [OAEP, sequence(explicit(0, sequence(oid('1.2.840.113549.2.5'))))]],
  ['fields out of order', [OAEP, sequence(explicit(1, mgf1(SHA256)), explicit(0, SHA256))]],
  ['a field twice', [OAEP, sequence(explicit(0, SHA256), explicit(0, SHA256), explicit(1, mgf1(SHA256)))]],
  [
    'a label of another source',
    [OAEP, sequence(explicit(2, sequence(oid('1.2.3'), octetString(Buffer.of(1)))))],
  ],
])('%s is not known here', (_name, parts) => {
  expect(parse(...parts)).toBeUndefined();
});
