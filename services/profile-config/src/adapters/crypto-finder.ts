import type {
  Certificate,
  CertificateServiceClient,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId } from '@sealtrack/ids/ids';
import { plainSerial } from '../domain/genesys-alias.ts';
import type { CertificateFinder } from '../ports.ts';

/** The most that a crypto server hands out at a time. */
const PAGE = 500;

/** Asks the crypto server. */
export function createCryptoFinder(
  crypto: Pick<CertificateServiceClient, 'getCertificate' | 'listCertificates'>,
): CertificateFinder {
  async function* search(tenantId: string, query: string): AsyncGenerator<Certificate> {
    for (let pageToken = ''; ; ) {
      const request = { tenantId, pageSize: PAGE, pageToken, query };
      const { certificates, nextPageToken } = await crypto.listCertificates(request);
      yield* certificates;
      pageToken = nextPageToken;
      if (pageToken === '') return;
    }
  }
  return {
    async bySerial(tenantId, serial) {
      const found = [];
      // The search finds these digits anywhere, and its list cuts long names.
      for await (const { certificateId, serialNumber, holding } of search(tenantId, serial)) {
        if (plainSerial(serialNumber) !== serial || holding) continue;
        const { certificate } = await crypto.getCertificate({ tenantId, certificateId });
        if (certificate !== undefined)
          found.push({ certificateId: certificateId as CertificateId, issuer: certificate.issuer });
      }
      return found;
    },
  };
}
