import { type FormEvent, useEffect, useState } from 'react';
import { TextField } from '../components/field.tsx';
import { TimeRangeField } from '../components/time-range-field.tsx';
import type { TimeRange } from '../time-range.ts';
import { EVERYTHING, isNarrowed, type RecordingSearch } from './recording-search.ts';

interface SearchFormProps {
  readonly search: RecordingSearch;
  readonly onSearch: (search: RecordingSearch) => void;
}

/** What is looked for. What is chosen is searched at once, and what is written once it is sent. */
export function SearchForm({ search, onSearch }: SearchFormProps) {
  const [draft, setDraft] = useState(search);
  const [isBetween, setBetween] = useState(false);
  const inAddress = JSON.stringify(search);
  // The address may change without this form: by going back, or by a link.
  useEffect(() => setDraft(JSON.parse(inAddress) as RecordingSearch), [inAddress]);
  const text = (name: 'query' | 'profile' | 'agent' | 'certificate') => ({
    value: draft[name],
    onChange: ({ target }: { readonly target: HTMLInputElement }) =>
      setDraft({ ...draft, [name]: target.value }),
    spellCheck: false,
    autoComplete: 'off',
  });
  const choose = (change: Partial<RecordingSearch>) => {
    setDraft({ ...draft, ...change });
    onSearch({ ...draft, ...change });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  const isStored = search.tab === 'stored';
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <TextField label="Words" type="search" placeholder="Id, number, any attribute" {...text('query')} />
        <TimeRangeField
          value={draft.range}
          onChange={(range: TimeRange) =>
            range.quick === undefined && (range.from !== undefined || range.until !== undefined)
              ? setDraft({ ...draft, range })
              : choose({ range })
          }
          isOpen={isBetween}
          setOpen={setBetween}
        />
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
                onChange={({ target }) => choose({ quarantined: target.checked })}
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
              onClick={() => {
                setBetween(false);
                onSearch({ ...EVERYTHING, tab: search.tab });
              }}
            >
              Clear
            </button>
          ) : null}
        </div>
      </form>
    </search>
  );
}
