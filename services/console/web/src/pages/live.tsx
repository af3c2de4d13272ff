import '../live/live.css';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { LiveEvent } from '../../../src/api/live.ts';
import { formatCount } from '../amounts.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { DeadLettersCard } from '../dead-letters/dead-letters-card.tsx';
import { Charts } from '../live/charts.tsx';
import { ConnectionState } from '../live/connection-state.tsx';
import { EventDialog } from '../live/event-dialog.tsx';
import { EventList } from '../live/event-list.tsx';
import { FilterForm } from '../live/filter-form.tsx';
import { liveFilterFromUrl, liveFilterToUrl } from '../live/live-filter.ts';
import { NO_SECONDS } from '../live/seconds-window.ts';
import { StateCards } from '../live/state-cards.tsx';
import { useLive } from '../live/use-live.ts';
import { isUnreachable } from '../problem-error.ts';
import { useTenant } from '../session.ts';

/** What happens for a tenant, as it happens. */
export function LivePage() {
  const tenant = useTenant();
  const [params, setParams] = useSearchParams();
  const filter = liveFilterFromUrl(params);
  const [live, store] = useLive(tenant, filter);
  const [opened, open] = useState<LiveEvent>();
  const letter = Number(params.get('dead-letter') ?? Number.NaN);
  const openLetter = (number: number | undefined) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (number === undefined) after.delete('dead-letter');
        else after.set('dead-letter', String(number));
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  const { shown = [], held = [], isPaused = false, notShown = 0 } = live?.buffer ?? {};
  const { connection } = live ?? {};
  const problem = connection?.state === 'lost' && !isUnreachable(connection.error) ? connection.error : null;
  return (
    <>
      <PageHead title="Live" about="What happens, as it happens.">
        <ConnectionState connection={connection} />
      </PageHead>
      <FilterForm
        filter={filter}
        onFilter={(next) =>
          setParams((before) => liveFilterToUrl(next, before), { preventScrollReset: true })
        }
      />
      <ProblemNotice error={problem} />
      <Charts seconds={live?.seconds ?? NO_SECONDS} />
      <div className="live-columns">
        <div className="live-main">
          <section className="card" aria-labelledby="events">
            <div className="event-bar">
              <h2 id="events">Events</h2>
              <span className="muted small number">
                {isPaused
                  ? `paused; ${formatCount(held.length)} came meanwhile`
                  : `the last ${formatCount(shown.length)}${notShown > 0 ? `, of more: ${formatCount(notShown)} are counted only` : ''}`}
              </span>
              <span className="event-buttons">
                <button
                  type="button"
                  className="button small"
                  aria-pressed={isPaused}
                  onClick={() => (isPaused ? store?.resume() : store?.pause())}
                >
                  {isPaused ? 'Resume' : 'Pause'}
                </button>
                <button type="button" className="button small" onClick={() => store?.clear()}>
                  Empty
                </button>
              </span>
            </div>
            <EventList
              events={shown}
              onOpen={open}
              empty="Nothing has happened since this page was opened. To have something happen: npx sealtrack recordings put call.wav --profile 101"
            />
            <CliEquivalent
              commands={[
                ['events', 'tail', '--subject', `events.${tenant}.${filter.kind.replace(/\*$/, '>') || '>'}`],
              ]}
            />
          </section>
          <DeadLettersCard
            tenant={tenant}
            count={live?.state?.deadLetters}
            opened={Number.isSafeInteger(letter) ? letter : undefined}
            open={openLetter}
          />
        </div>
        <StateCards tenant={tenant} state={live?.state} />
      </div>
      {opened === undefined ? null : (
        <EventDialog tenant={tenant} event={opened} onClose={() => open(undefined)} />
      )}
    </>
  );
}
