import type { AssignedCertificate } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { CertificateDirectory } from './ports.ts';

/**
 * The certificates as they are to be assigned, each checked with the crypto server. Throws as CertificateDirectory does,
 * but for a change that only takes some away: that is always possible, whatever became of the others, and they stay as
 * they are.
 */
export function readCertificates(
  certificates: CertificateDirectory,
  tenantId: TenantId,
  ids: readonly CertificateId[],
  before: readonly AssignedCertificate[],
): Promise<AssignedCertificate[]> {
  const known = new Map(before.map((each) => [each.certificateId, each]));
  const onlyLess = ids.length < known.size && ids.every((id) => known.has(id));
  return Promise.all(
    ids.map((id) =>
      certificates.get(tenantId, id).catch((error: unknown) => {
        const kept = known.get(id);
        if (onlyLess && kept !== undefined) return kept;
        throw error;
      }),
    ),
  );
}
