import type { KeyObject } from 'node:crypto';
import { contextTag, element, integer, sequence, time } from '../der.ts';
import { type Digest, signatureAlgorithm, signed } from './sign.ts';

export interface CertificateToIssue {
  /** A Name in DER, as encodeName makes it. */
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly issuer: {
    /** Byte for byte the subject of the issuer's certificate, in DER. */
    readonly name: Buffer;
    readonly privateKey: KeyObject;
  };
  /** Big-endian, not negative, at most 20 bytes (RFC 5280, 4.1.2.2). */
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly digest: Digest;
  /** In DER, as extensions.ts makes them. */
  readonly extensions: readonly Buffer[];
}

/** A certificate in DER (RFC 5280, 4.1), version 3. Whether it is wise to issue it is the caller's to decide. */
export function issueCertificate(wanted: CertificateToIssue): Buffer {
  const { issuer, digest } = wanted;
  const body = sequence(
    element(contextTag(0, true), integer(Buffer.of(2))),
    integer(wanted.serial),
    signatureAlgorithm(issuer.privateKey, digest),
    issuer.name,
    sequence(time(wanted.notBefore), time(wanted.notAfter)),
    wanted.subject,
    wanted.publicKey.export({ type: 'spki', format: 'der' }),
    element(contextTag(3, true), sequence(...wanted.extensions)),
  );
  return signed(body, issuer.privateKey, digest);
}
