import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { daysLeft, daysUntil } from '../certificates/describe-certificate.ts';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';
import { signatureOf } from './judge-certificates.ts';

export type CertificateView = ReturnType<typeof viewOf>;

/** The same facts for programs. */
export const viewOf = (certificate: X509, at: Date) => ({
  subject: distinguishedName(certificate.subject.der),
  issuer: distinguishedName(certificate.issuer.der),
  /** As OpenSSL and `tls list` write it. */
  serialNumber: certificate.serial.replace(/^00(?=.)/, '').toUpperCase(),
  names: (certificate.extensions.subjectAltNames ?? []).map(showGeneralName),
  notBefore: new Date(certificate.notBefore),
  notAfter: new Date(certificate.notAfter),
  daysLeft: daysUntil(new Date(certificate.notAfter), at),
  key: keyOf(certificate),
  signatureAlgorithm: signatureOf(certificate).name,
  /** SHA-256, in hex. */
  fingerprint: certificate.fingerprint,
});

function keyOf({ key: { type, bits, curve } }: X509): string {
  if (bits > 0) return `${type.toUpperCase()}, ${bits} bits`;
  return curve === undefined ? type : `EC, ${curve}`;
}

export function describeView(view: CertificateView, at: Date): string {
  const rows: readonly (readonly [string, string])[] = [
    ['subject', view.subject],
    ['issuer', view.issuer],
    ['serial number', view.serialNumber],
    ['names', view.names.join(', ') || 'none'],
    [
      'valid',
      `${formatTime(view.notBefore)} to ${formatTime(view.notAfter)} (${daysLeft(view.notAfter, at)})`,
    ],
    ['key', view.key],
    ['signature', view.signatureAlgorithm],
    ['SHA-256', view.fingerprint],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(14)}${printable(text)}`).join('\n');
}
