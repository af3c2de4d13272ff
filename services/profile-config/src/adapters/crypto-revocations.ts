import type { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { RpcClient } from '@sealtrack/rpc/client';
import type { Revocations } from '../ports.ts';

/** The most that the crypto server hands out at a time. */
const PAGE = 500;

/** Asks the crypto server, which knows the revocation lists. */
export function createCryptoRevocations(
  crypto: Pick<RpcClient<typeof CertificateServiceDefinition>, 'listCertificates'>,
): Revocations {
  return {
    async of(tenantId, signal) {
      const revoked = new Set<string>();
      let pageToken = '';
      do {
        const page = await crypto.listCertificates({ tenantId, pageSize: PAGE, pageToken }, { signal });
        for (const { certificateId, problem } of page.certificates)
          if (problem === 'revoked') revoked.add(certificateId);
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return revoked;
    },
  };
}
