import type {
  ListAccessesRequest,
  ListAccessesResponse,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { AccessIndex } from './ports.ts';

/** RecordingService.ListAccesses: none of a recording that nobody opened, and of one that there is not. */
export function createListAccesses(accesses: Pick<AccessIndex, 'list'>) {
  return async (request: ListAccessesRequest): Promise<ListAccessesResponse> => ({
    accesses: [
      ...(await accesses.list(parseTenantId(request.tenantId), parseRecordingId(request.recordingId))),
    ],
  });
}
