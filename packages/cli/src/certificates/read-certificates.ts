import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId } from '@sealtrack/ids/ids';
import { findCertificates } from '../certificate-prefix.ts';
import type { Context } from '../context.ts';
import { told } from '../told.ts';

/** The most that the service hands out at a time. */
const PAGE = 500;

export interface Wanted {
  /** Words that each of them has; every one when empty. */
  readonly query?: string;
  readonly deleted?: boolean;
  /** Only those that end before it, the soonest first. */
  readonly expiresBefore?: Date | undefined;
  readonly limit?: number;
  /** Milliseconds for each page. */
  readonly deadlineMs?: number;
}

export interface Page {
  readonly certificates: readonly Certificate[];
  /** Of all pages. */
  readonly total: number;
}

/** Page after page, as far as they are read. */
export async function* readPages(
  context: Context,
  { query = '', deleted = false, expiresBefore, limit = Number.POSITIVE_INFINITY, deadlineMs }: Wanted,
): AsyncGenerator<Page> {
  const client = await context.certificates();
  let left = limit;
  for (let pageToken = ''; left > 0; ) {
    const pageSize = Math.min(left, PAGE);
    const { certificates, nextPageToken, total } = await client.listCertificates(
      { tenantId: context.tenantId, pageSize, pageToken, query, includeDeleted: deleted, expiresBefore },
      { signal: context.signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
    );
    yield { certificates, total };
    left -= certificates.length;
    pageToken = nextPageToken;
    if (pageToken === '') return;
  }
}

/** Throws as findCertificates. `deleted` ones are among them when wanted. */
export const resolveCertificates = (
  context: Context,
  wanted: readonly string[],
  { deleted = false }: { readonly deleted?: boolean } = {},
): Promise<CertificateId[]> =>
  findCertificates(wanted, async (query) => {
    const pages = await Array.fromAsync(readPages(context, { query, deleted }));
    return pages.flatMap(({ certificates }) => certificates);
  });

/** The one that is meant, be it deleted. Throws as findCertificates, and CERTIFICATE_NOT_FOUND. */
export async function getCertificate(context: Context, wanted: string): Promise<Certificate> {
  const [certificateId = ''] = await resolveCertificates(context, [wanted], { deleted: true });
  const client = await context.certificates();
  const { certificate } = await client.getCertificate(
    { tenantId: context.tenantId, certificateId },
    { signal: context.signal },
  );
  return told(certificate);
}
