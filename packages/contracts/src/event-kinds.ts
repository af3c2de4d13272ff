import {
  CertificateDeletionRecorded,
  KeysBackupRecorded,
  MediaDecryptFailed,
  MediaDecryptRequested,
  MediaExportRequested,
  MediaKeysUnwrapped,
} from './gen/sealtrack/events/v1/audit.ts';
import {
  CertificateDeleted,
  CertificateImported,
  CertificateRestored,
  ProfileChanged,
} from './gen/sealtrack/events/v1/configuration.ts';
import {
  CaptureDeadLettered,
  RecordingCaptured,
  RecordingEncrypted,
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
  recordingStored: kind('sealtrack.recording.stored.v1', RecordingStored),
  captureDeadLettered: kind('sealtrack.capture.dead-lettered.v1', CaptureDeadLettered),
  certificateImported: kind('sealtrack.certificate.imported.v1', CertificateImported),
  certificateDeleted: kind('sealtrack.certificate.deleted.v1', CertificateDeleted),
  certificateRestored: kind('sealtrack.certificate.restored.v1', CertificateRestored),
  profileChanged: kind('sealtrack.profile.changed.v1', ProfileChanged),
  mediaDecryptRequested: kind('sealtrack.media.decrypt-requested.v1', MediaDecryptRequested),
  mediaDecryptFailed: kind('sealtrack.media.decrypt-failed.v1', MediaDecryptFailed),
  mediaExportRequested: kind('sealtrack.media.export-requested.v1', MediaExportRequested),
  mediaKeysUnwrapped: kind('sealtrack.keys.unwrap-requested.v1', MediaKeysUnwrapped),
  certificateDeletionRecorded: kind(
    'sealtrack.certificate.deletion-recorded.v1',
    CertificateDeletionRecorded,
  ),
  keysBackupRecorded: kind('sealtrack.keys.backup-recorded.v1', KeysBackupRecorded),
} as const;
