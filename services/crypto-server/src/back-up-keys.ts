import { randomBytes } from 'node:crypto';
import type { BackUpKeysResponse } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import type { ArchivedCertificate, ArchiveName } from '@sealtrack/sealed-store/archive-format';
import type { KeyArchives } from '@sealtrack/sealed-store/key-archives';
import type { Log } from '@sealtrack/service-kit/logger';
import { type CallerContext, callerText } from './caller-context.ts';
import type { AuditTrail, Certificates, Clock, PrivateKeys } from './ports.ts';

export interface BackUpKeysDeps {
  readonly certificates: Pick<Certificates, 'page' | 'get'>;
  readonly privateKeys: Pick<PrivateKeys, 'getSealed'>;
  /** One may come twice. */
  readonly tenants: () => AsyncIterable<TenantId>;
  readonly archives: Pick<KeyArchives, 'create'>;
  readonly audit: Pick<AuditTrail, 'keysBackup'>;
  readonly clock: Clock;
  readonly log: Log;
}

const PAGE = 500;

/**
 * BackupService.BackUpKeys. What there is when it begins is named first, also what is deleted and can be restored; each is
 * then read as it is at that moment. What is imported meanwhile is for the next backup.
 */
export function createBackUpKeys(deps: BackUpKeysDeps) {
  const { certificates, privateKeys, archives, audit, clock, log } = deps;

  async function read({ tenantId, certificateId }: ArchiveName): Promise<ArchivedCertificate | undefined> {
    const tenant = tenantId as TenantId;
    const get = () => certificates.get(tenant, certificateId as CertificateId);
    const found = await get();
    if (found === undefined) return undefined;
    const sealedKey = await privateKeys.getSealed(tenant, found.keyId as KeyId);
    // Deleted for good between the two, certificate and key go together.
    if (sealedKey === undefined && (await get()) === undefined) return undefined;
    return { certificate: Certificate.toJSON(found), sealedKey };
  }

  return async function* (caller: CallerContext): AsyncGenerator<BackUpKeysResponse, void, undefined> {
    const names = await listNames(deps, caller.signal);
    const archiveId = randomBytes(16).toString('hex');
    const chunks = archives.create({ archiveId, createdAt: clock(), names, read });
    // A server that is sealed says so now, before anything is on record.
    const first = await chunks.next();
    const facts = { archiveId, certificates: names.length, caller: callerText(caller) };
    await audit.keysBackup({ ...facts, action: 'taken' }, caller.traceparent);
    log.info(facts, 'a backup of the keys is taken');
    for (let { done, value } = first; !done && value !== undefined; { done, value } = await chunks.next()) {
      caller.signal.throwIfAborted();
      yield { chunk: value };
    }
  };
}

async function listNames(
  { certificates, tenants }: Pick<BackUpKeysDeps, 'certificates' | 'tenants'>,
  signal: AbortSignal,
): Promise<ArchiveName[]> {
  const names: ArchiveName[] = [];
  for (const tenantId of new Set(await Array.fromAsync(tenants())))
    for (let after: string | undefined; ; ) {
      signal.throwIfAborted();
      const page = await certificates.page(tenantId, { words: [], after, limit: PAGE, deleted: 'also' });
      for (const { certificateId, alias } of page.certificates)
        names.push({ tenantId, certificateId, alias });
      if (page.next === undefined) break;
      after = page.next;
    }
  return names;
}
