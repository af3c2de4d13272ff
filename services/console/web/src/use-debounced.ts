import { useEffect, useState } from 'react';

const PAUSE_MS = 250;

/** A text as it was when somebody last paused typing. */
export function useDebounced(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
