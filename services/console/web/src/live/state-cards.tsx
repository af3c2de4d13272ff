import { memo } from 'react';
import { Link } from 'react-router';
import type { LiveState } from '../../../src/api/live.ts';
import { formatCount } from '../amounts.ts';
import { certificatePath } from '../certificates/paths.ts';
import { Badge } from '../components/badge.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { DaysLeft } from '../components/days-left.tsx';
import { Time } from '../components/time.tsx';

interface StateCardsProps {
  readonly tenant: string;
  readonly state: LiveState | undefined;
}

const SEALS = {
  open: <Badge tone="good">open</Badge>,
  sealed: <Badge tone="bad">sealed</Badge>,
  uninitialized: <Badge tone="warning">not initialized</Badge>,
  unknown: <Badge>unknown</Badge>,
} as const;

/** How the parts are: what waits, what runs, what is sealed, and which certificates end. */
export const StateCards = memo(function StateCards({ tenant, state }: StateCardsProps) {
  const number = (count: number | null | undefined) =>
    count === undefined || count === null ? '–' : formatCount(count);
  return (
    <div className="state-cards">
      <section className="card" aria-labelledby="waiting">
        <h2 id="waiting">Waiting</h2>
        <dl className="big-numbers">
          <div>
            <dt>to be encrypted</dt>
            <dd>{number(state?.backlog.captures)}</dd>
          </div>
          <div>
            <dt>for the index</dt>
            <dd>{number(state?.backlog.events)}</dd>
          </div>
          <div>
            <dt>dead letters</dt>
            <dd className={state?.deadLetters ? 'is-bad' : undefined}>{number(state?.deadLetters)}</dd>
          </div>
        </dl>
      </section>
      <section className="card" aria-labelledby="services">
        <h2 id="services">Services</h2>
        <ul className="plain-list state-services">
          {(state?.services ?? []).map(({ service, address, isUp, since, message }) => (
            <li key={`${service} ${address}`} className="state-row">
              <span title={address}>{service}</span>
              <Badge tone={isUp ? 'good' : 'bad'}>{isUp ? 'up' : 'down'}</Badge>
              <span className="muted small">
                since <Time at={since} />
              </span>
              {isUp || message === null ? null : <span className="small state-message">{message}</span>}
            </li>
          ))}
        </ul>
        <CliEquivalent tenant={tenant} commands={[['doctor']]} />
      </section>
      {state?.seals === null ? null : (
        <section className="card" aria-labelledby="seals">
          <h2 id="seals">Seals</h2>
          <ul className="plain-list state-list">
            {(state?.seals ?? []).map(({ server, state: seal }) => (
              <li key={server} className="state-row">
                <span>{server}</span>
                {SEALS[seal]}
              </li>
            ))}
          </ul>
          {state?.seals.some(({ state: seal }) => seal === 'sealed') ? (
            <p className="small">A sealed server opens nothing until its keepers have unsealed it.</p>
          ) : null}
          <CliEquivalent commands={[['seal', 'status'], ['unseal']]} />
        </section>
      )}
      {state?.expiring === null ? null : (
        <section className="card" aria-labelledby="expiring">
          <h2 id="expiring">Certificates that end</h2>
          {state?.expiring.length === 0 ? <p className="muted">None within 30 days.</p> : null}
          <ul className="plain-list state-list">
            {(state?.expiring ?? []).map(({ certificateId, alias, notAfter }) => (
              <li key={certificateId} className="state-row">
                <Link to={certificatePath(tenant, certificateId)}>{alias}</Link>
                <DaysLeft notAfter={notAfter} />
              </li>
            ))}
          </ul>
          <CliEquivalent tenant={tenant} commands={[['certificates', 'list', '--expiring', '30d']]} />
        </section>
      )}
    </div>
  );
});
