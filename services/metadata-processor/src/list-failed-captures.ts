import type {
  ListFailedCapturesRequest,
  ListFailedCapturesResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import { parseSearch } from './domain/search.ts';
import { parsePageSize, parsePageToken, toPageToken } from './parse-page.ts';
import type { FailureIndex } from './ports.ts';

const TOKEN = /^\d{16}:\d{1,20}:[\w-]{0,128}$/;

/** RecordingService.ListFailedCaptures. */
export function createListFailedCaptures(failures: Pick<FailureIndex, 'list'>) {
  return async (request: ListFailedCapturesRequest): Promise<ListFailedCapturesResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const search = parseSearch(request.filter, false);
    for (const [field, given] of [
      ['agent', search.agent],
      ['certificate_id', search.certificateId],
    ] as const) {
      if (given === undefined) continue;
      throw new AppError('INVALID_ARGUMENT', `${field} is not known of a capture that failed`, {
        fix: 'Look by time, profile_id or query.',
        details: { field },
      });
    }
    const page = await failures.list(tenantId, {
      limit: parsePageSize(request.pageSize),
      after: parsePageToken(request.pageToken, TOKEN),
      search,
    });
    return { captures: [...page.items], nextPageToken: toPageToken(page.next) };
  };
}
