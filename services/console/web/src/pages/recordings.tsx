import '../recordings/recordings.css';
import { Link, useSearchParams } from 'react-router';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { PageHead } from '../components/page-head.tsx';
import { FailedList } from '../recordings/failed-list.tsx';
import { FoundList } from '../recordings/found-list.tsx';
import {
  listCommand,
  type RecordingSearch,
  searchFromUrl,
  searchToUrl,
} from '../recordings/recording-search.ts';
import { SearchForm } from '../recordings/search-form.tsx';
import { useTenant } from '../session.ts';

const TABS = [
  ['stored', 'Recordings'],
  ['failed', 'Failed captures'],
] as const;

/** The recordings of a tenant, and the captures that became none. */
export function RecordingsPage() {
  const tenant = useTenant();
  const [params, setParams] = useSearchParams();
  const search = searchFromUrl(params);
  const onSearch = (next: RecordingSearch) => setParams(searchToUrl(next), { preventScrollReset: true });
  return (
    <>
      <PageHead title="Recordings" about="Newest first. None of them is readable without its key." />
      <nav className="tabs" aria-label="Which recordings">
        {TABS.map(([tab, name]) => (
          <Link
            key={tab}
            to={{ search: searchToUrl({ ...search, tab }).toString() }}
            aria-current={search.tab === tab ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      <SearchForm search={search} onSearch={onSearch} />
      {search.tab === 'failed' ? (
        <FailedList tenant={tenant} search={search} />
      ) : (
        <FoundList tenant={tenant} search={search} />
      )}
      <CliEquivalent tenant={tenant} commands={[listCommand(search, new Date())]} />
    </>
  );
}
