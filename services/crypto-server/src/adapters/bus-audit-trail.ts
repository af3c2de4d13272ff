import type { AuditWriter } from '@sealtrack/audit-trail/write/writer';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { AuditTrail } from '../ports.ts';

/** Each kind of record under its subject, all of them in the chain of this process. */
export function createBusAuditTrail(writer: Pick<AuditWriter, 'append'>): AuditTrail {
  const ofTenant =
    <T extends { tenantId: string }>(action: string, kind: EventKind<T>) =>
    (data: T, traceparent: string) =>
      writer.append({ subject: SUBJECTS.audit(data.tenantId, action), kind, data, traceparent });
  return {
    decryptRequested: ofTenant('media-decrypt', EVENT_KINDS.mediaDecryptRequested),
    decryptEnded: ofTenant('media-decrypt-ended', EVENT_KINDS.mediaDecryptEnded),
    keyHandedOver: ofTenant('key-hand-over', EVENT_KINDS.mediaKeyHandedOver),
    accessDenied: ofTenant('access-denied', EVENT_KINDS.accessDenied),
    decryptFailed: ofTenant('media-decrypt-failed', EVENT_KINDS.mediaDecryptFailed),
    exportRequested: ofTenant('media-export', EVENT_KINDS.mediaExportRequested),
    certificateDeletion: ofTenant('certificate-deletion', EVENT_KINDS.certificateDeletionRecorded),
    keysUnwrapped: ofTenant('keys-unwrap', EVENT_KINDS.mediaKeysUnwrapped),
    mediaRewrapped: ofTenant('media-rewrap', EVENT_KINDS.mediaRewrapped),
    keysBackup: (data, traceparent) =>
      writer.append({
        ...{ subject: SUBJECTS.auditOfAll('keys-backup'), kind: EVENT_KINDS.keysBackupRecorded },
        ...{ data, traceparent },
      }),
  };
}
