import { useEffect, useRef } from 'react';
import { ProblemError } from '../problem-error.ts';
import { CopyText } from './copy-text.tsx';
import { Time } from './time.tsx';

interface ProblemNoticeProps {
  readonly error: unknown;
  /** Tries it again. */
  readonly retry?: (() => void) | undefined;
  /** Takes the focus when it appears: what was asked for has failed. */
  readonly focus?: boolean;
}

/** What went wrong, what to do next, and what to look for in the logs. Nothing without an error. */
export function ProblemNotice({ error, retry, focus = false }: ProblemNoticeProps) {
  const notice = useRef<HTMLDivElement>(null);
  const isThere = error !== null && error !== undefined;
  useEffect(() => {
    if (isThere && focus) notice.current?.focus();
  }, [isThere, focus]);
  if (!isThere) return null;
  const problem = error instanceof ProblemError ? error.problem : undefined;
  return (
    <div className="notice notice-bad" role="alert" tabIndex={-1} ref={notice}>
      <p className="notice-title">{problem?.title ?? 'This page has failed'}</p>
      <p>
        {problem?.fix ?? 'Load it anew. If that does not help, tell whoever runs the console what it was.'}
      </p>
      {problem?.down?.map(({ service, since }) => (
        <p key={service}>
          {service} is down since <Time at={since} show="second" /> (<Time at={since} show="relative" />
          ).
        </p>
      ))}
      <p className="notice-foot">
        {problem === undefined ? <code>{String(error)}</code> : <code>{problem.code}</code>}
        {problem !== undefined && problem.traceId !== '' ? (
          <>
            <span className="muted">trace</span> <CopyText text={problem.traceId} what="trace id" />
          </>
        ) : null}
        {retry === undefined ? null : (
          <button type="button" className="button small" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}
