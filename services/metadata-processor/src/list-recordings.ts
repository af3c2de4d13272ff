import type {
  ListRecordingsRequest,
  ListRecordingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { parseTenantId } from '@sealtrack/ids/parse';
import { parseSearch } from './domain/search.ts';
import { parsePageSize, parsePageToken, toPageToken } from './parse-page.ts';
import type { RecordingSearch } from './ports.ts';

const TOKEN = /^\d{16}:[\w-]{1,128}$/;

/** RecordingService.ListRecordings. */
export function createListRecordings(recordings: RecordingSearch) {
  return async (request: ListRecordingsRequest): Promise<ListRecordingsResponse> => {
    const page = await recordings.search(parseTenantId(request.tenantId), {
      limit: parsePageSize(request.pageSize),
      after: parsePageToken(request.pageToken, TOKEN),
      search: parseSearch(request.filter, request.quarantined),
    });
    return {
      recordings: [...page.items],
      nextPageToken: toPageToken(page.next),
      searchedTo: page.next === undefined ? undefined : new Date(Number.parseInt(page.next, 10)),
    };
  };
}
