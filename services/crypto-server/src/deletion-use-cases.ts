import type { Log } from '@sealtrack/service-kit/logger';
import { createApproveDeletion } from './approve-deletion.ts';
import { createCarryOutDeletion } from './carry-out-deletion.ts';
import { createDeleteCertificate } from './delete-certificate.ts';
import type {
  Announcer,
  Approvers,
  Assignments,
  AuditTrail,
  BackupFolder,
  Certificates,
  Clock,
  ForgetKey,
  PrivateKeys,
  RecordingCounter,
} from './ports.ts';
import { createPurgeCertificates } from './purge-certificates.ts';
import { createRestoreCertificate } from './restore-certificate.ts';

export interface DeletionParts {
  readonly certificates: Certificates;
  readonly privateKeys: PrivateKeys;
  readonly recordings: RecordingCounter;
  readonly assignments: Assignments;
  readonly approvers: Approvers;
  readonly backup: BackupFolder;
  readonly audit: AuditTrail;
  readonly announcer: Announcer;
  readonly forgetKey: ForgetKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
}

/** All that deletes certificates, and what takes that back: a part of service.ts. */
export function createDeletionUseCases(parts: DeletionParts) {
  const carryOut = createCarryOutDeletion(parts);
  return {
    deleteCertificate: createDeleteCertificate({ ...parts, carryOut }),
    approveDeletion: createApproveDeletion({ ...parts, carryOut }),
    restoreCertificate: createRestoreCertificate(parts),
    purge: createPurgeCertificates(parts),
  };
}
