import type { KeyObject } from 'node:crypto';
import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import { children, expectTag, readOnly, sequence, TAG } from '@sealtrack/certificates/der';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';

/** A certificate made ready to encrypt session keys to. Make it once and use it for every recording. */
export interface Recipient {
  readonly certificateId: CertificateId;
  readonly publicKey: KeyObject;
  /** IssuerAndSerialNumber (RFC 5652, 10.2.4) in DER, made of the certificate's own bytes. */
  readonly issuerAndSerial: Buffer;
}

export function recipientFromCertificate(certificate: CertificateInfo): Recipient {
  return {
    certificateId: certificate.certificateId,
    publicKey: certificate.publicKey,
    issuerAndSerial: issuerAndSerial(certificate.der),
  };
}

/** Of a certificate that was parsed before: TBSCertificate is [version], serial, signature, issuer … (RFC 5280, 4.1). */
export function issuerAndSerial(der: Buffer): Buffer {
  const [toBeSigned] = children(readOnly(der, TAG.sequence));
  const fields = children(expectTag(toBeSigned, TAG.sequence));
  if (fields[0]?.tag !== TAG.integer) fields.shift();
  const [serial, , issuer] = fields;
  return sequence(expectTag(issuer, TAG.sequence).raw, expectTag(serial, TAG.integer).raw);
}

const MAX_RECIPIENTS = 256;

/** Throws INVALID_ARGUMENT. */
export function checkRecipients(recipients: readonly Recipient[]): void {
  const distinct = new Set(recipients.map((each) => each.issuerAndSerial.toString('latin1')));
  if (recipients.length === 0) throw refused('There is no certificate');
  if (distinct.size < recipients.length) throw refused('The same certificate is given twice');
  if (recipients.length > MAX_RECIPIENTS)
    throw refused(`There are ${recipients.length} certificates (the most is 256)`);
}

const refused = (what: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${what} to encrypt to`, {
    fix: 'Give one or more certificates, each once.',
    details: { field: 'recipients' },
  });
