import type {
  RestoreCertificateRequest,
  RestoreCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { KeyId } from '@sealtrack/ids/ids';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import { recordOf } from './carry-out-deletion.ts';
import { isDeleted } from './domain/deletion.ts';
import { findCertificate } from './find-certificate.ts';
import type { Announcer, AuditTrail, BackupFolder, Certificates, PrivateKeys } from './ports.ts';

export interface RestoreCertificateDeps {
  readonly certificates: Certificates;
  readonly privateKeys: Pick<PrivateKeys, 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
  readonly audit: AuditTrail;
  readonly announcer: Announcer;
}

/** CertificateService.RestoreCertificate. Of one that was not deleted it takes back what was asked for, or nothing. */
export function createRestoreCertificate(deps: RestoreCertificateDeps) {
  const { certificates, privateKeys, backup, audit, announcer } = deps;
  return async (
    request: RestoreCertificateRequest,
    caller: CallerContext,
  ): Promise<RestoreCertificateResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const found = await findCertificate(certificates, tenantId, parseCertificateId(request.certificateId));
    if (found.deletion === undefined) return { certificate: found };
    const restored = { ...found, deletion: undefined };
    await audit.certificateDeletion(recordOf(found, 'restored', found.deletion, caller), caller.traceparent);
    // The copy may say that it is deleted. It comes first, so that who is told that it failed can do it again.
    const sealed = await privateKeys.getSealed(tenantId, found.keyId as KeyId);
    if (sealed !== undefined) await backup.keep(restored, sealed);
    await certificates.replace(found, restored);
    if (isDeleted(found)) await announcer.certificateRestored(restored);
    return { certificate: restored };
  };
}
