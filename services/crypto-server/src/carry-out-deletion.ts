import type { Certificate, Deletion } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateDeletionRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { type Caller, type CallerContext, callerText } from './caller-context.ts';
import { deleteUntil } from './domain/deletion.ts';
import type { Announcer, Assignments, AuditTrail, Certificates, Clock, ForgetKey } from './ports.ts';
import { refuseAssigned } from './refuse-assigned.ts';

export interface CarryOutDeletionDeps {
  readonly certificates: Certificates;
  readonly assignments: Assignments;
  readonly audit: AuditTrail;
  readonly announcer: Announcer;
  /** Open copies of the private key, in memory. */
  readonly forgetKey: ForgetKey;
  readonly clock: Clock;
  readonly graceMs: number;
}

export type CarryOutDeletion = (
  certificate: Certificate,
  basis: Pick<Deletion, 'recordings' | 'approvers'>,
  caller: CallerContext,
) => Promise<Certificate>;

/** Puts the deletion on record, and then does it. From then on the certificate opens nothing, and can be restored. */
export function createCarryOutDeletion(deps: CarryOutDeletionDeps): CarryOutDeletion {
  const { certificates, assignments, audit, announcer, forgetKey, clock, graceMs } = deps;
  return async (certificate, basis, caller) => {
    await refuseAssigned(assignments, certificate);
    const deletion = deleteUntil(basis, clock(), graceMs);
    await audit.certificateDeletion(recordOf(certificate, 'deleted', deletion, caller), caller.traceparent);
    const deleted = { ...certificate, deletion };
    await certificates.replace(certificate, deleted);
    forgetKey(certificate.tenantId as TenantId, certificate.certificateId as CertificateId);
    await announcer.certificateDeleted(deleted);
    return deleted;
  };
}

/** For the audit trail. */
export const recordOf = (
  { tenantId, certificateId }: Certificate,
  action: 'requested' | 'approved' | 'deleted' | 'restored' | 'purged',
  { recordings, approvers }: Pick<Deletion, 'recordings' | 'approvers'>,
  caller: Caller,
): CertificateDeletionRecorded => ({
  tenantId,
  certificateId,
  action,
  approvers: [...approvers],
  recordings,
  caller: callerText(caller),
});
