import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';

export const deadLettersQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', tenant, 'list'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask('GET /tenants/:tenant/dead-letters', { tenant }, { query: { page: pageParam }, signal }),
    getNextPageParam: ({ nextPage }) => nextPage ?? undefined,
  });

export const deadLetterQuery = (tenant: string, number: number) =>
  queryOptions({
    queryKey: ['dead-letters', tenant, 'one', number],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/dead-letters/:number', { tenant, number: String(number) }, { signal }),
  });
