import type { TenantId } from '@sealtrack/ids/ids';
import type { RpcCallOptions } from '@sealtrack/rpc/client';
import type { CertificateList, CertificateRow } from './api/certificates.ts';
import type { CountUses } from './count-uses.ts';
import { describeCertificateRow } from './domain/describe-certificate.ts';
import type { Certificates } from './ports.ts';

const PAGE_SIZE = 500;
/** A browser filters and sorts no more than 5,000 while somebody types. */
const MAX_PAGES = 10;

/** All certificates of a tenant, and who has them: each page is counted while the next one is fetched. */
export function createListCertificates(
  certificates: Pick<Certificates, 'listCertificates'>,
  count: CountUses,
) {
  return async (
    tenantId: TenantId,
    includeDeleted: boolean,
    call: RpcCallOptions & { readonly signal: AbortSignal },
  ): Promise<CertificateList> => {
    const pages: Promise<readonly CertificateRow[]>[] = [];
    let pageToken = '';
    do {
      const page = await certificates.listCertificates(
        { tenantId, pageToken, includeDeleted, pageSize: PAGE_SIZE, query: '' },
        call,
      );
      const shown = page.certificates.filter(({ holding }) => !holding);
      const ids = shown.map(({ certificateId }) => certificateId);
      const rows = count(tenantId, ids, call).then((uses) =>
        shown.flatMap((each, at) => {
          const use = uses[at];
          return use === undefined ? [] : [describeCertificateRow(each, use)];
        }),
      );
      // It may fail while further pages are fetched, and is heard of below.
      rows.catch(() => {});
      pages.push(rows);
      pageToken = page.nextPageToken;
    } while (pageToken !== '' && pages.length < MAX_PAGES);
    return { certificates: (await Promise.all(pages)).flat(), isComplete: pageToken === '' };
  };
}
