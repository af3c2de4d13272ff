import type { KeyObject } from 'node:crypto';
import { contextTag, element, integer, sequence, time } from '../der.ts';
import { authorityKeyIdentifier, crlNumber, type RevocationReason, reasonCode } from './extensions.ts';
import { type Digest, signatureAlgorithm, signed } from './sign.ts';

export interface RevokedCertificate {
  /** Big-endian, as in the certificate. */
  readonly serial: Buffer;
  readonly at: Date;
  readonly reason: RevocationReason;
}

export interface CrlToIssue {
  readonly issuer: {
    /** Byte for byte the subject of the issuer's certificate, in DER. */
    readonly name: Buffer;
    readonly privateKey: KeyObject;
    /** That of its certificate. */
    readonly keyIdentifier: Buffer;
  };
  /** Greater with every list of the same CA. */
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly RevokedCertificate[];
  readonly digest: Digest;
}

/** A complete list of revoked certificates in DER (RFC 5280, 5.1), version 2. */
export function issueCrl(wanted: CrlToIssue): Buffer {
  const { issuer, digest } = wanted;
  const body = sequence(
    integer(Buffer.of(1)),
    signatureAlgorithm(issuer.privateKey, digest),
    issuer.name,
    time(wanted.thisUpdate),
    time(wanted.nextUpdate),
    // An empty list must be absent.
    ...(wanted.revoked.length === 0 ? [] : [sequence(...wanted.revoked.map(entry))]),
    element(
      contextTag(0, true),
      sequence(authorityKeyIdentifier(issuer.keyIdentifier), crlNumber(wanted.number)),
    ),
  );
  return signed(body, issuer.privateKey, digest);
}

const entry = ({ serial, at, reason }: RevokedCertificate): Buffer =>
  sequence(
    integer(serial),
    time(at),
    // RFC 5280, 5.3.1: "unspecified" is said by saying nothing.
    ...(reason === 'unspecified' ? [] : [sequence(reasonCode(reason))]),
  );
