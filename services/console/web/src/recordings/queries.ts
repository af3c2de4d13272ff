import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';
import { failuresAsked, type RecordingSearch, recordingsAsked, searchToUrl } from './recording-search.ts';

/** Where a search goes on. What was asked stays as it was at its beginning, or its pages would not fit together. */
interface Mark<Asked> {
  readonly page: string;
  readonly asked: Asked;
}

/**
 * The recordings that are found, page by page. They stay as they are until somebody asks for them anew, so that rows do not jump
 * under the eyes; `newerQuery` tells that there are others. Their key names no tenant in its second place for that: whatever does
 * is asked for anew with every change.
 */
export const foundQuery = (tenant: string, search: RecordingSearch) =>
  infiniteQueryOptions({
    queryKey: ['recordings-found', { tenant, search: searchToUrl(search).toString() }],
    initialPageParam: undefined as Mark<ReturnType<typeof recordingsAsked>> | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const asked = pageParam?.asked ?? recordingsAsked(search, new Date());
      const query = { ...asked, page: pageParam?.page };
      return { ...(await ask('GET /tenants/:tenant/recordings', { tenant }, { query, signal })), asked };
    },
    getNextPageParam: ({ nextPage, asked }) => (nextPage === null ? undefined : { page: nextPage, asked }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The first page of the same as it is now. */
export const newerQuery = (tenant: string, search: RecordingSearch) =>
  queryOptions({
    queryKey: ['recordings-newer', { tenant, search: searchToUrl(search).toString() }],
    queryFn: async ({ signal }) => {
      const query = recordingsAsked(search, new Date());
      return (await ask('GET /tenants/:tenant/recordings', { tenant }, { query, signal })).recordings;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const failedQuery = (tenant: string, search: RecordingSearch) =>
  infiniteQueryOptions({
    queryKey: ['failed-captures', tenant, searchToUrl(search).toString()],
    initialPageParam: undefined as Mark<ReturnType<typeof failuresAsked>> | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const asked = pageParam?.asked ?? failuresAsked(search, new Date());
      const query = { ...asked, page: pageParam?.page };
      return { ...(await ask('GET /tenants/:tenant/failed-captures', { tenant }, { query, signal })), asked };
    },
    getNextPageParam: ({ nextPage, asked }) => (nextPage === null ? undefined : { page: nextPage, asked }),
  });

/** What happens to one recording does not happen often: it is looked at again now and then, and not with every recording's event. */
const EVERY_MS = 10_000;

export const recordingQuery = (tenant: string, recording: string) =>
  queryOptions({
    queryKey: ['recording', tenant, recording, 'itself'],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/recordings/:recording', { tenant, recording }, { signal }),
    refetchInterval: EVERY_MS,
  });

export const timelineQuery = (tenant: string, recording: string) =>
  queryOptions({
    queryKey: ['recording', tenant, recording, 'timeline'],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/recordings/:recording/timeline', { tenant, recording }, { signal }),
    refetchInterval: EVERY_MS,
  });

export const accessesQuery = (tenant: string, recording: string) =>
  queryOptions({
    queryKey: ['recording', tenant, recording, 'accesses'],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/recordings/:recording/accesses', { tenant, recording }, { signal }),
    refetchInterval: EVERY_MS,
  });

interface OfMedia {
  readonly tenant: string;
  readonly recording: string;
  readonly media: string;
}

/** It is on record who has seen it, and it never changes: it is asked for once. */
export const waveformQuery = (of: OfMedia) =>
  queryOptions({
    queryKey: ['waveform', of],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/recordings/:recording/media/:media/waveform', { ...of }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export const envelopeQuery = (of: OfMedia) =>
  queryOptions({
    queryKey: ['envelope', of.tenant, of],
    queryFn: ({ signal }) =>
      ask('GET /tenants/:tenant/recordings/:recording/media/:media/envelope', { ...of }, { signal }),
  });
