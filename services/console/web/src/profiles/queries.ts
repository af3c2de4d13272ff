import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';

export const profilesQuery = (tenant: string, query: string) =>
  infiniteQueryOptions({
    queryKey: ['profiles', tenant, 'list', { query }],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      ask('GET /tenants/:tenant/profiles', { tenant }, { signal, query: { query, page: pageParam } }),
    getNextPageParam: ({ nextPage }) => nextPage,
  });

export const profileQuery = (tenant: string, profile: string) =>
  queryOptions({
    queryKey: ['profiles', tenant, 'one', profile],
    queryFn: ({ signal }) => ask('GET /tenants/:tenant/profiles/:profile', { tenant, profile }, { signal }),
  });

export const screenQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['screen', tenant],
    queryFn: ({ signal }) => ask('GET /tenants/:tenant/screen', { tenant }, { signal }),
  });

const WHILE_PENDING_MS = 1000;

/** Of a profile; without one, of the screen settings. Looked at again and again until every encryptor has it. */
export const rolloutQuery = (tenant: string, profile: string | undefined) =>
  queryOptions({
    queryKey: ['rollout', tenant, profile ?? 'screen'],
    queryFn: ({ signal }) =>
      profile === undefined
        ? ask('GET /tenants/:tenant/screen/rollout', { tenant }, { signal })
        : ask('GET /tenants/:tenant/profiles/:profile/rollout', { tenant, profile }, { signal }),
    refetchInterval: ({ state: { data } }) =>
      data?.encryptors.some(({ state }) => state === 'pending') ? WHILE_PENDING_MS : false,
  });
