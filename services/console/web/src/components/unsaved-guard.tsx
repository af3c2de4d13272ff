import { createContext, type ReactNode, useContext, useEffect, useId, useState } from 'react';
import { useBlocker } from 'react-router';
import { Dialog } from './dialog.tsx';

const UnsavedContext = createContext<(id: string, isUnsaved: boolean) => void>(() => {});

/** Asks before a page is left on which something that was changed is not saved. */
export function UnsavedGuard({ children }: { readonly children: ReactNode }) {
  const [unsaved, setUnsaved] = useState<ReadonlySet<string>>(new Set());
  const [note] = useState(() => (id: string, isUnsaved: boolean) => {
    setUnsaved((before) => {
      if (before.has(id) === isUnsaved) return before;
      const after = new Set(before);
      if (isUnsaved) after.add(id);
      else after.delete(id);
      return after;
    });
  });
  const isUnsaved = unsaved.size > 0;
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isUnsaved && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isUnsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isUnsaved]);
  return (
    <UnsavedContext value={note}>
      {children}
      {blocker.state === 'blocked' ? (
        <Dialog title="Leave without saving?" onClose={() => blocker.reset()}>
          <p>What you have changed on this page is not saved.</p>
          <div className="actions">
            <button type="button" className="button primary" onClick={() => blocker.reset()}>
              Stay
            </button>
            <button type="button" className="button danger" onClick={() => blocker.proceed()}>
              Leave
            </button>
          </div>
        </Dialog>
      ) : null}
    </UnsavedContext>
  );
}

/** Has the UnsavedGuard around know of what is not saved. */
export function useUnsaved(isUnsaved: boolean): void {
  const id = useId();
  const note = useContext(UnsavedContext);
  useEffect(() => {
    note(id, isUnsaved);
    return () => note(id, false);
  }, [note, id, isUnsaved]);
}
