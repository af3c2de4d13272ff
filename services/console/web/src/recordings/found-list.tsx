import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SearchFurther } from '../components/search-further.tsx';
import { Table } from '../components/table.tsx';
import { plural } from '../plural.ts';
import { recordingColumns } from './columns.tsx';
import { foundQuery } from './queries.ts';
import { isNarrowed, type RecordingSearch } from './recording-search.ts';
import { useNewer } from './use-newer.ts';

interface FoundListProps {
  readonly tenant: string;
  readonly search: RecordingSearch;
}

/** A page may be short though much was looked at: then the search goes on by itself, so far. */
const ENOUGH = 10;
const PAGES_BY_ITSELF = 5;

/** The recordings that were found, newest first; others that come meanwhile are told of, and shown when somebody wants them. */
export function FoundList({ tenant, search }: FoundListProps) {
  const client = useQueryClient();
  const query = foundQuery(tenant, search);
  const found = useInfiniteQuery({ ...query, placeholderData: keepPreviousData });
  const { data, error, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage, refetch } = found;
  const recordings = data?.pages.flatMap((page) => page.recordings);
  const newer = useNewer(tenant, search, found.isPlaceholderData ? undefined : recordings);
  const [count, pages] = [recordings?.length ?? 0, data?.pages.length ?? 0];
  const goesOn = hasNextPage && !isFetching && error === null && count < ENOUGH && pages < PAGES_BY_ITSELF;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const showNewest = () => {
    // From its first page on; what is shown stays until that has come.
    client.setQueryData(query.queryKey, (before) =>
      before === undefined
        ? before
        : { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) },
    );
    void refetch();
  };
  const last = data?.pages.at(-1);
  return (
    <>
      <div className="found-bar">
        <span className="muted" role="status">
          {recordings === undefined ? '' : `${plural(count, 'recording')}${hasNextPage ? ' so far' : ''}`}
        </span>
        <span className="newer" role="status">
          {newer === 0 ? null : (
            <button type="button" className="button small primary" onClick={showNewest}>
              {plural(newer, 'new recording')}: show
            </button>
          )}
        </span>
        <button type="button" className="button small" onClick={showNewest} disabled={isFetching}>
          Reload
        </button>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {recordings === undefined && error !== null ? null : (
        <div className={found.isPlaceholderData ? 'is-old' : undefined}>
          <Table
            label="Recordings"
            columns={recordingColumns(tenant)}
            rows={recordings}
            keyOf={({ recordingId }) => recordingId}
            atOnce={Number.POSITIVE_INFINITY}
            places={20}
            empty={hasNextPage ? 'None so far.' : <Nothing search={search} />}
          />
        </div>
      )}
      {recordings === undefined ? null : (
        <SearchFurther
          hasMore={hasNextPage}
          isSearching={isFetchingNextPage}
          searchedTo={last?.searchedTo ?? null}
          onMore={() => void fetchNextPage()}
          end={count === 0 ? '' : 'These are all.'}
        />
      )}
    </>
  );
}

function Nothing({ search }: { readonly search: RecordingSearch }) {
  if (isNarrowed(search))
    return <>No recording is like that. Clear a part of the search, or choose more time.</>;
  return (
    <>
      No recordings yet. Pipelines hand them over on NATS, gRPC or HTTP; to try it:{' '}
      <code>npx sealtrack recordings put call.wav --profile 101</code>
    </>
  );
}
