import type {
  ApproveDeletionRequest,
  ApproveDeletionResponse,
  Certificate,
  Deletion,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import { type CarryOutDeletion, recordOf } from './carry-out-deletion.ts';
import { APPROVALS, pendingRequest } from './domain/deletion.ts';
import { findCertificate } from './find-certificate.ts';
import type { Approvers, AuditTrail, Certificates, Clock, RecordingCounter } from './ports.ts';

export interface ApproveDeletionDeps {
  readonly certificates: Certificates;
  readonly recordings: RecordingCounter;
  readonly approvers: Approvers;
  readonly carryOut: CarryOutDeletion;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

/** CertificateService.ApproveDeletion. The last of two approvals, by different people, deletes the certificate. */
export function createApproveDeletion(deps: ApproveDeletionDeps) {
  const { certificates, recordings, approvers, carryOut, audit, clock } = deps;
  return async (request: ApproveDeletionRequest, caller: CallerContext): Promise<ApproveDeletionResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateId = parseCertificateId(request.certificateId);
    const certificate = await findCertificate(certificates, tenantId, certificateId);
    const pending = pendingRequest(certificate, clock());
    if (pending === undefined) throw nothingPending(certificate);
    await approvers.check(request.approver, pending.statement, request.signature);
    if (pending.approvers.includes(request.approver)) throw sameApprover(request.approver);
    // What was approved says how many; more of them is another question.
    const count = await recordings.count(tenantId, certificateId);
    if (count > pending.recordings) throw grown(certificate, pending, count);
    // Who was taken out of the list since approved nothing.
    const others = await approvers.among(pending.approvers);
    const approved = { ...pending, approvers: [...others, request.approver] };
    await audit.certificateDeletion(recordOf(certificate, 'approved', approved, caller), caller.traceparent);
    if (approved.approvers.length >= APPROVALS)
      return { certificate: await carryOut(certificate, approved, caller) };
    const after = { ...certificate, deletion: approved };
    await certificates.replace(certificate, after);
    return { certificate: after };
  };
}

const refused = (message: string, fix: string) => new AppError('APPROVAL_REFUSED', message, { fix });

const nothingPending = ({ certificateId }: Certificate) =>
  refused(
    'No deletion of this certificate waits for approval',
    `Ask for it again, if it has lapsed: sealtrack certificates delete ${certificateId.slice(0, 16)} --force.`,
  );

const sameApprover = (approver: string) =>
  refused(`${approver} has approved already`, 'Have somebody else approve it.');

const grown = ({ certificateId }: Certificate, { recordings }: Deletion, count: bigint) =>
  refused(
    `${count} recordings are encrypted to this certificate now, where the statement says ${recordings}`,
    `Ask for it again, and sign what it says now: sealtrack certificates delete ${certificateId.slice(0, 16)} --force.`,
  );
