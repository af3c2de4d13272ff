import { DerError, oid, TAG } from '@sealtrack/certificates/der';
import { encodePem } from '@sealtrack/certificates/pem';
import { AUTH_ENVELOPED_DATA } from './encode-envelope.ts';

const LABELS = ['PKCS7', 'CMS'] as const;

/** A name in DER can say BEGIN too, but no PEM begins with the tag that is first in DER. */
export const isPem = (bytes: Buffer): boolean =>
  bytes[0] !== TAG.sequence && bytes.subarray(0, 256).includes('-----BEGIN ');

/**
 * As Genesys MCP writes the `pkcs7` field of a recording, and OpenSSL reads it. AuthEnvelopedData is younger than PKCS#7
 * and goes by the name of CMS.
 */
export function pkcs7ToPem(der: Uint8Array): string {
  const isCms = Buffer.from(der.buffer, der.byteOffset, der.byteLength)
    .subarray(0, 32)
    .includes(oid(AUTH_ENVELOPED_DATA));
  return encodePem(isCms ? 'CMS' : 'PKCS7', der).toString('latin1');
}

/** Takes time in proportion to its input whatever that is, as a single pattern would not. Throws DerError. */
export function pkcs7FromPem(pem: Buffer): Buffer {
  const text = pem.toString('latin1').trim();
  const label = LABELS.find((each) => text.startsWith(`-----BEGIN ${each}-----`));
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const body = text.slice(begin.length, -end.length).replace(/\s/g, '');
  if (label === undefined || !text.endsWith(end) || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) {
    throw new DerError('is not one PKCS7 block in PEM');
  }
  return Buffer.from(body, 'base64');
}
