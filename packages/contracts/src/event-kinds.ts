import {
  AccessDenied,
  AccountRecorded,
  CertificateDeletionRecorded,
  KeysBackupRecorded,
  MediaDecryptEnded,
  MediaDecryptFailed,
  MediaDecryptRequested,
  MediaExportRequested,
  MediaKeyHandedOver,
  MediaKeysUnwrapped,
  MediaRewrapped,
} from './gen/sealtrack/events/v1/audit.ts';
import { AuditChainOpened, AuditCheckpoint } from './gen/sealtrack/events/v1/audit_chain.ts';
import {
  CertificateDeleted,
  CertificateExpiring,
  CertificateImported,
  CertificateRestored,
  CertificateRevoked,
  ProfileChanged,
  ScreenSettingsChanged,
} from './gen/sealtrack/events/v1/configuration.ts';
import {
  CaptureDeadLettered,
  RecordingCaptured,
  RecordingEncrypted,
  RecordingKeptInClear,
  RecordingQuarantined,
  RecordingRewrapped,
  RecordingStored,
} from './gen/sealtrack/events/v1/recordings.ts';

/** What an event says: its CloudEvents `type`, and the proto3-JSON mapping of its body. */
export interface EventKind<T> {
  readonly type: string;
  readonly message: { toJSON(message: T): unknown; fromJSON(json: unknown): T };
}

const kind = <T>(type: string, message: EventKind<T>['message']): EventKind<T> => ({ type, message });

/** Every event that crosses the bus. docs/events.md has the subject of each, and an example. */
export const EVENT_KINDS = {
  recordingCaptured: kind('sealtrack.recording.captured.v1', RecordingCaptured),
  recordingEncrypted: kind('sealtrack.recording.encrypted.v1', RecordingEncrypted),
  recordingQuarantined: kind('sealtrack.recording.quarantined.v1', RecordingQuarantined),
  recordingRewrapped: kind('sealtrack.recording.rewrapped.v1', RecordingRewrapped),
  recordingKeptInClear: kind('sealtrack.recording.kept-in-clear.v1', RecordingKeptInClear),
  recordingStored: kind('sealtrack.recording.stored.v1', RecordingStored),
  captureDeadLettered: kind('sealtrack.capture.dead-lettered.v1', CaptureDeadLettered),
  certificateImported: kind('sealtrack.certificate.imported.v1', CertificateImported),
  certificateDeleted: kind('sealtrack.certificate.deleted.v1', CertificateDeleted),
  certificateRestored: kind('sealtrack.certificate.restored.v1', CertificateRestored),
  certificateExpiring: kind('sealtrack.certificate.expiring.v1', CertificateExpiring),
  certificateExpired: kind('sealtrack.certificate.expired.v1', CertificateExpiring),
  certificateRevoked: kind('sealtrack.certificate.revoked.v1', CertificateRevoked),
  screenSettingsChanged: kind('sealtrack.screen-settings.changed.v1', ScreenSettingsChanged),
  profileChanged: kind('sealtrack.profile.changed.v1', ProfileChanged),
  mediaDecryptRequested: kind('sealtrack.media.decrypt-requested.v1', MediaDecryptRequested),
  mediaDecryptEnded: kind('sealtrack.media.decrypt-ended.v1', MediaDecryptEnded),
  mediaKeyHandedOver: kind('sealtrack.media.key-handed-over.v1', MediaKeyHandedOver),
  accessDenied: kind('sealtrack.access.denied.v1', AccessDenied),
  mediaDecryptFailed: kind('sealtrack.media.decrypt-failed.v1', MediaDecryptFailed),
  mediaExportRequested: kind('sealtrack.media.export-requested.v1', MediaExportRequested),
  mediaKeysUnwrapped: kind('sealtrack.keys.unwrap-requested.v1', MediaKeysUnwrapped),
  mediaRewrapped: kind('sealtrack.media.rewrapped.v1', MediaRewrapped),
  certificateDeletionRecorded: kind(
    'sealtrack.certificate.deletion-recorded.v1',
    CertificateDeletionRecorded,
  ),
  auditChainOpened: kind('sealtrack.audit.chain-opened.v1', AuditChainOpened),
  auditCheckpoint: kind('sealtrack.audit.checkpoint.v1', AuditCheckpoint),
  keysBackupRecorded: kind('sealtrack.keys.backup-recorded.v1', KeysBackupRecorded),
  accountRecorded: kind('sealtrack.account.recorded.v1', AccountRecorded),
} as const;
