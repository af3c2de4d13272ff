import type {
  ListRecordingsRequest,
  ListRecordingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { RecordingIndex } from './ports.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

/** RecordingService.ListRecordings. */
export function createListRecordings(index: RecordingIndex) {
  return async (request: ListRecordingsRequest): Promise<ListRecordingsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    if (request.pageSize > MAX_PAGE)
      throw new AppError('INVALID_ARGUMENT', `page_size ${request.pageSize} is too large`, {
        fix: `Ask for at most ${MAX_PAGE} recordings and follow next_page_token.`,
        details: { field: 'page_size' },
      });
    const page = await index.list(tenantId, {
      limit: request.pageSize || DEFAULT_PAGE,
      from: parseToken(request.pageToken),
      quarantined: request.quarantined,
    });
    return { recordings: [...page.recordings], nextPageToken: toToken(page.next) };
  };
}

const toToken = (next: string | undefined) =>
  next === undefined ? '' : Buffer.from(next).toString('base64url');

function parseToken(token: string): string | undefined {
  if (token === '') return undefined;
  const next = Buffer.from(token, 'base64url').toString();
  if (/^\d{16}:[\w-]{1,128}$/.test(next)) return next;
  throw new AppError('INVALID_ARGUMENT', 'page_token is malformed', {
    fix: 'Pass next_page_token of the page before, as it is.',
    details: { field: 'page_token' },
  });
}
