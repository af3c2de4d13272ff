import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import { recordOf } from './carry-out-deletion.ts';
import { hasLapsed, isDeleted } from './domain/deletion.ts';
import type {
  Assignments,
  AuditTrail,
  BackupFolder,
  Certificates,
  Clock,
  RecordingCounter,
} from './ports.ts';
import { refuseAssigned } from './refuse-assigned.ts';

export interface PurgeCertificatesDeps {
  readonly certificates: Certificates;
  readonly recordings: RecordingCounter;
  readonly assignments: Assignments;
  readonly backup: BackupFolder;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  readonly log: Log;
}

const PAGE = 200;
const PURGER = { names: [], via: [], peer: 'crypto-server' };

/**
 * Takes away for good what was deleted and not restored in time, with its sealed private key. A recording that has come
 * since then keeps it: nobody approved that. Any number of crypto servers may do this at once, and each step again.
 */
export function createPurgeCertificates(deps: PurgeCertificatesDeps) {
  const { certificates, recordings, assignments, backup, audit, clock, log } = deps;

  async function purge(certificate: Certificate): Promise<void> {
    const { deletion } = certificate;
    const [tenantId, certificateId] = [
      certificate.tenantId as TenantId,
      certificate.certificateId as CertificateId,
    ];
    // The page may have been listed before it was restored, and asked for again since: a request that lapsed deletes nothing.
    if (deletion === undefined || !isDeleted(certificate) || !hasLapsed(deletion, clock())) return;
    const count = await recordings.count(tenantId, certificateId);
    if (count > deletion.recordings) {
      log.error(
        { certificateId, recordings: String(count) },
        'a deleted certificate is kept: recordings were encrypted to it since. Restore it: sealtrack certificates restore',
      );
      return;
    }
    // An assignment that was under way as it was deleted: its recordings are still to come.
    await refuseAssigned(assignments, certificate);
    await audit.certificateDeletion(recordOf(certificate, 'purged', deletion, PURGER), '');
    // The copy last: a certificate that was restored meanwhile is not removed, and keeps it.
    await certificates.remove(certificate);
    await backup.forget(tenantId, certificateId);
    log.warn({ certificateId, tenantId }, 'a deleted certificate is gone for good');
  }

  return async (tenants: AsyncIterable<TenantId>, signal: AbortSignal): Promise<void> => {
    for await (const tenantId of tenants)
      for (let after: string | undefined; !signal.aborted; ) {
        const query = { words: [], after, limit: PAGE, deleted: 'only' } as const;
        const page = await certificates.page(tenantId, query);
        for (const each of page.certificates)
          await purge(each).catch((err: unknown) =>
            log.warn({ err, certificateId: each.certificateId }, 'a deleted certificate could not be purged'),
          );
        if (page.next === undefined) break;
        after = page.next;
      }
  };
}
