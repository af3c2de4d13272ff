import type { BackupServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import type { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { HoldingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import type { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import type { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { SealServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Action } from './access.ts';

/** One action, or several of which any will do. */
export type Needed = Action | readonly [Action, ...Action[]];

type Service =
  | typeof BackupServiceDefinition
  | typeof CertificateServiceDefinition
  | typeof DecryptionServiceDefinition
  | typeof HoldingServiceDefinition
  | typeof IngestServiceDefinition
  | typeof ProfileServiceDefinition
  | typeof RecordingServiceDefinition
  | typeof SealServiceDefinition;

type MethodName<S extends Service> = S['methods'][keyof S['methods']] extends { readonly name: infer Name }
  ? Name & string
  : never;

type Methods = {
  readonly [S in Service as S['fullName']]: { readonly [Name in MethodName<S>]: Needed };
};

/** What each call takes: all of them, or this does not compile. */
export const METHODS: Methods = {
  'sealtrack.ingest.v1.IngestService': {
    PutRecording: 'recording.put',
  },
  'sealtrack.recordings.v1.RecordingService': {
    // A pipeline asks whether what it put is stored.
    GetRecording: ['recording.read', 'recording.put'],
    ListRecordings: 'recording.read',
    CountRecordings: 'recording.read',
    CountRecordingsOfEach: 'recording.read',
    ListFailedCaptures: 'recording.read',
    GetTimeline: 'recording.read',
    ListAccesses: 'audit.read',
  },
  'sealtrack.decryption.v1.DecryptionService': {
    // With a ticket or without one: its handler knows, and decides again.
    DecryptMedia: ['media.play', 'media.play-for-others'],
    ExportPkcs7: 'media.export',
    UnwrapKeys: 'key.unwrap',
    UnwrapKey: 'key.unwrap',
    GetWaveform: 'media.play',
    InspectMedia: 'recording.read',
  },
  'sealtrack.holding.v1.HoldingService': {
    EnsureHoldingKey: 'key.hold',
    RewrapHeldMedia: 'key.rewrap',
  },
  'sealtrack.certificates.v1.CertificateService': {
    ImportCertificate: 'certificate.import',
    GetCertificate: 'certificate.read',
    ListCertificates: 'certificate.read',
    DeleteCertificate: 'certificate.delete',
    // With a signature of an approver besides.
    ApproveDeletion: 'certificate.delete',
    RestoreCertificate: 'certificate.delete',
  },
  'sealtrack.seal.v1.SealService': {
    GetSealStatus: 'seal.read',
    InitializeSeal: 'seal.change',
    RenewShares: 'seal.change',
    Unseal: 'seal.change',
    RotateSeal: 'seal.change',
    RotateRoot: 'seal.change',
  },
  'sealtrack.backup.v1.BackupService': {
    BackUpKeys: 'key.backup',
    VerifyBackup: ['key.backup', 'key.restore'],
    RestoreKeys: 'key.restore',
  },
  'sealtrack.profiles.v1.ProfileService': {
    CreateProfile: 'profile.write',
    UpdateProfile: 'profile.write',
    AssignCertificates: 'profile.write',
    DeleteProfile: 'profile.write',
    GetProfile: 'profile.read',
    ListProfiles: 'profile.read',
    GetScreenSettings: 'profile.read',
    SaveScreenSettings: 'profile.write',
    GetRollout: 'profile.read',
    CountAssignments: 'profile.read',
    // Whoever may play recordings of every tenant has to find them.
    ListTenants: ['profile.read', 'media.play'],
    ExportGenesysSettings: 'profile.read',
    ImportGenesysSettings: 'profile.write',
  },
};

const BY_PATH: ReadonlyMap<string, Needed> = new Map(
  Object.entries(METHODS).flatMap(([service, methods]) =>
    Object.entries<Needed>(methods).map(([name, needed]): [string, Needed] => [
      `/${service}/${name}`,
      needed,
    ]),
  ),
);

/** Of "/sealtrack.seal.v1.SealService/Unseal"; undefined for a call that nobody may make. */
export const actionOf = (path: string): Needed | undefined => BY_PATH.get(path);
