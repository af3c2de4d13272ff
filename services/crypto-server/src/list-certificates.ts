import type {
  ListCertificatesRequest,
  ListCertificatesResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Certificates } from './ports.ts';

/** CertificateService.ListCertificates. */
export function createListCertificates(certificates: Certificates) {
  return async (request: ListCertificatesRequest): Promise<ListCertificatesResponse> => {
    const found = [...(await certificates.list(parseTenantId(request.tenantId)))];
    return { certificates: found, total: found.length, nextPageToken: '' };
  };
}
