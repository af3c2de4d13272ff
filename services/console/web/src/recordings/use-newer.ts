import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Recording } from '../../../src/api/recordings.ts';
import { countNewer } from './newer.ts';
import { newerQuery } from './queries.ts';
import type { RecordingSearch } from './recording-search.ts';

const AT_MOST_EVERY_MS = 3000;

/** How many recordings there are now that the list does not show. */
export function useNewer(
  tenant: string,
  search: RecordingSearch,
  shown: readonly Recording[] | undefined,
): number {
  // Asked for anew with each change of recordings (live-changes.ts), which costs nothing: it is only told of.
  const { data: changedAt } = useQuery({
    queryKey: ['recordings', tenant, 'changed'],
    queryFn: () => Date.now(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data, refetch, isFetching } = useQuery({ ...newerQuery(tenant, search), enabled: false });
  const asked = useRef<{ key: number | undefined; at: number }>({ key: undefined, at: 0 });
  useEffect(() => {
    asked.current.key ??= changedAt;
    if (changedAt === undefined || asked.current.key === changedAt || isFetching) return;
    const wait = Math.max(0, asked.current.at + AT_MOST_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      asked.current = { key: changedAt, at: Date.now() };
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [changedAt, isFetching, refetch]);
  return shown === undefined || data === undefined ? 0 : countNewer(shown, data);
}
