import { useSyncExternalStore } from 'react';

function subscribe(tell: () => void): () => void {
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
}

/** Whether somebody can see the page: its tab is in front, and its window is not put away. */
export const useIsShown = (): boolean =>
  useSyncExternalStore(subscribe, () => document.visibilityState === 'visible');
