import { useQuery } from '@tanstack/react-query';
import { effectOf } from '../effects-of-outage.ts';
import { healthQuery } from '../health.ts';
import { isUnreachable, ProblemError } from '../problem-error.ts';
import { Icon } from './icon.tsx';
import { Time } from './time.tsx';

/** What is down, since when, and what that means. Nothing while all is well. */
export function ConnectionBanner() {
  const { data, error, errorUpdatedAt, dataUpdatedAt, errorUpdateCount } = useQuery(healthQuery);
  // The last answer is the last time that it was there.
  const lostAt = new Date(dataUpdatedAt || errorUpdatedAt).toISOString();
  // Where the question itself fails, its failure says what is down: without Redis nobody is told anything else.
  const told = error instanceof ProblemError ? error.problem.down : undefined;
  const down =
    told?.map((each) => ({ ...each, address: '', message: null })) ??
    (data?.services ?? []).filter(({ isUp }) => !isUp);
  if (isUnreachable(error) && errorUpdateCount > 0)
    return (
      <div className="banner banner-bad" role="status">
        <Icon name="warning" />
        <p>
          <strong>The console cannot be reached</strong> since <Time at={lostAt} show="second" /> (
          <Time at={lostAt} show="relative" />
          ). What you see may be old. It goes on by itself once it answers.
        </p>
      </div>
    );
  if (down.length > 0)
    return (
      <div className="banner banner-bad" role="status">
        <Icon name="warning" />
        <ul>
          {down.map(({ service, address, since, message }) => (
            <li key={`${service} ${address}`} title={message ?? undefined}>
              <strong>
                {service} is down since <Time at={since} show="second" />
              </strong>{' '}
              (<Time at={since} show="relative" />
              {address === '' ? '' : `, ${address}`}). {effectOf(service)}
            </li>
          ))}
        </ul>
      </div>
    );
  return null;
}
