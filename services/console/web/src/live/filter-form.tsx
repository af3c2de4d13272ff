import { type FormEvent, useEffect, useId, useState } from 'react';
import { TextField } from '../components/field.tsx';
import { KINDS, type LiveFilter } from './live-filter.ts';

interface FilterFormProps {
  readonly filter: LiveFilter;
  readonly onFilter: (filter: LiveFilter) => void;
}

/** Which events are followed: what the console lets through, so that charts count the same. */
export function FilterForm({ filter, onFilter }: FilterFormProps) {
  const id = useId();
  const [draft, setDraft] = useState(filter);
  useEffect(() => setDraft({ kind: filter.kind, text: filter.text }), [filter.kind, filter.text]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter(draft);
  };
  return (
    <form className="search-form" onSubmit={submit}>
      <TextField
        label="Kind"
        type="search"
        list={id}
        placeholder="All, or recording.*"
        value={draft.kind}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => {
          const next = { ...draft, kind: target.value };
          setDraft(next);
          // What was chosen from the list, or emptied, needs no more.
          if (next.kind === '' || KINDS.some((kind) => kind === next.kind)) onFilter(next);
        }}
      />
      <datalist id={id}>
        {KINDS.map((kind) => (
          <option key={kind} value={kind} />
        ))}
      </datalist>
      <TextField
        label="Text"
        type="search"
        placeholder="Anywhere in the event"
        value={draft.text}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => setDraft({ ...draft, text: target.value })}
      />
      <div className="search-actions">
        <button type="submit" className="button">
          Filter
        </button>
        {filter.kind === '' && filter.text === '' ? null : (
          <button type="button" className="button quiet" onClick={() => onFilter({ kind: '', text: '' })}>
            Clear
          </button>
        )}
      </div>
    </form>
  );
}
