import { queryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';

/** All of a tenant; those too that are deleted and can be restored. */
export const certificatesQuery = (tenant: string, deleted = false) =>
  queryOptions({
    queryKey: ['certificates', tenant, 'list', { deleted }],
    queryFn: ({ signal }) =>
      ask(
        'GET /tenants/:tenant/certificates',
        { tenant },
        { signal, query: { deleted: deleted ? '1' : undefined } },
      ),
  });

export const certificateQuery = (tenant: string, certificate: string) =>
  queryOptions({
    queryKey: ['certificates', tenant, 'one', certificate],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/certificates/:certificate', { tenant, certificate }, { signal }),
  });
