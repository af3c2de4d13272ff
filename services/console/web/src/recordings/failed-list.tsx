import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { FailedCapture } from '../../../src/api/recordings.ts';
import { CopyText } from '../components/copy-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SearchFurther } from '../components/search-further.tsx';
import { Time } from '../components/time.tsx';
import { DeadLetterDialog } from '../dead-letters/dead-letter-dialog.tsx';
import { plural } from '../plural.ts';
import { useMay } from '../session.ts';
import { profilePath, recordingPath } from './paths.ts';
import { failedQuery } from './queries.ts';
import { isNarrowed, type RecordingSearch } from './recording-search.ts';

interface FailedListProps {
  readonly tenant: string;
  readonly search: RecordingSearch;
}

/** Captures that could not be encrypted and wait for somebody: why, and what to do. */
export function FailedList({ tenant, search }: FailedListProps) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    ...failedQuery(tenant, search),
    placeholderData: keepPreviousData,
  });
  const [opened, open] = useState<number>();
  const captures = data?.pages.flatMap((page) => page.captures);
  return (
    <>
      <div className="found-bar">
        <span className="muted" role="status">
          {captures === undefined
            ? ''
            : `${plural(captures.length, 'failed capture')}${hasNextPage ? ' so far' : ''}`}
        </span>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {captures === undefined ? (
        <div className="failed-place" aria-busy={error === null} />
      ) : captures.length === 0 ? (
        <p className="card muted">
          {isNarrowed(search)
            ? 'No failed capture is like that. Clear a part of the search, or choose more time.'
            : 'No capture waits: all that was handed over is encrypted and stored.'}
        </p>
      ) : (
        <ul className="plain-list" aria-label="Failed captures">
          {captures.map((capture) => (
            <FailedCard key={capture.deadLetter} tenant={tenant} capture={capture} open={open} />
          ))}
        </ul>
      )}
      {hasNextPage ? (
        <SearchFurther
          hasMore
          isSearching={isFetchingNextPage}
          searchedTo={captures?.at(-1)?.failedAt ?? null}
          onMore={() => void fetchNextPage()}
          end=""
        />
      ) : null}
      {opened === undefined ? null : (
        <DeadLetterDialog tenant={tenant} number={opened} onClose={() => open(undefined)} />
      )}
    </>
  );
}

interface FailedCardProps {
  readonly tenant: string;
  readonly capture: FailedCapture;
  readonly open: (deadLetter: number) => void;
}

function FailedCard({ tenant, capture, open }: FailedCardProps) {
  const may = useMay();
  const { recordingId, profileId, reason, message, nextStep, deadLetter, failedAt, traceId } = capture;
  return (
    <li className="card failed-card">
      <div className="failed-head">
        <h2>
          {recordingId === null ? (
            'A capture that cannot be read'
          ) : (
            <Link to={recordingPath(tenant, recordingId)}>{recordingId}</Link>
          )}
        </h2>
        <Time at={failedAt} show="second" />
      </div>
      <p>
        <code>{reason}</code> {message}
      </p>
      <p>
        <strong>Next step:</strong> {nextStep}
      </p>
      <div className="failed-foot">
        <span className="muted">
          Profile{' '}
          {may('profile.read') ? <Link to={profilePath(tenant, profileId)}>{profileId}</Link> : profileId}
        </span>
        {traceId === null ? null : (
          <span className="muted">
            Trace <CopyText text={traceId} what="trace id" />
          </span>
        )}
        {may('event.read') ? (
          <button type="button" className="button small" onClick={() => open(deadLetter)}>
            {may('capture.retry') ? 'Inspect or retry' : 'Inspect'}
            <span className="visually-hidden"> dead letter {deadLetter}</span>
          </button>
        ) : null}
      </div>
    </li>
  );
}
