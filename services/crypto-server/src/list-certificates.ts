import type {
  Certificate,
  ListCertificatesRequest,
  ListCertificatesResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyId } from '@sealtrack/ids/ids';
import { parseLine } from '@sealtrack/ids/line';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Certificates, JudgeCertificate, PrivateKeys } from './ports.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
const MAX_QUERY = 256;
/** An alias of 128 characters, in UTF-8, and an id. */
const MAX_TOKEN = 1024;

/** CertificateService.ListCertificates. */
export function createListCertificates(
  certificates: Pick<Certificates, 'page'>,
  privateKeys: Pick<PrivateKeys, 'has'>,
  judge: JudgeCertificate,
) {
  return async (request: ListCertificatesRequest): Promise<ListCertificatesResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const query = parseLine('query', request.query, { min: 0, max: MAX_QUERY });
    if (request.pageSize > MAX_PAGE) throw tooLarge(request.pageSize);
    const page = await certificates.page(tenantId, {
      words: query.toLowerCase().split(/\s+/),
      after: parseToken(request.pageToken),
      limit: request.pageSize || DEFAULT_PAGE,
      deleted: request.includeDeleted ? 'also' : 'none',
    });
    const held = await Promise.all(
      page.certificates.map(({ keyId }) => privateKeys.has(tenantId, keyId as KeyId)),
    );
    return {
      certificates: page.certificates.map((each, index) =>
        withoutBulk({ ...each, ...judge(each), hasPrivateKey: held[index] === true }),
      ),
      nextPageToken: page.next === undefined ? '' : Buffer.from(page.next).toString('base64url'),
      total: page.total,
    };
  };
}

/** So many of them fit into a message without these, whatever their names are. */
const withoutBulk = (certificate: Certificate): Certificate => ({
  ...certificate,
  der: Buffer.alloc(0),
  chain: [],
});

function parseToken(token: string): string | undefined {
  if (token === '') return undefined;
  if (token.length <= MAX_TOKEN && /^[\w-]+$/.test(token)) return Buffer.from(token, 'base64url').toString();
  throw new AppError('INVALID_ARGUMENT', 'page_token is malformed', {
    fix: 'Pass next_page_token of the page before, as it is.',
    details: { field: 'page_token' },
  });
}

const tooLarge = (pageSize: number) =>
  new AppError('INVALID_ARGUMENT', `page_size ${pageSize} is too large`, {
    fix: `Ask for at most ${MAX_PAGE} certificates and follow next_page_token.`,
    details: { field: 'page_size' },
  });
