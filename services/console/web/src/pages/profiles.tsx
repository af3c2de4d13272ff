import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { QuickFilter } from '../components/quick-filter.tsx';
import { Table } from '../components/table.tsx';
import { plural } from '../plural.ts';
import { profileColumns } from '../profiles/columns.tsx';
import { CreateDialog } from '../profiles/create-dialog.tsx';
import { profilesQuery } from '../profiles/queries.ts';
import { useMay, useTenant } from '../session.ts';
import { useDebounced } from '../use-debounced.ts';
import { useQueryParam } from '../use-query-param.ts';

/** All IVR profiles of a tenant, and how their recordings are encrypted. */
export function ProfilesPage() {
  const tenant = useTenant();
  const may = useMay();
  const navigate = useNavigate();
  const [text, setText] = useQueryParam('q');
  const query = useDebounced(text.trim());
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...profilesQuery(tenant, query),
    placeholderData: keepPreviousData,
  });
  const rows = data?.pages.flatMap(({ profiles }) => profiles);
  const total = data?.pages[0]?.total ?? 0;
  return (
    <>
      <PageHead title="IVR profiles" about="Which certificates the recordings of each are encrypted to.">
        {may('profile.write') ? (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            New profile
          </button>
        ) : null}
      </PageHead>
      <div className="toolbar">
        <QuickFilter label="Search by name, DBID or certificate" value={text} onChange={setText} />
        <span className="muted" role="status">
          {data === undefined ? '' : plural(total, 'profile')}
        </span>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {rows === undefined && error !== null ? null : (
        <Table
          label="IVR profiles"
          columns={profileColumns(tenant)}
          rows={rows}
          atOnce={Number.POSITIVE_INFINITY}
          keyOf={({ profileId }) => profileId}
          rowClass={({ isDeleted }) => (isDeleted ? 'is-gone' : '')}
          empty={query === '' ? 'No profiles yet.' : `None has ${query} in it.`}
        />
      )}
      {hasNextPage ? (
        <div>
          <button
            type="button"
            className="button"
            disabled={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {isFetchingNextPage ? 'Loading…' : `Show more of ${total.toLocaleString('en')}`}
          </button>
        </div>
      ) : null}
      <CliEquivalent tenant={tenant} commands={[['profiles', 'list', ...(query === '' ? [] : [query])]]} />
      {isCreating ? (
        <CreateDialog
          tenant={tenant}
          onClose={() => setCreating(false)}
          onCreated={({ profileId }) => void navigate(profileId)}
        />
      ) : null}
    </>
  );
}
