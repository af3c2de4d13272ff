import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';

/** A part of what a page shows that its address says too, so that it can be shared; no entry of the history each. */
export function useQueryParam(name: string): readonly [value: string, set: (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const told = params.get(name) ?? '';
  // The address follows a little later, and a field that waited for it would lose what is typed fast.
  const [ahead, setAhead] = useState<string>();
  useEffect(() => {
    if (ahead === told) setAhead(undefined);
  }, [ahead, told]);
  const set = (value: string) => {
    setAhead(value);
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  return [ahead ?? told, set];
}
