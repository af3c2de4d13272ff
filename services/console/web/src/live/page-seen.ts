/** A browser has few connections to a server, and a page that nobody looks at gives its own up. */
const HIDDEN_MS = 10_000;

/** Fires with `signal`, and once the page has been hidden for a while. */
export function watchUnseen(signal: AbortSignal) {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => unseen.abort(new Error('Nobody looks')), HIDDEN_MS);
  };
  look();
  document.addEventListener('visibilitychange', look);
  return {
    signal: AbortSignal.any([signal, unseen.signal]),
    isOver: () => unseen.signal.aborted,
    end: () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    },
  };
}

/** Resolves once somebody looks at the page, or the signal has fired. */
export const untilSeen = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (!document.hidden || signal.aborted) return done();
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      done();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
