import type { Log } from '@sealtrack/service-kit/logger';
import { type Pause, pause } from '@sealtrack/service-kit/pause';
import { expiringOf, nameOf, type Watched, type Within, watchedOf, withinOf } from './domain/expiry.ts';
import type { ExpiryMetrics } from './expiry-metrics.ts';
import type { AllSettings, CertificateAnnouncer, Clock, Notices } from './ports.ts';

export interface WatchExpiryDeps {
  readonly settings: AllSettings;
  readonly notices: Notices;
  readonly announcer: Pick<CertificateAnnouncer, 'expiring'>;
  readonly metrics: ExpiryMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly wait?: Pause;
}

const PAUSE_MS = 10 * 60 * 1000;
const RETRY_MS = 60 * 1000;

/**
 * Says of every certificate that is assigned when it expires within 60, 30, 14, 7 and 1 days, and when it has: each once,
 * whatever is restarted and however many do this. One that is found late says only what is closest.
 *
 * Saying it and keeping that it was said are two writes. After a crash in between it is said once more, under the same id.
 */
export function createWatchExpiry(deps: WatchExpiryDeps) {
  const { settings, notices, announcer, metrics, clock, log, wait = pause } = deps;
  /** Known to be kept, so that nobody has to be asked again. */
  const kept = new Set<string>();
  /** Said here, while keeping it failed. */
  const said = new Set<string>();

  async function say(watched: Watched, within: Within, now: number, name: string): Promise<void> {
    if (kept.has(name)) return;
    if (!said.has(name) && !(await notices.has(name))) {
      const event = expiringOf(watched, within, now);
      await announcer.expiring(event);
      said.add(name);
      const { tenantId, certificateId, endsWith } = watched;
      const { notAfter, leftWithout } = event;
      log.warn(
        { tenantId, certificateId, notAfter, within, endsWith: endsWith || 'itself', leftWithout },
        within === 0
          ? 'a certificate that is assigned has expired'
          : 'a certificate that is assigned expires soon',
      );
    }
    if (said.has(name)) await notices.keep(name);
    said.delete(name);
    kept.add(name);
  }

  async function round(signal: AbortSignal): Promise<void> {
    const assignments = await settings.list();
    const now = clock().getTime();
    const all = watchedOf(assignments);
    metrics.show(all, assignments, now);
    const due = all.flatMap((watched) => {
      const within = withinOf(watched.end, now);
      return within === undefined ? [] : [{ watched, within, name: `${nameOf(watched)}.${within}` }];
    });
    const names = new Set(due.map(({ name }) => name));
    for (const name of kept) if (!names.has(name)) kept.delete(name);
    for (const { watched, within, name } of due) {
      if (signal.aborted) return;
      await say(watched, within, now, name);
    }
  }

  return async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      let ms = PAUSE_MS;
      try {
        await round(signal);
      } catch (err) {
        log.error({ err }, 'watching for certificates that expire failed; trying again later');
        ms = RETRY_MS;
      }
      await wait(ms, signal);
    }
  };
}
