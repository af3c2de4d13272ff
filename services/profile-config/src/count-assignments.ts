import type {
  Assignments,
  CountAssignmentsRequest,
  CountAssignmentsResponse,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseTenantId } from '@sealtrack/ids/parse';
import type { ProfileLists } from './ports.ts';

const MAX_CERTIFICATES = 500;
const NAMED = 100;

/** ProfileService.CountAssignments: from memory, so that a page of certificates costs the bus nothing. */
export function createCountAssignments(lists: Pick<ProfileLists, 'list' | 'screenCertificates'>) {
  return async (request: CountAssignmentsRequest): Promise<CountAssignmentsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const ids = request.certificateIds.map(parseCertificateId);
    if (ids.length > MAX_CERTIFICATES)
      throw new AppError('INVALID_ARGUMENT', `${ids.length} certificates are too many`, {
        fix: `Ask for at most ${MAX_CERTIFICATES} at a time.`,
        details: { field: 'certificate_ids' },
      });
    const wanted = new Set<string>(ids);
    const holders = new Map<string, { profiles: number; profileIds: string[] }>();
    for (const profile of await lists.list(tenantId)) {
      if (profile.deleted) continue;
      for (const id of certificatesOf(profile)) {
        if (!wanted.has(id)) continue;
        const holder = holders.get(id) ?? { profiles: 0, profileIds: [] };
        holders.set(id, holder);
        holder.profiles += 1;
        if (holder.profileIds.length < NAMED) holder.profileIds.push(profile.profileId);
      }
    }
    const screen = await lists.screenCertificates(tenantId);
    return {
      assignments: ids.map(
        (id): Assignments => ({
          ...{ profiles: 0, profileIds: [], ...holders.get(id) },
          screen: screen.has(id),
        }),
      ),
    };
  };
}

/** Each once, for whichever media it is assigned. */
const certificatesOf = ({ certificates, screen, digital }: IvrProfile): ReadonlySet<string> =>
  new Set(
    [certificates, screen?.certificates ?? [], digital?.certificates ?? []].flatMap((list) =>
      list.map(({ certificateId }) => certificateId),
    ),
  );
