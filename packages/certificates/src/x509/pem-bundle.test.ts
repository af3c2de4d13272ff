import { expect, test } from 'vitest';
import { DerError } from '../der.ts';
import { encodePem } from '../pem.ts';
import { readBundle } from './pem-bundle.ts';
import { ecKeys, issueCrl, root } from './testing/issue.ts';

const keys = ecKeys();
const [a, b] = [root('A', keys), root('B', keys)];
const crl = issueCrl({ issuer: 'A', issuerKeys: keys });
const text = (...parts: (Buffer | string)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

test('finds what is asked for among text, keys and CRLs, with any ends of lines', () => {
  const pem = (der: Buffer) => encodePem('CERTIFICATE', der);
  const key = encodePem('PRIVATE KEY', Buffer.from('not read'));
  const dos = pem(b).toString('latin1').replaceAll('\n', '\r\n');
  const file = text('subject=A\n', pem(a), key, encodePem('X509 CRL', crl), 'Bag Attributes\n', dos);
  expect(readBundle(file, 'CERTIFICATE')).toEqual([a, b]);
  expect(readBundle(file, 'X509 CRL')).toEqual([crl]);
  expect(readBundle(text('nothing'), 'CERTIFICATE')).toEqual([]);
  expect(readBundle(a, 'CERTIFICATE')).toEqual([a]);
});

test('refuses what is cut off or has no end', () => {
  const pem = encodePem('CERTIFICATE', a);
  expect(() => readBundle(pem.subarray(0, -10), 'CERTIFICATE')).toThrow(DerError);
  const many = Buffer.concat(Array.from({ length: 1001 }, () => pem));
  expect(() => readBundle(many, 'CERTIFICATE')).toThrow('1000');
});
