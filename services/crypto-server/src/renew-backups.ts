import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { BackupFolder, Certificates, PrivateKeys } from './ports.ts';

export interface RenewBackupsDeps {
  readonly certificates: Pick<Certificates, 'page'>;
  readonly privateKeys: Pick<PrivateKeys, 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
  readonly tenants: () => AsyncIterable<TenantId>;
}

const PAGE = 200;

/**
 * Writes every certificate and sealed key to the backup folder again: at the start, for what another crypto server
 * imported and for what came before there was a folder; and after every key was sealed anew.
 */
export function createRenewBackups({ certificates, privateKeys, backup, tenants }: RenewBackupsDeps) {
  return async (signal: AbortSignal): Promise<void> => {
    for await (const tenantId of tenants())
      for (let after: string | undefined; !signal.aborted; ) {
        const query = { words: [], after, limit: PAGE, deleted: 'also' } as const;
        const page = await certificates.page(tenantId, query);
        for (const certificate of page.certificates) {
          const sealed = await privateKeys.getSealed(tenantId, certificate.keyId as KeyId);
          if (sealed !== undefined && !signal.aborted) await backup.keep(certificate, sealed);
        }
        if (page.next === undefined) break;
        after = page.next;
      }
  };
}
