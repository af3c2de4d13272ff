import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { WholeCertificate } from './check-backup.ts';
import { isKeyOf } from './check-backup.ts';
import { deletionFromBackup } from './domain/deletion.ts';
import type { BackupFolder, Certificates, Clock, PrivateKeys } from './ports.ts';

export interface PutBackCertificateDeps {
  readonly certificates: Pick<Certificates, 'add' | 'get'>;
  readonly privateKeys: Pick<PrivateKeys, 'add' | 'get' | 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
  readonly clock: Clock;
  readonly graceMs: number;
}

export type PutBackCertificate = (
  whole: WholeCertificate,
) => Promise<'restored' | 'already there' | { readonly problem: string }>;

/**
 * Puts one certificate of an archive back as an import would: the key first, sealed under the keyring of now, read back and
 * proven; then the copy in the backup folder; then the certificate. What is there stays as it is, and what is missing of it
 * is added.
 */
export function createPutBackCertificate(deps: PutBackCertificateDeps): PutBackCertificate {
  const { certificates, privateKeys, backup, clock, graceMs } = deps;
  return async ({ tenantId, certificate: backedUp, info, key }) => {
    const { keyId, certificateId } = info;
    const deletion = deletionFromBackup(backedUp.deletion, clock(), graceMs);
    const certificate = { ...backedUp, deletion };
    const held = await privateKeys.getSealed(tenantId, keyId);
    const before = await certificates.get(tenantId, certificateId);
    if (held === undefined) await privateKeys.add(tenantId, keyId, certificateId, key);
    if (!(await opens(deps, { tenantId, info })))
      return {
        problem: `is here with a private key that does not open, which was left: delete st:{${tenantId}}:key:${keyId} in Redis, then restore again`,
      };
    const sealed = await privateKeys.getSealed(tenantId, keyId);
    if (sealed === undefined) throw lost();
    await backup.keep(before ?? certificate, sealed);
    await certificates.add(certificate);
    return held === undefined || before === undefined ? 'restored' : 'already there';
  };
}

const lost = () =>
  new AppError('SEAL_BROKEN', 'A private key was gone as soon as it was restored', {
    fix: 'Somebody deletes keys at the same time, or Redis loses what it confirmed: see to that, then restore again.',
  });

async function opens(
  { privateKeys }: Pick<PutBackCertificateDeps, 'privateKeys'>,
  { tenantId, info }: Pick<WholeCertificate, 'tenantId' | 'info'>,
): Promise<boolean> {
  try {
    const stored = await privateKeys.get(tenantId, info.keyId);
    return stored !== undefined && isKeyOf(info, stored);
  } catch (error) {
    if (hasCode(error, 'SEAL_BROKEN')) return false;
    throw error;
  }
}
