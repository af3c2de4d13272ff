import { randomBytes } from 'node:crypto';
import type {
  Certificate,
  DeleteCertificateRequest,
  DeleteCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import { type CarryOutDeletion, recordOf } from './carry-out-deletion.ts';
import { isDeleted, pendingRequest, requestDeletion } from './domain/deletion.ts';
import { findCertificate } from './find-certificate.ts';
import type { Assignments, AuditTrail, Certificates, Clock, RecordingCounter } from './ports.ts';
import { refuseAssigned } from './refuse-assigned.ts';

export interface DeleteCertificateDeps {
  readonly certificates: Certificates;
  readonly recordings: RecordingCounter;
  readonly assignments: Assignments;
  readonly carryOut: CarryOutDeletion;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

/**
 * CertificateService.DeleteCertificate. Without recordings in the way it is deleted at once, as far as that goes: see
 * domain/deletion.ts. With some it takes `force`, which only makes the request that two people then approve.
 */
export function createDeleteCertificate(deps: DeleteCertificateDeps) {
  const { certificates, recordings, assignments, carryOut, audit, clock } = deps;
  return async (
    request: DeleteCertificateRequest,
    caller: CallerContext,
  ): Promise<DeleteCertificateResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificateId = parseCertificateId(request.certificateId);
    const certificate = await findCertificate(certificates, tenantId, certificateId);
    if (isDeleted(certificate)) return { certificate };
    const count = await recordings.count(tenantId, certificateId);
    if (count === 0n)
      return { certificate: await carryOut(certificate, { recordings: 0n, approvers: [] }, caller) };
    if (!request.force) throw inUse(certificate, count);
    await refuseAssigned(assignments, certificate);
    const now = clock();
    // Asked again, the request that waits stands, unless recordings have come since.
    if (pendingRequest(certificate, now)?.recordings === count) return { certificate };
    const nonce = randomBytes(16).toString('hex');
    const deletion = requestDeletion(certificate, { recordings: count, now, nonce });
    await audit.certificateDeletion(recordOf(certificate, 'requested', deletion, caller), caller.traceparent);
    const requested = { ...certificate, deletion };
    await certificates.replace(certificate, requested);
    return { certificate: requested };
  };
}

const inUse = ({ certificateId, alias }: Certificate, recordings: bigint) =>
  new AppError(
    'CERTIFICATE_IN_USE',
    `${recordings} ${recordings === 1n ? 'recording is' : 'recordings are'} encrypted to certificate ${alias}, and could not be opened with it any more`,
    {
      fix: `Keep it: it can stay unassigned for as long as they are. To delete it all the same, two people have to approve: sealtrack certificates delete ${certificateId.slice(0, 16)} --force.`,
      details: { certificate_id: certificateId, recordings: String(recordings) },
    },
  );
