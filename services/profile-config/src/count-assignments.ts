import type {
  Assignments,
  CountAssignmentsRequest,
  CountAssignmentsResponse,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseCertificateIds, parseTenantId } from '@sealtrack/ids/parse';
import type { ProfileLists } from './ports.ts';

const NAMED = 100;

/** ProfileService.CountAssignments: from memory, so that a page of certificates costs the bus nothing. */
export function createCountAssignments(lists: Pick<ProfileLists, 'list' | 'screenCertificates'>) {
  return async (request: CountAssignmentsRequest): Promise<CountAssignmentsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const ids = parseCertificateIds(request.certificateIds);
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
