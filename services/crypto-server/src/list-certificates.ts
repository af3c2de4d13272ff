import { setImmediate as nextTurn } from 'node:timers/promises';
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
/** Each is looked for in each certificate; nobody types more. */
const MAX_WORDS = 16;
/** Judging one that was not judged before takes a third of a millisecond. */
const JUDGED_A_TURN = 10;
/** An alias of 128 characters, in UTF-8, an id and a time. */
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
    const words = [...new Set(query.toLowerCase().split(/\s+/).filter(Boolean))];
    if (words.length > MAX_WORDS) throw tooManyWords(words.length);
    const { expiresBefore } = request;
    if (expiresBefore !== undefined && Number.isNaN(expiresBefore.getTime())) throw noTime();
    const page = await certificates.page(tenantId, {
      words,
      after: parseToken(request.pageToken),
      limit: request.pageSize || DEFAULT_PAGE,
      deleted: request.includeDeleted ? 'also' : 'none',
      expiresBefore,
    });
    const held = await Promise.all(
      page.certificates.map(({ keyId }) => privateKeys.has(tenantId, keyId as KeyId)),
    );
    const judged: Certificate[] = [];
    for (const [index, each] of page.certificates.entries()) {
      if (index > 0 && index % JUDGED_A_TURN === 0) await nextTurn();
      judged.push(withoutBulk({ ...each, ...judge(each), hasPrivateKey: held[index] === true }));
    }
    return {
      certificates: judged,
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
  subjectName: shortened(certificate.subjectName),
  subject: shortened(certificate.subject),
  issuer: shortened(certificate.issuer),
  serialNumber: shortened(certificate.serialNumber),
  problemText: shortened(certificate.problemText),
  // Whoever signs it shall have all of it, from GetCertificate.
  deletion: certificate.deletion && { ...certificate.deletion, statement: '' },
});

const MAX_TEXT = 400;

const shortened = (text: string): string =>
  text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;

function parseToken(token: string): string | undefined {
  if (token === '') return undefined;
  if (token.length <= MAX_TOKEN && /^[\w-]+$/.test(token)) return Buffer.from(token, 'base64url').toString();
  throw new AppError('INVALID_ARGUMENT', 'page_token is malformed', {
    fix: 'Pass next_page_token of the page before, as it is.',
    details: { field: 'page_token' },
  });
}

const tooManyWords = (count: number) =>
  new AppError('INVALID_ARGUMENT', `query has ${count} words`, {
    fix: `Search for at most ${MAX_WORDS} words.`,
    details: { field: 'query' },
  });

const noTime = () =>
  new AppError('INVALID_ARGUMENT', 'expires_before is not a time', {
    fix: 'Give a time from the year 1 to 9999.',
    details: { field: 'expires_before' },
  });

const tooLarge = (pageSize: number) =>
  new AppError('INVALID_ARGUMENT', `page_size ${pageSize} is too large`, {
    fix: `Ask for at most ${MAX_PAGE} certificates and follow next_page_token.`,
    details: { field: 'page_size' },
  });
