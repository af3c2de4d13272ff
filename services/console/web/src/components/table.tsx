import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { type Sorting, type SortValue, sortRows } from '../sort-rows.ts';
import { SortChoice } from './sort-choice.tsx';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  /** For instance "9rem": as wide as that whatever is in it. One without takes what is left. */
  readonly width?: string;
  readonly align?: 'end';
  readonly cell: (row: Row) => ReactNode;
  /** What it is sorted by; without, it is not. */
  readonly sortBy?: (row: Row) => SortValue;
}

interface TableProps<Row> {
  /** What it lists, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they are on their way: places are held for them. */
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  readonly empty: ReactNode;
  /** In the order given without. */
  readonly sorting?: Sorting;
  /** How many are drawn at once; more on request. */
  readonly atOnce?: number;
  /** For how many rows places are held while they are on their way. */
  readonly places?: number;
  readonly rowClass?: (row: Row) => string;
}

const PLACES = 8;
const AT_ONCE = 100;

/**
 * Rows that can be sorted, with a head that stays and columns that do not move as rows come. Arrow keys go from row to row, by the
 * first link or control of each. Where it is narrow, each row is a card.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, keyOf, empty, rowClass, atOnce = AT_ONCE, places = PLACES } = props;
  const [sorting, sort] = useState<Sorting | undefined>(props.sorting);
  const [limit, setLimit] = useState(atOnce);
  const sorted = rows === undefined ? undefined : inOrder(rows, columns, sorting);
  const sortable = columns.filter(({ sortBy }) => sortBy !== undefined);
  const hidden = (sorted?.length ?? 0) - limit;
  return (
    <div className="table-box">
      {(sorted?.length ?? 0) > 1 && sortable.length > 1 ? (
        <SortChoice columns={sortable} sorting={sorting} sort={sort} />
      ) : null}
      <table className="table" aria-label={label} aria-busy={rows === undefined} onKeyDown={moveByArrows}>
        <colgroup>
          {columns.map(({ key, width }) => (
            <col key={key} style={width === undefined ? {} : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sorting={sorting} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted === undefined
            ? Array.from({ length: places }, (_, i) => i).map((i) => (
                <tr key={i} className="skeleton">
                  {columns.map(({ key }) => (
                    <td key={key}>
                      <span className="placeholder" />
                    </td>
                  ))}
                </tr>
              ))
            : sorted.slice(0, limit).map((row) => (
                <tr key={keyOf(row)} className={rowClass?.(row)}>
                  {columns.map(({ key, header, align, cell }) => (
                    <td key={key} data-label={header} className={align === 'end' ? 'end' : undefined}>
                      {cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
      {sorted?.length === 0 ? <div className="table-empty">{empty}</div> : null}
      {hidden > 0 ? (
        <p className="table-more">
          The first {limit.toLocaleString('en')} of {sorted?.length.toLocaleString('en')}.{' '}
          <button type="button" className="button small" onClick={() => setLimit(limit + 5 * atOnce)}>
            Show {Math.min(hidden, 5 * atOnce).toLocaleString('en')} more
          </button>
        </p>
      ) : null}
    </div>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly sort: (sorting: Sorting) => void;
}

function Head<Row>({ column: { key, header, align, sortBy }, sorting, sort }: HeadProps<Row>) {
  const className = align === 'end' ? 'end' : undefined;
  if (sortBy === undefined)
    return (
      <th scope="col" className={className}>
        {header}
      </th>
    );
  const isSorted = sorting?.key === key;
  const order = isSorted ? (sorting.descending ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" className={className} aria-sort={order}>
      <button
        type="button"
        className="sort"
        onClick={() => sort({ key, descending: isSorted && !sorting.descending })}
      >
        {header}
        <span aria-hidden="true" className={`sort-mark sort-${order}`} />
      </button>
    </th>
  );
}

function inOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const sortBy = columns.find(({ key }) => key === sorting?.key)?.sortBy;
  return sortBy === undefined || sorting === undefined ? rows : sortRows(rows, sortBy, sorting.descending);
}

function moveByArrows(event: KeyboardEvent<HTMLTableElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const { target } = event;
  if (!(target instanceof HTMLElement) || target.matches('select, textarea, input[type=radio]')) return;
  const row = target.closest('tbody tr');
  const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
  const control = next?.querySelector<HTMLElement>('a[href], button, input');
  if (control === null || control === undefined) return;
  event.preventDefault();
  control.focus();
}
