export type SortValue = string | number | boolean | null | undefined;

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

const byText = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows in order; those without a value are last, whichever way round. Rows that are equal stay as they were. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortBy: (row: Row) => SortValue,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: sortBy(row) ?? undefined }))
    .toSorted((a, b) => {
      if (a.value === undefined || b.value === undefined)
        return Number(a.value === undefined) - Number(b.value === undefined);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

function compare(a: string | number | boolean, b: string | number | boolean): number {
  return typeof a === 'string' && typeof b === 'string'
    ? byText.compare(a, b)
    : Number(a > b) - Number(a < b);
}
