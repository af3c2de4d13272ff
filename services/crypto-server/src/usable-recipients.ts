import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { certificateDeleted, isDeleted } from './domain/deletion.ts';
import { findCertificate } from './find-certificate.ts';
import type { OpenKeys } from './open-keys.ts';
import type { Certificates, JudgeCertificate } from './ports.ts';

export interface UsableRecipientsDeps {
  readonly certificates: Pick<Certificates, 'get'>;
  readonly openKeys: Pick<OpenKeys, 'get'>;
  readonly judge: JudgeCertificate;
}

export type UsableRecipients = (certificateIds: readonly CertificateId[]) => Promise<Recipient[]>;

/**
 * Certificates of a tenant that this server would encrypt to now, and whose private keys it holds: what is sealed to them
 * opens here. Each is looked up once for as long as the result is used, so that is for one call.
 * @throws AppError CERTIFICATE_NOT_FOUND, CERTIFICATE_DELETED, CERTIFICATE_UNUSABLE, KEY_NOT_HELD, SEAL_BROKEN,
 * PRIVATE_KEY_MISMATCH; SEALED_STORE_UNAVAILABLE.
 */
export function usableRecipients(
  { certificates, openKeys, judge }: UsableRecipientsDeps,
  tenantId: TenantId,
): UsableRecipients {
  const found = new Map<CertificateId, Promise<Recipient>>();

  async function find(certificateId: CertificateId): Promise<Recipient> {
    const known = await findCertificate(certificates, tenantId, certificateId);
    if (isDeleted(known)) throw certificateDeleted(known);
    const { problem, problemText } = judge(known);
    if (problem !== '') throw unusable(certificateId, problem, problemText);
    const open = await openKeys.get(tenantId, certificateId);
    if (open === undefined) throw notHeld(certificateId);
    // Certificates lie in the clear: whoever can write to them does not get what waits sealed to a key of his own.
    checkKeyMatches(open.certificate, open.privateKey);
    return recipientFromCertificate(open.certificate);
  }

  return (certificateIds) =>
    Promise.all(
      certificateIds.map((id) => {
        const recipient = found.get(id) ?? find(id);
        found.set(id, recipient);
        return recipient;
      }),
    );
}

const unusable = (certificateId: CertificateId, problem: string, text: string) =>
  new AppError(
    'CERTIFICATE_UNUSABLE',
    `Nothing may be encrypted to certificate ${certificateId} now. ${text}`,
    {
      fix: 'Assign a certificate that can be used: sealtrack certificates list shows what stands in the way of each.',
      details: { certificate_id: certificateId, problem },
    },
  );

const notHeld = (certificateId: CertificateId) =>
  new AppError('KEY_NOT_HELD', `The private key of certificate ${certificateId} is not held here`, {
    fix: 'Import the certificate with its private key: sealtrack certificates import.',
    details: { certificate_id: certificateId },
  });
