import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { CopyText } from '../components/copy-text.tsx';
import { Dialog } from '../components/dialog.tsx';
import { JsonText } from '../components/json-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { Time } from '../components/time.tsx';
import { useMay } from '../session.ts';
import { deadLetterQuery } from './queries.ts';
import { useRetry } from './use-retry.ts';

interface DeadLetterDialogProps {
  readonly tenant: string;
  readonly number: number;
  readonly onClose: () => void;
}

/** A capture that was given up: why, what to do, what it says; and to hand it over again, which asks once more. */
export function DeadLetterDialog({ tenant, number, onClose }: DeadLetterDialogProps) {
  const { data: letter, error, refetch } = useQuery(deadLetterQuery(tenant, number));
  const isAllowed = useMay()('capture.retry');
  const [isAsking, setAsking] = useState(false);
  const retry = useRetry(tenant, onClose);
  return (
    <Dialog title={`Dead letter ${number}`} size="large" onClose={onClose}>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {letter === undefined ? (
        <p className="muted dead-letter-place" aria-busy={error === null}>
          {error === null ? 'It is being fetched…' : 'It may have been handed over again meanwhile.'}
        </p>
      ) : (
        <>
          <div className="notice notice-warning">
            <p className="notice-title">{letter.message}</p>
            <p>{letter.nextStep}</p>
          </div>
          <dl className="facts">
            <dt>Reason</dt>
            <dd>
              <code>{letter.reason}</code>
            </dd>
            <dt>Given up</dt>
            <dd>
              <Time at={letter.at} show="second" />
            </dd>
            <dt>Subject</dt>
            <dd>
              <code>{letter.subject}</code>
            </dd>
            <dt>Trace</dt>
            <dd>{letter.traceId === null ? '–' : <CopyText text={letter.traceId} what="trace id" />}</dd>
          </dl>
          <h3>What it says</h3>
          <JsonText value={letter.payload} label="Body" />
          <details className="more">
            <summary>Headers</summary>
            <JsonText value={letter.headers} label="Headers" />
          </details>
          <ProblemNotice error={retry.error} focus />
          {isAllowed ? (
            <div className="actions" role={isAsking ? 'alert' : undefined}>
              {isAsking ? (
                <>
                  <p>Hand it over again? If what was in its way is still there, it comes back here.</p>
                  <button type="button" className="button" onClick={() => setAsking(false)}>
                    No
                  </button>
                  <button
                    type="button"
                    className="button primary"
                    disabled={retry.isPending}
                    onClick={() => retry.mutate(number)}
                  >
                    Hand over again
                  </button>
                </>
              ) : (
                <button type="button" className="button primary" onClick={() => setAsking(true)}>
                  Retry…
                </button>
              )}
            </div>
          ) : null}
          <CliEquivalent
            tenant={tenant}
            commands={[
              ['captures', 'dead-letters'],
              ['captures', 'retry', String(number)],
            ]}
          />
        </>
      )}
    </Dialog>
  );
}
