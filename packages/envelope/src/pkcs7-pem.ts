import { DerError } from '@sealtrack/certificates/der';
import { encodePem } from '@sealtrack/certificates/pem';

const PEM = /^\s*-----BEGIN (PKCS7|CMS)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----\s*$/;

export const isPem = (bytes: Buffer): boolean => bytes.subarray(0, 256).includes('-----BEGIN ');

/** As Genesys MCP writes the `pkcs7` field of a recording, and `openssl pkcs7` reads it. */
export const pkcs7ToPem = (der: Uint8Array): string => encodePem('PKCS7', der).toString('latin1');

/** Throws DerError. */
export function pkcs7FromPem(pem: Buffer): Buffer {
  const body = PEM.exec(pem.toString('latin1'))?.[2];
  if (body === undefined) throw new DerError('is not one PKCS7 block in PEM');
  return Buffer.from(body, 'base64');
}
