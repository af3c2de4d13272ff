import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { encodePem } from '@sealtrack/certificates/pem';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import {
  type Certificate,
  Deletion_State,
  type Deletion as DeletionMessage,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateDetails, CertificateRow, Deletion } from '../api/certificates.ts';
import { textOrNull, timeOf } from './times.ts';

/** Who has a certificate; null what could not be found out. */
export interface CertificateUses {
  readonly profiles: number | null;
  readonly isScreen: boolean | null;
  readonly recordings: number | null;
  /** The first 100. */
  readonly profileIds: readonly string[];
}

export function describeCertificateRow(certificate: Certificate, uses: CertificateUses): CertificateRow {
  const { certificateId, keyId, alias, subject, issuer, subjectName, serialNumber, keyBits } = certificate;
  const { hasPrivateKey, decryptOnly, problem, problemText, deletion } = certificate;
  const { profiles, isScreen, recordings } = uses;
  return {
    ...{ certificateId, keyId, alias, subject, issuer, subjectName, serialNumber, keyBits },
    notBefore: timeOf(certificate.notBefore),
    notAfter: timeOf(certificate.notAfter),
    ...{ hasPrivateKey, decryptOnly, problem: textOrNull(problem), problemText: textOrNull(problemText) },
    deletion: deletion === undefined ? null : describeDeletion(deletion),
    importedAt: timeOf(certificate.importedAt),
    ...{ profiles, isScreen, recordings },
  };
}

export function describeCertificate(certificate: Certificate, uses: CertificateUses): CertificateDetails {
  const { signatureAlgorithm, publicExponent, trust, der, chain } = certificate;
  return {
    ...describeCertificateRow(certificate, uses),
    ...{ signatureAlgorithm, publicExponent, trust },
    pem: pemOf(der),
    chain: chain.map(describeLink),
    profileIds: uses.profileIds,
  };
}

const describeDeletion = ({ state, ...deletion }: DeletionMessage): Deletion => ({
  state: state === Deletion_State.DELETED ? 'deleted' : 'requested',
  requestedAt: timeOf(deletion.requestedAt),
  until: timeOf(deletion.until),
  recordings: Number(deletion.recordings),
  ...{ statement: deletion.statement, approvers: deletion.approvers },
});

/** A certificate above it. Its key need not be one that recordings can be encrypted to. */
function describeLink(der: Buffer): CertificateDetails['chain'][number] {
  try {
    const { subject, notAfter } = parseX509(der);
    return {
      subject: distinguishedName(subject.der),
      notAfter: timeOf(new Date(notAfter)),
      pem: pemOf(der),
    };
  } catch {
    return { subject: 'unreadable', notAfter: timeOf(undefined), pem: pemOf(der) };
  }
}

const pemOf = (der: Buffer): string => encodePem('CERTIFICATE', der).toString('latin1');
