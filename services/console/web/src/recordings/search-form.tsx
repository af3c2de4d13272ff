import { TextField } from '../components/field.tsx';
import { TimeRangeField } from '../components/time-range-field.tsx';
import { useSearchDraft } from '../use-search-draft.ts';
import { EVERYTHING, isNarrowed, type RecordingSearch } from './recording-search.ts';

interface SearchFormProps {
  readonly search: RecordingSearch;
  readonly onSearch: (search: RecordingSearch) => void;
}

/** What is looked for among the recordings, or the captures that became none. */
export function SearchForm({ search, onSearch }: SearchFormProps) {
  const { draft, edit, choose, submit, clear, timeRange } = useSearchDraft(search, onSearch);
  const text = (name: 'query' | 'profile' | 'agent' | 'certificate') => ({
    value: draft[name],
    onChange: ({ target }: { readonly target: HTMLInputElement }) => edit({ ...draft, [name]: target.value }),
    spellCheck: false,
    autoComplete: 'off',
  });
  const isStored = search.tab === 'stored';
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <TextField label="Words" type="search" placeholder="Id, number, any attribute" {...text('query')} />
        <TimeRangeField {...timeRange} />
        <TextField label="Profile" placeholder="Its id" {...text('profile')} />
        {isStored ? <TextField label="Agent" placeholder="Whole id or name" {...text('agent')} /> : null}
        {isStored && (search.certificate !== '' || draft.certificate !== '') ? (
          <TextField label="Certificate" placeholder="Its id" {...text('certificate')} />
        ) : null}
        <div className="search-actions">
          {isStored ? (
            <label className="check">
              <input
                type="checkbox"
                checked={draft.quarantined}
                onChange={({ target }) => choose({ ...draft, quarantined: target.checked })}
              />
              In quarantine only
            </label>
          ) : null}
          <button type="submit" className="button">
            Search
          </button>
          {isNarrowed(search) ? (
            <button
              type="button"
              className="button quiet"
              onClick={() => clear({ ...EVERYTHING, tab: search.tab })}
            >
              Clear
            </button>
          ) : null}
        </div>
      </form>
    </search>
  );
}
