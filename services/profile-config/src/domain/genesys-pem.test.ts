import { parseCertificate } from '@sealtrack/certificates/certificate';
import { encodePem } from '@sealtrack/certificates/pem';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { expect, test } from 'vitest';
import { readPem } from './genesys-pem.ts';

const { certificateDer: der } = await createSelfSigned({ commonName: 'One' });
const { certificateId } = parseCertificate(der);
const pemOf = (bytes: Buffer) => encodePem('CERTIFICATE', bytes).toString();

test.each([
  ['as it is', pemOf(der)],
  ['with bytes behind it', pemOf(Buffer.concat([der, Buffer.alloc(3)]))],
  ['without its first and last line', der.toString('base64')],
  ['in one line', pemOf(der).replaceAll('\n', '\\n')],
])('a certificate has the id of exactly itself: %s', (_, option) => {
  expect(readPem(option)).toMatchObject({ certificateId, subject: 'CN=One' });
});

test.each([
  ['a chain', pemOf(der).repeat(2), '2 PEM blocks'],
  ['something else', encodePem('X509 CRL', der).toString(), 'no certificate'],
  ['half of one', pemOf(der.subarray(0, 100)), 'damaged'],
])('%s is none', (_, option, message) => {
  expect(readPem(option)).toContain(message);
});
