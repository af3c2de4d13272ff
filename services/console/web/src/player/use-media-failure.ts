import { type RefObject, useEffect, useState } from 'react';
import { brokenOff, explainFailure } from './explain-failure.ts';

export type Failure = { readonly error: unknown } | 'form' | undefined;

/**
 * What went wrong with a media element, as the console tells it: an error; or "form", where its bytes come well and the browser
 * cannot make anything of them.
 */
export function useMediaFailure(
  element: RefObject<HTMLMediaElement | null>,
  address: string,
): readonly [failure: Failure, forget: () => void] {
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const leaving = new AbortController();
    const onError = async () => {
      const code = current.error?.code;
      const error = await explainFailure(address, leaving.signal);
      if (leaving.signal.aborted) return;
      if (error !== undefined) setFailure({ error });
      // Broken off on its way, and now it comes again.
      else setFailure(code === MediaError.MEDIA_ERR_NETWORK ? { error: brokenOff() } : 'form');
    };
    const forget = () => setFailure(undefined);
    current.addEventListener('error', onError);
    current.addEventListener('playing', forget);
    return () => {
      leaving.abort();
      current.removeEventListener('error', onError);
      current.removeEventListener('playing', forget);
    };
  }, [element, address]);
  return [failure, () => setFailure(undefined)];
}
