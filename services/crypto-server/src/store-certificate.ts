import { parseCertificate } from '@sealtrack/certificates/certificate';
import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { BackupFolder, Certificates, PrivateKeys } from './ports.ts';

export interface StoreCertificateDeps {
  readonly certificates: Pick<Certificates, 'add' | 'replace'>;
  readonly privateKeys: Pick<PrivateKeys, 'get' | 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
}

/**
 * Adds a certificate, or what is better now of one that is known. The key is stored before this, so that no certificate is ever offered for use whose recordings nobody could open; and
 * the copy before the certificate, so that none is that has no copy. A crash in between is healed by doing it again.
 * @throws AppError SEAL_BROKEN, PRIVATE_KEY_MISMATCH, BACKUP_FAILED, CERTIFICATE_CONFLICT, SEALED_STORE_UNAVAILABLE.
 */
export async function storeCertificate(
  { certificates, privateKeys, backup }: StoreCertificateDeps,
  wanted: Certificate,
  known: Certificate | undefined,
): Promise<Certificate> {
  const [tenantId, keyId] = [wanted.tenantId as TenantId, wanted.keyId as KeyId];
  const sealed = await privateKeys.getSealed(tenantId, keyId);
  const opened = await privateKeys.get(tenantId, keyId);
  if (sealed === undefined || opened === undefined) throw lost();
  checkKeyMatches(parseCertificate(wanted.der, { allowWeak: true }), opened);
  if (known === undefined) {
    await backup.keep(wanted, sealed);
    const stored = await certificates.add(wanted);
    // Somebody else's import of the same came first, under another alias.
    if (stored.importedAt?.getTime() !== wanted.importedAt?.getTime()) await backup.keep(stored, sealed);
    return stored;
  }
  const after = withBetterTrust(known, wanted);
  await backup.keep(after, sealed);
  // Also what stays as it is is confirmed to be durable: the import before may have been told that it is not.
  if (after === known) return await certificates.add(known);
  await certificates.replace(known, after);
  return after;
}

/** Imported again with the chain that it lacked, it may be used for more than before; nothing takes that away again. */
function withBetterTrust(known: Certificate, wanted: Certificate): Certificate {
  const { trust, chain, decryptOnly } = wanted;
  if (decryptOnly || (trust === known.trust && isSameChain(chain, known.chain))) return known;
  return { ...known, trust, chain, decryptOnly };
}

const isSameChain = (one: readonly Buffer[], other: readonly Buffer[]): boolean =>
  one.length === other.length && one.every((der, index) => other[index]?.equals(der));

const lost = () =>
  new AppError('SEAL_BROKEN', 'The sealed key could not be read back after it was stored', {
    fix: 'Check Redis (sealtrack doctor), then do it again.',
  });
