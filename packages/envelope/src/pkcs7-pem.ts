import { DerError } from '@sealtrack/certificates/der';
import { encodePem } from '@sealtrack/certificates/pem';

export const isPem = (bytes: Buffer): boolean => bytes.subarray(0, 256).includes('-----BEGIN ');

/** As Genesys MCP writes the `pkcs7` field of a recording, and `openssl pkcs7` reads it. */
export const pkcs7ToPem = (der: Uint8Array): string => encodePem('PKCS7', der).toString('latin1');

/** Takes time in proportion to its input whatever that is, as a single pattern would not. Throws DerError. */
export function pkcs7FromPem(pem: Buffer): Buffer {
  const text = pem.toString('latin1').trim();
  const label = ['PKCS7', 'CMS'].find((each) => text.startsWith(`-----BEGIN ${each}-----`));
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const body = text.slice(begin.length, -end.length).replace(/\s/g, '');
  if (label === undefined || !text.endsWith(end) || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) {
    throw new DerError('is not one PKCS7 block in PEM');
  }
  return Buffer.from(body, 'base64');
}
