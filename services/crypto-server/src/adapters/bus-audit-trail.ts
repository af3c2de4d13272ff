import { randomUUID } from 'node:crypto';
import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { AuditTrail } from '../ports.ts';

/** Somebody waits to listen: after this long they are told, rather than kept waiting. */
const TIMEOUT_MS = 3_000;

export function createBusAuditTrail(bus: Bus, { timeoutMs = TIMEOUT_MS } = {}): AuditTrail {
  async function write<T>(subject: string, kind: EventKind<T>, data: T, traceparent: string) {
    try {
      // Every access is one of its own, so the id is new each time.
      const event = { subject, kind, id: randomUUID(), source: 'crypto-server', data, traceparent };
      await publishEvent(bus, event, { timeoutMs });
    } catch (cause) {
      throw new AppError('AUDIT_UNAVAILABLE', 'This could not be put on record, so it was not done', {
        fix: 'Check NATS and its stream AUDIT (sealtrack doctor), then try again.',
        cause,
      });
    }
  }
  const ofTenant =
    <T extends { tenantId: string }>(action: string, kind: EventKind<T>) =>
    (record: T, traceparent: string) =>
      write(SUBJECTS.audit(record.tenantId, action), kind, record, traceparent);
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
    keysBackup: (record, traceparent) =>
      write(SUBJECTS.auditOfAll('keys-backup'), EVENT_KINDS.keysBackupRecorded, record, traceparent),
  };
}
