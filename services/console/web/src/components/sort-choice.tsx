import type { Sorting } from '../sort-rows.ts';

interface SortChoiceProps {
  readonly columns: readonly { readonly key: string; readonly header: string }[];
  readonly sorting: Sorting | undefined;
  readonly sort: (sorting: Sorting) => void;
}

/** In place of the head of a table where its rows are cards. */
export function SortChoice({ columns, sorting, sort }: SortChoiceProps) {
  const descending = sorting?.descending ?? false;
  return (
    <div className="sort-choice">
      <select
        className="input"
        aria-label="Sort by"
        value={sorting?.key ?? ''}
        onChange={({ target }) => sort({ key: target.value, descending })}
      >
        {sorting === undefined ? <option value="">Sort by…</option> : null}
        {columns.map(({ key, header }) => (
          <option key={key} value={key}>
            {header}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button"
        disabled={sorting === undefined}
        onClick={() => sorting && sort({ ...sorting, descending: !descending })}
      >
        {descending ? 'Descending' : 'Ascending'}
      </button>
    </div>
  );
}
