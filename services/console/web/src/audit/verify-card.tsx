import { formatCount } from '../amounts.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { Time } from '../components/time.tsx';
import { tellReport } from './tell-report.ts';
import { type SentReport, useVerification } from './use-verification.ts';

/** Proves that no record was removed, changed, moved or slipped in. */
export function VerifyCard() {
  const { verification, start, stop } = useVerification();
  const isRunning = verification.state === 'running';
  return (
    <section className="card" aria-labelledby="verify">
      <div className="failed-head">
        <h2 id="verify">Is it whole?</h2>
        <button type="button" className="button small" onClick={isRunning ? stop : start}>
          {isRunning ? 'Stop' : 'Verify all records'}
        </button>
      </div>
      {verification.state === 'idle' ? (
        <p className="muted">
          Records are chained and signed: whether any was removed, changed, moved or slipped in can be proven.
        </p>
      ) : null}
      {isRunning ? (
        <div className="verify-progress">
          <progress
            aria-label="Records verified"
            {...(verification.total === 0 ? {} : { value: verification.records, max: verification.total })}
          />
          <span className="muted number">
            {formatCount(verification.records)} of {formatCount(verification.total)}
          </span>
        </div>
      ) : null}
      <div role="status">
        {verification.state === 'done' ? <Report report={verification.report} at={verification.at} /> : null}
      </div>
      {verification.state === 'failed' ? <ProblemNotice error={verification.error} retry={start} /> : null}
      <CliEquivalent commands={[['audit', 'verify']]} />
    </section>
  );
}

const MOST_SHOWN = 50;

function Report({ report, at }: { readonly report: SentReport; readonly at: string }) {
  const { verdict, lines } = tellReport(report);
  return (
    <div className={`notice ${report.ok ? 'notice-good' : 'notice-bad'}`}>
      <p className="notice-title">{verdict}</p>
      <ul className="report-lines">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {report.ok ? null : (
        <p>
          Keep what there is: export it, below. Then find out who can write to the stream AUDIT, or to its
          disk.
        </p>
      )}
      {report.problems.length === 0 ? null : (
        <ol className="report-lines">
          {report.problems.slice(0, MOST_SHOWN).map(({ kind, sequence, time, text }) => (
            <li key={`${kind} ${sequence} ${text}`}>
              <strong>{kind}</strong>, at record {formatCount(sequence)}, <Time at={time} show="second" />:{' '}
              {text}.
            </li>
          ))}
        </ol>
      )}
      {report.found > MOST_SHOWN ? (
        <p>And {formatCount(report.found - MOST_SHOWN)} more, which the command line lists.</p>
      ) : null}
      <p className="muted small">
        Verified <Time at={at} show="second" />.
      </p>
    </div>
  );
}
