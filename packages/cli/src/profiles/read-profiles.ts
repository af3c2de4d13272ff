import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseProfileId } from '@sealtrack/ids/parse';
import type { Context } from '../context.ts';
import { told } from '../told.ts';

/** The most that the service hands out at a time. */
const PAGE = 500;

export interface WantedProfiles {
  readonly query?: string;
  readonly deleted?: boolean;
  /** Milliseconds for each page. */
  readonly deadlineMs?: number;
}

/** Page after page, as far as they are read. */
export async function* readProfiles(
  context: Context,
  { query = '', deleted = false, deadlineMs }: WantedProfiles = {},
): AsyncGenerator<IvrProfile> {
  const client = await context.profiles();
  for (let pageToken = ''; ; ) {
    const { profiles, nextPageToken } = await client.listProfiles(
      { tenantId: context.tenantId, pageSize: PAGE, pageToken, query, includeDeleted: deleted },
      { signal: context.signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
    );
    yield* profiles;
    pageToken = nextPageToken;
    if (pageToken === '') return;
  }
}

/** Whole, be it deleted. A change that is made from it sends its revision, so that nobody else's is lost. */
export async function getProfile(context: Context, id: string): Promise<IvrProfile> {
  const client = await context.profiles();
  const { profile } = await client.getProfile(
    { tenantId: context.tenantId, profileId: parseProfileId(id) },
    { signal: context.signal },
  );
  return told(profile);
}
