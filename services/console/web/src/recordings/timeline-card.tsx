import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { CertificateLink } from '../components/certificate-link.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { CopyText } from '../components/copy-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { Time } from '../components/time.tsx';
import { DeadLetterDialog } from '../dead-letters/dead-letter-dialog.tsx';
import { useMay } from '../session.ts';
import { timelineQuery } from './queries.ts';
import { type Told, tellTimeline } from './tell-timeline.ts';

interface TimelineCardProps {
  readonly tenant: string;
  readonly recording: string;
}

/** What happened to a recording, in order, and what to do where it failed. */
export function TimelineCard({ tenant, recording }: TimelineCardProps) {
  const { data, error, refetch } = useQuery(timelineQuery(tenant, recording));
  const [opened, open] = useState<number>();
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {data === undefined ? (
        <div className="timeline-place" aria-busy={error === null} />
      ) : data.entries.length === 0 ? (
        <p className="muted">Nothing is known of it.</p>
      ) : (
        <ol className="timeline">
          {tellTimeline(data.entries).map((told) => (
            <Entry key={`${told.entry.what} ${told.entry.at}`} tenant={tenant} told={told} open={open} />
          ))}
        </ol>
      )}
      <CliEquivalent tenant={tenant} commands={[['recordings', 'show', recording]]} />
      {opened === undefined ? null : (
        <DeadLetterDialog tenant={tenant} number={opened} onClose={() => open(undefined)} />
      )}
    </section>
  );
}

interface EntryProps {
  readonly tenant: string;
  readonly told: Told;
  readonly open: (deadLetter: number) => void;
}

function Entry({ tenant, told: { entry, title, tone, after }, open }: EntryProps) {
  const may = useMay();
  const { at, traceId, certificateIds, reason, message, nextStep, deadLetter } = entry;
  return (
    <li className={`timeline-entry timeline-${tone}`}>
      <p className="timeline-head">
        <strong>{title}</strong> <Time at={at} show="second" />
        {after === undefined ? null : <span className="muted number"> {after}</span>}
      </p>
      {certificateIds.length === 0 ? null : (
        <p>
          To{' '}
          {certificateIds.map((id, i) => (
            <Fragment key={id}>
              {i === 0 ? null : ', '}
              <CertificateLink tenant={tenant} certificateId={id} />
            </Fragment>
          ))}
        </p>
      )}
      {message === null && reason === null ? null : (
        <p>
          {reason === null ? null : <code>{reason}</code>} {message}
        </p>
      )}
      {nextStep === null ? null : (
        <p>
          <strong>Next step:</strong> {nextStep}
        </p>
      )}
      {deadLetter !== null && may('event.read') ? (
        <p>
          <button type="button" className="button small" onClick={() => open(deadLetter)}>
            {may('capture.retry') ? 'Inspect or retry' : 'Inspect'}
          </button>
        </p>
      ) : null}
      {traceId === null ? null : (
        <p className="muted small timeline-trace">
          Trace <CopyText text={traceId} what={`trace id of “${title}”`} />
        </p>
      )}
    </li>
  );
}
