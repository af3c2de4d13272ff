import { queryOptions } from '@tanstack/react-query';
import { ask } from '../api-client.ts';

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => ask('GET /accounts', {}, { signal }),
});
