import {
  IvrProfile,
  type ListProfilesRequest,
  type ListProfilesResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { isProfileId } from '@sealtrack/ids/ids';
import { parseLine } from '@sealtrack/ids/line';
import { parseTenantId } from '@sealtrack/ids/parse';
import { isAbout } from './domain/is-about.ts';
import { compareProfileIds } from './domain/profile-ids.ts';
import type { ProfileLists } from './ports.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
const MAX_QUERY = 256;
/** A message has 4 MiB, and profiles may have 48 certificates each. */
const MAX_PAGE_BYTES = 3_000_000;

/** ProfileService.ListProfiles. */
export function createListProfiles(lists: ProfileLists) {
  return async (request: ListProfilesRequest): Promise<ListProfilesResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const query = parseLine('query', request.query, { min: 0, max: MAX_QUERY }).trim().toLowerCase();
    if (request.pageSize > MAX_PAGE) throw tooLarge(request.pageSize);
    const after = parseToken(request.pageToken);
    const all = await lists.list(tenantId);
    const found = all.filter(
      (profile) => (request.includeDeleted || !profile.deleted) && isAbout(profile, query),
    );
    // By its id, not by its place: others may come and go between two pages.
    const from = after === '' ? 0 : found.findIndex((each) => compareProfileIds(each.profileId, after) > 0);
    const rest = from < 0 ? [] : found.slice(from);
    const profiles = thoseThatFit(rest, request.pageSize || DEFAULT_PAGE);
    const last = profiles.length < rest.length ? profiles.at(-1) : undefined;
    return { profiles, nextPageToken: last?.profileId ?? '', total: found.length };
  };
}

/** At least one, if there is any. */
function thoseThatFit(profiles: readonly IvrProfile[], limit: number): IvrProfile[] {
  const page: IvrProfile[] = [];
  let bytes = 0;
  for (const profile of profiles.slice(0, limit)) {
    bytes += IvrProfile.encode(profile).finish().length;
    if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
    page.push(profile);
  }
  return page;
}

function parseToken(token: string): string {
  if (token === '' || isProfileId(token)) return token;
  throw new AppError('INVALID_ARGUMENT', 'page_token is malformed', {
    fix: 'Pass next_page_token of the page before, as it is.',
    details: { field: 'page_token' },
  });
}

const tooLarge = (pageSize: number) =>
  new AppError('INVALID_ARGUMENT', `page_size ${pageSize} is too large`, {
    fix: `Ask for at most ${MAX_PAGE} profiles and follow next_page_token.`,
    details: { field: 'page_size' },
  });
