import type { ListTenantsResponse } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { ProfileLists } from './ports.ts';

/** ProfileService.ListTenants. */
export const createListTenants =
  (lists: Pick<ProfileLists, 'tenants'>) => async (): Promise<ListTenantsResponse> => ({
    tenantIds: [...(await lists.tenants())],
  });
