import type {
  RestoreCertificateRequest,
  RestoreCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import { recordOf } from './carry-out-deletion.ts';
import { isDeleted } from './domain/deletion.ts';
import { findCertificate } from './find-certificate.ts';
import type { Announcer, AuditTrail, Certificates } from './ports.ts';

/** CertificateService.RestoreCertificate. Of one that was not deleted it takes back what was asked for, or nothing. */
export function createRestoreCertificate(
  certificates: Certificates,
  audit: AuditTrail,
  announcer: Announcer,
) {
  return async (
    request: RestoreCertificateRequest,
    caller: CallerContext,
  ): Promise<RestoreCertificateResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const found = await findCertificate(certificates, tenantId, parseCertificateId(request.certificateId));
    if (found.deletion === undefined) return { certificate: found };
    const restored = { ...found, deletion: undefined };
    await audit.certificateDeletion(recordOf(found, 'restored', found.deletion, caller), caller.traceparent);
    await certificates.replace(found, restored);
    if (isDeleted(found)) await announcer.certificateRestored(restored);
    return { certificate: restored };
  };
}
