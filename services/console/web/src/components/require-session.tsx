import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { SessionContext, sessionQuery } from '../session.ts';
import { ProblemNotice } from './problem-notice.tsx';

/** The longest that a timer can wait for. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Pages within are for somebody who is signed in; others go to the sign-in page, which brings them back to where they were. */
export function RequireSession() {
  const { data, error, failureReason, refetch } = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  const endsAt = data?.user ? data.endsAt : undefined;
  useEffect(() => {
    if (endsAt === undefined) return;
    const left = new Date(endsAt).getTime() - Date.now() + 1000;
    const timer = setTimeout(() => void refetch(), Math.min(Math.max(left, 1000), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  }, [endsAt, refetch]);
  if (data === undefined)
    return (
      <main className="page page-alone">
        <p className="muted late" role="status">
          Waiting for the console to say who you are …
        </p>
        {/* Why, from the first try on: each may take seconds. */}
        <ProblemNotice error={error ?? failureReason} retry={() => void refetch()} />
      </main>
    );
  if (data.user === null)
    return <Navigate to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} replace />;
  return (
    <SessionContext value={data}>
      <Outlet />
    </SessionContext>
  );
}
