import { infiniteQueryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';
import { type AuditSearch, auditAsked, auditSearchToUrl } from './audit-search.ts';

/** Records that are found, newest first, page by page, of the time at which the search began. */
export const auditQuery = (tenant: string, search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', { tenant, search: auditSearchToUrl(search).toString() }],
    initialPageParam: undefined as { page: string; asked: ReturnType<typeof auditAsked> } | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const asked = pageParam?.asked ?? auditAsked(search, new Date());
      const query = { ...asked, page: pageParam?.page };
      return { ...(await ask('GET /tenants/:tenant/audit', { tenant }, { query, signal })), asked };
    },
    getNextPageParam: ({ nextPage, asked }) => (nextPage === null ? undefined : { page: nextPage, asked }),
    refetchOnWindowFocus: false,
  });
