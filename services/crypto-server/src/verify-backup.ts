import type {
  VerifyBackupRequest,
  VerifyBackupResponse,
} from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import type { KeyArchives } from '@sealtrack/sealed-store/key-archives';
import type { CallerContext } from './caller-context.ts';
import { checkBackup } from './check-backup.ts';

export interface VerifyBackupDeps {
  readonly archives: Pick<KeyArchives, 'open'>;
}

/** BackupService.VerifyBackup: as the archive comes in, and nothing of it is kept. */
export function createVerifyBackup({ archives }: VerifyBackupDeps) {
  return async (
    requests: AsyncIterable<VerifyBackupRequest>,
    { signal }: Pick<CallerContext, 'signal'>,
  ): Promise<VerifyBackupResponse> => {
    const { report } = await checkBackup(await archives.open(chunksOf(requests)), signal);
    return { report };
  };
}

async function* chunksOf(requests: AsyncIterable<VerifyBackupRequest>): AsyncGenerator<Uint8Array> {
  for await (const { chunk } of requests) yield chunk;
}
