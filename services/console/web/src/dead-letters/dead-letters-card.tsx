import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { DeadLetter } from '../../../src/api/live.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SearchFurther } from '../components/search-further.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { DeadLetterDialog } from './dead-letter-dialog.tsx';
import { deadLettersQuery } from './queries.ts';

interface DeadLettersCardProps {
  readonly tenant: string;
  /** How many there are, as the stream of events tells: with another number they are asked for anew. */
  readonly count: number | null | undefined;
  /** Which one is open, as the address says. */
  readonly opened: number | undefined;
  readonly open: (number: number | undefined) => void;
}

/** Captures that were given up, to be looked at and handed over again. */
export function DeadLettersCard({ tenant, count, opened, open }: DeadLettersCardProps) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    deadLettersQuery(tenant),
  );
  useEffect(() => {
    if (count !== undefined) void refetch({ cancelRefetch: false });
  }, [count, refetch]);
  const letters = data?.pages.flatMap((page) => page.deadLetters);
  const columns: readonly Column<DeadLetter>[] = [
    {
      key: 'number',
      header: 'Number',
      width: '6rem',
      cell: ({ number }) => (
        <button type="button" className="link-button" onClick={() => open(number)}>
          <span className="visually-hidden">Inspect dead letter </span>
          {number}
        </button>
      ),
    },
    { key: 'at', header: 'Given up', width: '14rem', cell: ({ at }) => <Time at={at} show="second" /> },
    { key: 'why', header: 'Why', cell: ({ message }) => <span title={message}>{message}</span> },
    { key: 'next', header: 'Next step', cell: ({ nextStep }) => <span title={nextStep}>{nextStep}</span> },
  ];
  return (
    <section className="card" aria-labelledby="dead-letters">
      <h2 id="dead-letters">Dead letters</h2>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {letters === undefined && error !== null ? null : (
        <Table
          label="Dead letters"
          columns={columns}
          rows={letters}
          keyOf={({ number }) => String(number)}
          places={2}
          empty="None: nothing was given up."
        />
      )}
      {hasNextPage ? (
        <SearchFurther
          hasMore
          isSearching={isFetchingNextPage}
          searchedTo={letters?.at(-1)?.at ?? null}
          onMore={() => void fetchNextPage()}
          end=""
        />
      ) : null}
      <CliEquivalent
        tenant={tenant}
        commands={[
          ['captures', 'dead-letters'],
          ['captures', 'retry', '--all'],
        ]}
      />
      {opened === undefined ? null : (
        <DeadLetterDialog tenant={tenant} number={opened} onClose={() => open(undefined)} />
      )}
    </section>
  );
}
