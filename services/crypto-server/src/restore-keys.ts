import type {
  BackupReport,
  RestoreKeysRequest,
  RestoreKeysResponse,
} from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { AppError } from '@sealtrack/errors/app-error';
import type { OpenArchive } from '@sealtrack/sealed-store/archive-reader';
import type { KeyArchives } from '@sealtrack/sealed-store/key-archives';
import type { Log } from '@sealtrack/service-kit/logger';
import type { AdoptKeyring } from './adopt-keyring.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import { type CheckedBackup, checkBackup, openCertificate } from './check-backup.ts';
import { describeDamage } from './domain/backup-report.ts';
import type { AuditTrail, BackupSource, Spool } from './ports.ts';
import type { PutBackCertificate } from './put-back-certificate.ts';

export interface RestoreKeysDeps {
  readonly archives: Pick<KeyArchives, 'open' | 'readHeader'>;
  readonly spool: Spool;
  /** The backup folder of this crypto server. */
  readonly folder: BackupSource;
  readonly adoptKeyring: AdoptKeyring;
  readonly putBack: PutBackCertificate;
  readonly audit: Pick<AuditTrail, 'keysBackup'>;
  readonly log: Log;
}

/**
 * BackupService.RestoreKeys. The archive is read twice: to its end before anything is stored, then to be stored. Every step
 * leaves what is there and can be done again, so whoever was interrupted, by whatever, asks again.
 */
export function createRestoreKeys(deps: RestoreKeysDeps) {
  const { archives, spool, folder, adoptKeyring, audit, log } = deps;
  return async (
    requests: AsyncIterable<RestoreKeysRequest>,
    caller: CallerContext,
  ): Promise<RestoreKeysResponse> => {
    const { skipDamaged, fromBackupFolder, chunks } = await readOptions(requests);
    await using spooled = fromBackupFolder ? undefined : await spool.keep(chunks);
    const source: BackupSource =
      spooled === undefined
        ? folder
        : {
            open: () => archives.open(spooled.read()),
            header: () => archives.readHeader(spooled.read()),
          };
    const archive = await adoptKeyring.orOpen(source);
    const checked = await checkBackup(archive, caller.signal);
    const { report } = checked;
    if (report.damagedTotal > 0 && !skipDamaged) throw damaged(report);

    const facts = {
      archiveId: report.archiveId,
      certificates: report.certificates,
      caller: callerText(caller),
    };
    await audit.keysBackup({ ...facts, action: 'restored' }, caller.traceparent);
    await adoptKeyring.ifMissing(archive.record());
    await putBackAll(deps, await source.open(), checked, caller.signal);
    const { restored, alreadyThere, damagedTotal } = report;
    log.warn(
      { ...facts, restored, alreadyThere, damaged: damagedTotal },
      'a backup of the keys was restored',
    );
    return { report };
  };
}

async function putBackAll(
  { putBack }: Pick<RestoreKeysDeps, 'putBack'>,
  archive: OpenArchive,
  { report, brokenLines, damaged: note }: CheckedBackup,
  signal: AbortSignal,
): Promise<void> {
  for await (const part of archive.parts()) {
    signal.throwIfAborted();
    if (part.kind === 'damage' || brokenLines.has(part.line)) continue;
    const found = await openCertificate(archive, part);
    if (typeof found === 'string') throw new TypeError('The archive changed while it was restored');
    const outcome = await putBack(found);
    if (outcome === 'restored') report.restored += 1;
    else if (outcome === 'already there') report.alreadyThere += 1;
    else note(part.line, part.name, outcome.problem);
  }
}

/** The options, which may be left out, and the archive behind them. */
async function readOptions(requests: AsyncIterable<RestoreKeysRequest>) {
  const iterator = requests[Symbol.asyncIterator]();
  const first = await iterator.next();
  const part = first.done ? undefined : first.value.part;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (part?.$case === 'chunk') yield part.value;
    for await (const { part: next } of { [Symbol.asyncIterator]: () => iterator }) {
      if (next?.$case !== 'chunk') throw optionsLate();
      yield next.value;
    }
  }
  const options = part?.$case === 'options' ? part.value : { skipDamaged: false, fromBackupFolder: false };
  return { ...options, chunks: chunks() };
}

const optionsLate = () =>
  new AppError('INVALID_ARGUMENT', 'Options came behind the beginning of the backup', {
    fix: 'Send options first, and then nothing but chunks.',
    details: { field: 'options' },
  });

const damaged = (report: BackupReport) =>
  new AppError(
    'BACKUP_INVALID',
    `The backup is damaged, so nothing was restored. ${describeDamage(report)}`,
    {
      fix: 'Take another copy of the backup, or the one before; or restore what is whole: sealtrack keys restore --skip-damaged.',
      details: { damaged: String(report.damagedTotal) },
    },
  );
