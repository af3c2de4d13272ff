import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AuditRecord } from '../../../src/api/audit.ts';
import { formatCount } from '../amounts.ts';
import { CopyText } from '../components/copy-text.tsx';
import { JsonText } from '../components/json-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SearchFurther } from '../components/search-further.tsx';
import { Time } from '../components/time.tsx';
import { plural } from '../plural.ts';
import type { AuditSearch } from './audit-search.ts';
import { auditQuery } from './queries.ts';
import { Sentence } from './sentence.tsx';

interface RecordListProps {
  readonly tenant: string;
  readonly search: AuditSearch;
}

/** The records that were found, each a sentence, and all that it says behind that. */
export function RecordList({ tenant, search }: RecordListProps) {
  const {
    data,
    error,
    hasNextPage,
    isFetching,
    isFetchingNextPage,
    isPlaceholderData,
    fetchNextPage,
    refetch,
  } = useInfiniteQuery({ ...auditQuery(tenant, search), placeholderData: keepPreviousData });
  const records = data?.pages.flatMap((page) => page.records);
  return (
    <>
      <div className="found-bar">
        <span className="muted" role="status">
          {records === undefined
            ? ''
            : `${plural(records.length, 'record')}${hasNextPage ? ' so far' : ''}, newest first`}
        </span>
        <button type="button" className="button small" disabled={isFetching} onClick={() => void refetch()}>
          Reload
        </button>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {records === undefined ? (
        <div className="records-place" aria-busy={error === null} />
      ) : (
        <ol className={`card records${isPlaceholderData ? ' is-old' : ''}`} aria-label="Audit records">
          {records.length === 0 ? (
            <li className="muted record-none">
              {hasNextPage
                ? 'None so far.'
                : 'Nothing on record is like that. Clear a part of the search, or choose more time.'}
            </li>
          ) : null}
          {records.map((record) => (
            <Record key={record.sequence} tenant={tenant} record={record} />
          ))}
        </ol>
      )}
      {records === undefined ? null : (
        <SearchFurther
          hasMore={hasNextPage}
          isSearching={isFetchingNextPage}
          searchedTo={data?.pages.at(-1)?.searchedTo ?? null}
          onMore={() => void fetchNextPage()}
          end={records.length === 0 ? '' : 'These are all.'}
        />
      )}
    </>
  );
}

function Record({ tenant, record }: { readonly tenant: string; readonly record: AuditRecord }) {
  const { at, sequence, action, source, chain, traceId, body } = record;
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="record">
      <p>
        <Time at={at} show="second" /> <Sentence tenant={tenant} record={record} />.
      </p>
      <details className="more" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          Record {formatCount(sequence)}, <code>{action}</code>
        </summary>
        {isOpen ? (
          <div className="stack record-more">
            <p className="muted small">
              Written by {source}
              {chain === null ? ', in no chain' : `, in chain ${chain.slice(0, 8)}`}
              {traceId === null ? null : (
                <>
                  ; trace <CopyText text={traceId} what="trace id" />
                </>
              )}
            </p>
            <JsonText value={body} label={`Body of record ${sequence}`} />
          </div>
        ) : null}
      </details>
    </li>
  );
}
