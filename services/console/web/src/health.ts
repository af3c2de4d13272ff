import { queryOptions } from '@tanstack/react-query';
import { ask } from './api-client.ts';

const EVERY_MS = 15_000;
const WHILE_DOWN_MS = 5000;

/** Which services are up, as the console sees it; more often while one is down. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => ask('GET /health', {}, { signal }),
  retry: false,
  staleTime: 2000,
  refetchInterval: ({ state: { data, error } }) =>
    error !== null || data?.services.some(({ isUp }) => !isUp) ? WHILE_DOWN_MS : EVERY_MS,
});
