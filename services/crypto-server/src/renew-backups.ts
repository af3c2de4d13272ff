import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { BackupFolder, Certificates, PrivateKeys } from './ports.ts';

export interface RenewBackupsDeps {
  readonly certificates: Pick<Certificates, 'page'>;
  readonly privateKeys: Pick<PrivateKeys, 'get' | 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
  readonly tenants: () => AsyncIterable<TenantId>;
}

const PAGE = 200;

/**
 * Writes every certificate and sealed key to the backup folder again: at the start, for what another crypto server
 * imported and for what came before there was a folder; and after every key was sealed anew. A sealed key that does not open
 * replaces no copy, which may be the last that does.
 * @throws AppError SEAL_BROKEN when all others are copied.
 */
export function createRenewBackups({ certificates, privateKeys, backup, tenants }: RenewBackupsDeps) {
  const opens = async (tenantId: TenantId, keyId: KeyId): Promise<boolean> => {
    try {
      return (await privateKeys.get(tenantId, keyId)) !== undefined;
    } catch (error) {
      if (hasCode(error, 'SEAL_BROKEN')) return false;
      throw error;
    }
  };
  return async (signal: AbortSignal): Promise<void> => {
    const broken: string[] = [];
    for await (const tenantId of tenants())
      for (let after: string | undefined; !signal.aborted; ) {
        const query = { words: [], after, limit: PAGE, deleted: 'also' } as const;
        const page = await certificates.page(tenantId, query);
        for (const certificate of page.certificates) {
          const keyId = certificate.keyId as KeyId;
          const sealed = await privateKeys.getSealed(tenantId, keyId);
          if (sealed === undefined || signal.aborted) continue;
          if (await opens(tenantId, keyId)) await backup.keep(certificate, sealed);
          else broken.push(certificate.certificateId);
        }
        if (page.next === undefined) break;
        after = page.next;
      }
    if (broken.length > 0) throw someBroken(broken);
  };
}

const MAX_NAMED = 5;

const someBroken = (broken: readonly string[]) =>
  new AppError('SEAL_BROKEN', `${broken.length} private keys do not open, and their copies were left`, {
    fix: 'Delete st:{<tenant>}:key:<key id> of these certificates in Redis, then restore them from the backup folder: sealtrack keys restore.',
    details: { certificate_ids: broken.slice(0, MAX_NAMED).join(' ') },
  });
