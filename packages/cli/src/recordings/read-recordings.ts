import {
  type FailedCapture,
  type Recording,
  RecordingFilter,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { resolveCertificates } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { isQuarantined } from './quarantine.ts';

const PAGE = 500;

/** As people say it. */
export interface Wanted {
  readonly limit: number;
  readonly from?: Date;
  readonly until?: Date;
  readonly profile?: string;
  readonly agent?: string;
  /** An id, its beginning, or an alias. */
  readonly certificate?: string;
  readonly query?: string;
  readonly quarantined?: boolean;
}

async function filterOf(context: Context, wanted: Wanted): Promise<RecordingFilter> {
  const { from, until, profile = '', agent = '', certificate, query = '' } = wanted;
  const [certificateId = ''] =
    certificate === undefined ? [] : await resolveCertificates(context, [certificate]);
  return RecordingFilter.fromPartial({ from, until, profileId: profile, agent, certificateId, query });
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** Page after page, as far as they are read: a page may be empty, and more follow. */
async function* pages<T>(
  limit: number,
  read: (request: { pageSize: number; pageToken: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let left = limit;
  for (let pageToken = ''; left > 0; ) {
    const { items, nextPageToken } = await read({ pageSize: Math.min(left, PAGE), pageToken });
    yield* items.slice(0, left);
    left -= items.length;
    pageToken = nextPageToken;
    if (pageToken === '') return;
  }
}

/** Newest first. */
export async function* readRecordings(context: Context, wanted: Wanted): AsyncGenerator<Recording> {
  const client = await context.recordings();
  const { tenantId, signal } = context;
  const filter = await filterOf(context, wanted);
  const { quarantined = false } = wanted;
  yield* pages(wanted.limit, async (page) => {
    const request = { ...page, tenantId, filter, quarantined };
    const { recordings, nextPageToken } = await client.listRecordings(request, { signal });
    return { items: quarantined ? recordings.filter(isQuarantined) : recordings, nextPageToken };
  });
}

/** Captures that were given up and wait for somebody, newest first. */
export async function* readFailedCaptures(context: Context, wanted: Wanted): AsyncGenerator<FailedCapture> {
  const client = await context.recordings();
  const { tenantId, signal } = context;
  const filter = await filterOf(context, wanted);
  yield* pages(wanted.limit, async (page) => {
    const { captures, nextPageToken } = await client.listFailedCaptures(
      { ...page, tenantId, filter },
      { signal },
    );
    return { items: captures, nextPageToken };
  });
}
