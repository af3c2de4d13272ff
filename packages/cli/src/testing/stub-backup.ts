import { BackupReport, BackupServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { AppError } from '@sealtrack/errors/app-error';
import { implement } from '@sealtrack/rpc/server';

export interface StubBackup {
  archive: Buffer;
  /** Break the stream off after this many bytes. */
  breaksAfter: number | undefined;
  report: BackupReport;
  /** What came to VerifyBackup and RestoreKeys. */
  readonly received: { readonly content: Buffer; readonly skipDamaged?: boolean }[];
}

export const wholeReport = (): BackupReport =>
  BackupReport.fromPartial({
    ...{ archiveId: '01JB2Q7M7T9GQX3V5E8N4K6R2D', createdAt: '2026-03-01T12:00:00.000Z' },
    ...{ tenants: 2, certificates: 12, privateKeys: 10 },
  });

export const createStubBackup = (): StubBackup => ({
  archive: Buffer.alloc(250_000, 'sealtrack'),
  ...{ breaksAfter: undefined, report: wholeReport(), received: [] },
});

const CHUNK = 100_000;

export function stubBackupService(backup: StubBackup) {
  return implement(BackupServiceDefinition, {
    backUpKeys: async function* () {
      for (let at = 0; at < backup.archive.length; at += CHUNK) {
        if (backup.breaksAfter !== undefined && at >= backup.breaksAfter)
          throw new AppError('SEALED_STORE_UNAVAILABLE', 'Redis does not answer', { fix: 'Check Redis.' });
        yield { chunk: backup.archive.subarray(at, at + CHUNK) };
      }
    },
    verifyBackup: async (requests) => {
      const chunks: Buffer[] = [];
      for await (const { chunk } of requests) chunks.push(chunk);
      backup.received.push({ content: Buffer.concat(chunks) });
      return { report: backup.report };
    },
    restoreKeys: async (requests) => {
      const chunks: Buffer[] = [];
      let skipDamaged = false;
      for await (const { part } of requests)
        if (part?.$case === 'options') skipDamaged = part.value.skipDamaged;
        else if (part?.$case === 'chunk') chunks.push(part.value);
      backup.received.push({ content: Buffer.concat(chunks), skipDamaged });
      if (backup.report.damaged.length > 0 && !skipDamaged)
        throw new AppError('BACKUP_INVALID', 'The backup is damaged, so nothing was restored', {
          fix: 'Take another copy.',
        });
      return { report: { ...backup.report, restored: 9, alreadyThere: 13 } };
    },
  });
}
