import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';

/** What a line in the log says of a certificate: enough to find it again, at its CA or in a CRL. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Hex, as OpenSSL writes it. */
  readonly serial: string;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Of a peer that nobody believes yet, names may be many and long. */
const MAX_NAMES = 10;
const MAX_NAME = 260;

export function certificateFacts(certificate: X509): CertificateFacts {
  const { subject, issuer, serial, fingerprint, notBefore, notAfter, extensions } = certificate;
  const names = extensions.subjectAltNames ?? [];
  return {
    subject: distinguishedName(subject.der),
    issuer: distinguishedName(issuer.der),
    serial: serial.replace(/^00(?=.)/, '').toUpperCase(),
    fingerprint,
    names: [
      ...names.slice(0, MAX_NAMES).map((name) => showGeneralName(name).slice(0, MAX_NAME)),
      ...(names.length > MAX_NAMES ? [`and ${names.length - MAX_NAMES} more`] : []),
    ],
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
  };
}
