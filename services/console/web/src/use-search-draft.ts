import { type FormEvent, useEffect, useState } from 'react';
import type { TimeRange } from './time-range.ts';

/** A search as its form has it: what is chosen is searched at once, and what is written once it is sent. */
export function useSearchDraft<Search extends { readonly range: TimeRange }>(
  search: Search,
  onSearch: (search: Search) => void,
) {
  const [draft, edit] = useState(search);
  const [isBetween, setBetween] = useState(false);
  const inAddress = JSON.stringify(search);
  // The address may change without the form: by going back, or by a link.
  useEffect(() => edit(JSON.parse(inAddress) as Search), [inAddress]);
  const choose = (next: Search) => {
    edit(next);
    onSearch(next);
  };
  return {
    draft,
    edit,
    choose,
    submit: (event: FormEvent) => {
      event.preventDefault();
      onSearch(draft);
    },
    clear: (empty: Search) => {
      setBetween(false);
      onSearch(empty);
    },
    /** Of TimeRangeField. Two moments are written, one after the other. */
    timeRange: {
      value: draft.range,
      onChange: (range: TimeRange) => {
        const isWritten = range.from !== undefined || range.until !== undefined;
        (isWritten ? edit : choose)({ ...draft, range });
      },
      isOpen: isBetween,
      setOpen: setBetween,
    },
  };
}
